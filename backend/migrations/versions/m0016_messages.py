"""Messages between families and staff: `0016_messages.sql`."""

from backend.migrations import run_script

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0016_messages.sql")
