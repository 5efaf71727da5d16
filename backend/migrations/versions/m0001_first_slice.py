"""The first slice: the tables of `0001_first_slice.sql`.

There is no downgrade: a diary's data is restored from a backup, never undone by a script
(docs/install.md).
"""

from backend.migrations import run_script

revision: str = "0001"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    run_script("0001_first_slice.sql")
