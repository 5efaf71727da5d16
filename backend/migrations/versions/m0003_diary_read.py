"""What a diary read needs: `0003_diary_read.sql`."""

from backend.migrations import run_script

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0003_diary_read.sql")
