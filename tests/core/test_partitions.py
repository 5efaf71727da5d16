"""A partition cannot be reached by its own name: the parent's walls would not hold there."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.db import Database
from backend.core.settings import Settings
from tests.world import World


async def partitions(database: Database) -> list[str]:
    listed = text(
        "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class c ON c.oid = inhparent AND relkind = 'p'"
    )
    async with database.transaction() as session:
        return list((await session.execute(listed)).scalars())


async def test_neither_role_reaches_a_partition(world: World, settings: Settings) -> None:
    found = await partitions(world.database)
    assert len(found) >= 15
    push = Database(settings.push_database_url, pool=1)
    for database in (world.database, push):
        for partition in found:
            for statement in ("SELECT 1 FROM {}", "DELETE FROM {}", "UPDATE {} SET school_id = school_id"):
                with pytest.raises(DBAPIError, match=r"permission denied|does not exist"):
                    async with database.transaction() as session:
                        await session.execute(text(statement.format(partition)))
    await push.close()


async def test_partitions_made_later_are_no_exception(world: World) -> None:
    async with world.database.transaction() as session:
        await session.execute(text("SELECT ensure_partitions('2027-08-01', '2027-09-30')"))
        await session.execute(text("SELECT ensure_partitions('2027-08-01', '2027-09-30')"))
    with pytest.raises(DBAPIError, match="permission denied"):
        async with world.database.transaction() as session:
            await session.execute(text("UPDATE mark_version_202709 SET value = '5'"))
