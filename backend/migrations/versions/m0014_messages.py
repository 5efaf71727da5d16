"""Messages between families and staff: `0014_messages.sql`."""

from backend.migrations import run_script

revision: str = "0014"
down_revision: str | None = "0011"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0014_messages.sql")
