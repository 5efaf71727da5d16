"""The one Alembic tree. Migrations run as `diary_owner`; nothing serves as that role."""

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.ext.asyncio import create_async_engine

# One migration at a time, also when several machines of a release start at once.
_LOCK = text("SELECT pg_advisory_xact_lock(4_815_162_342)")


def run_script(name: str) -> None:
    """Runs an SQL file of `versions/`: for the migrations themselves."""
    script = Path(__file__).parent / "versions" / name
    # A script of several statements needs the driver's simple protocol.
    connection = op.get_bind().connection.dbapi_connection
    assert isinstance(connection, AdaptedConnection)  # noqa: S101 - narrows the type
    connection.run_async(lambda driver: driver.execute(script.read_text(encoding="utf-8")))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def newest_revision() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return head or ""


async def current_revision(url: str) -> str:
    """The revision that the database is at; empty for a database without one."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision() or "")
    finally:
        await engine.dispose()


async def upgrade(url: str) -> None:
    """Brings the database to the newest revision, all or nothing."""

    def run(connection: Connection) -> None:
        connection.execute(_LOCK)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()
