"""Remarks and behaviour: `0007_remarks.sql`."""

from backend.migrations import run_script

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0007_remarks.sql")
