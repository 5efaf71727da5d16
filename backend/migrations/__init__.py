"""The one Alembic tree. Migrations run as `diary_owner`; nothing serves as that role."""

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from asyncpg import LockNotAvailableError, PostgresError
from sqlalchemy import Connection, text
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from backend.core.errors import SetupError
from backend.core.revision import needed_revision

# One migration at a time, also when several machines of a release start at once.
_LOCK = text("SELECT pg_advisory_xact_lock(4_815_162_342)")


# Whoever waits for a table holds up all who come after.
_GIVE_WAY = text("SET LOCAL lock_timeout = '10s'")


def run_script(name: str) -> None:
    """Runs an SQL file of `versions/`: for the migrations themselves."""
    script = Path(__file__).parent / "versions" / name
    # A script of several statements needs the driver's simple protocol.
    connection = op.get_bind().connection.dbapi_connection
    assert isinstance(connection, AdaptedConnection)  # noqa: S101 - narrows the type
    connection.run_async(lambda driver: driver.execute(script.read_text(encoding="utf-8")))


def _config() -> Config:
    config = Config()
    # What it takes for the beginning of a name is written twice.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


async def upgrade(url: str) -> None:
    """Brings the database to the newest revision, all or nothing. What a newer release made stays as it is.

    Raises:
        SetupError: somebody holds a table for too long.
    """

    def run(connection: Connection) -> None:
        connection.execute(_LOCK)
        connection.execute(_GIVE_WAY)
        if (MigrationContext.configure(connection).get_current_revision() or "") > needed_revision():
            return
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    except (DBAPIError, PostgresError) as error:
        # A script's own errors come from the driver as they are.
        if getattr(getattr(error, "orig", error), "sqlstate", None) != LockNotAvailableError.sqlstate:
            raise
        raise SetupError(
            "somebody holds a table for over 10 s, a dump perhaps: nothing was changed, try again"
        ) from error
    finally:
        await engine.dispose()
