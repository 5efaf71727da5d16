"""What a school tells its families, signed weeks, answers to remarks: `0015_board.sql`."""

from backend.migrations import run_script

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0015_board.sql")
