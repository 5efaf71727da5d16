"""Outgoing mail and support requests: `0017_support.sql`."""

from backend.migrations import run_script

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0017_support.sql")
