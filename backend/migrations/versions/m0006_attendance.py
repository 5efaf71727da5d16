"""Attendance in depth: `0006_attendance.sql`."""

from backend.migrations import run_script

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0006_attendance.sql")
