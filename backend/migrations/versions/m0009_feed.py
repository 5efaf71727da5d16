"""The feed from another journal: `0009_feed.sql`."""

from backend.migrations import run_script

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0009_feed.sql")
