"""Whom families write to about an event: `0020_event_contacts.sql`."""

from backend.migrations import run_script

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0020_event_contacts.sql")
