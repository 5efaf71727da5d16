"""What a lesson was moved from is found: `0021_lesson_moved.sql`."""

from backend.migrations import run_script

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0021_lesson_moved.sql")
