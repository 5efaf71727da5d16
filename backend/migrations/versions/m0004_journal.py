"""The journal in depth: `0004_journal.sql`."""

from backend.migrations import run_script

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0004_journal.sql")
