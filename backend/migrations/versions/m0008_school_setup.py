"""A school's year set up over HTTP: `0008_school_setup.sql`."""

from backend.migrations import run_script

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0008_school_setup.sql")
