"""The first slice: the tables of `0001_first_slice.sql`.

There is no downgrade: a diary's data is restored from a backup, never undone by a script
(docs/install.md).
"""

from pathlib import Path

from alembic import op
from sqlalchemy.engine import AdaptedConnection

revision: str = "0001"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    script = Path(__file__).with_name("0001_first_slice.sql").read_text(encoding="utf-8")
    # A script of several statements needs the driver's simple protocol.
    connection = op.get_bind().connection.dbapi_connection
    assert isinstance(connection, AdaptedConnection)  # noqa: S101 - narrows the type
    connection.run_async(lambda driver: driver.execute(script))
