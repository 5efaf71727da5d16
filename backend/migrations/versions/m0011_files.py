"""Files that people attach: `0011_files.sql`."""

from backend.migrations import run_script

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0011_files.sql")
