"""The timetable: `0005_timetable.sql`."""

from backend.migrations import run_script

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0005_timetable.sql")
