"""Trays are found by their person: `0019_tray_account.sql`."""

from backend.migrations import run_script

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0019_tray_account.sql")
