"""What an absence comes to, as a table: `0018_code_with_excuse.sql`."""

from backend.migrations import run_script

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0018_code_with_excuse.sql")
