"""Meetings: `0013_meetings.sql`."""

from backend.migrations import run_script

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0013_meetings.sql")
