"""Notices reach as far ahead as lessons do: `0022_notice_horizon.sql`."""

from backend.migrations import run_script

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0022_notice_horizon.sql")
