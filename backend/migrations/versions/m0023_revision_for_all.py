"""Processes may see the revision: `0023_revision_for_all.sql`."""

from backend.migrations import run_script

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0023_revision_for_all.sql")
