"""The push engine whole: the tables of `0002_push_engine.sql`."""

from backend.migrations import run_script

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0002_push_engine.sql")
