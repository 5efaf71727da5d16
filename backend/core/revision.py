"""Which state the tables are in, and which one this code needs."""

from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.core.db import Database

_VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"
_CURRENT = text("SELECT max(version_num) FROM alembic_version")


@cache
def needed_revision() -> str:
    """The newest migration's number. Alembic tells the same, for 8 MB of every process."""
    return max(path.name[:4] for path in _VERSIONS.glob("[0-9]*.sql"))


async def current_revision(database: Database) -> str:
    """The number of the last migration that was made; empty where none was, or none from which this role may read.

    Raises:
        SetupError: the database cannot be reached.
    """
    try:
        async with database.looking() as connection:
            return str((await connection.execute(_CURRENT)).scalar_one() or "")
    except ProgrammingError:
        return ""


def is_behind(current: str) -> bool:
    """Newer tables serve older code as well: migrations only add."""
    return current < needed_revision()
