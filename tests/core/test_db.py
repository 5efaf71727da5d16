"""Transactions, roles and the second wall."""

import contextlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.db import CommitFailed, Database
from backend.core.settings import Settings
from tests.world import World


@pytest.mark.parametrize("role", ["database_url", "push_database_url", "owner_database_url"])
async def test_nothing_serves_as_superuser(settings: Settings, role: str) -> None:
    database = Database(getattr(settings, role), pool=1)
    async with database.transaction() as session:
        statement = text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert tuple((await session.execute(statement)).one()) == (False, False)
    await database.close()


async def test_a_swallowed_error_does_not_pass_as_a_commit(database: Database) -> None:
    with pytest.raises(CommitFailed):
        async with database.transaction() as session:
            with contextlib.suppress(DBAPIError):
                await session.execute(text("SELECT 1 / 0"))


async def test_the_acting_account_ends_with_its_transaction(world: World) -> None:
    acting = text("SELECT acting_account()")
    async with world.database.transaction(world.mother.id) as session:
        assert (await session.execute(acting)).scalar() == world.mother.id
    for _ in range(5):
        async with world.database.transaction() as session:
            assert (await session.execute(acting)).scalar() is None


async def test_an_account_reads_its_own_alerts_whatever_the_query_asks(world: World) -> None:
    await world.set_mark("5")
    everything = text("SELECT DISTINCT account_id FROM alert")
    async with world.database.transaction(world.mother.id) as session:
        assert list((await session.execute(everything)).scalars()) == [world.mother.id]
    async with world.database.transaction() as session:
        assert list((await session.execute(everything)).scalars()) == []


@pytest.mark.parametrize("table", ["mark_version", "attendance_version", "alert", "delivery", "alert_withdrawn"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET school_id = school_id"])
async def test_facts_cannot_be_rewritten(database: Database, table: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|does not exist"):
        async with database.transaction() as session:
            await session.execute(text(statement.format(table)))


async def test_the_push_role_sees_no_school(settings: Settings) -> None:
    push = Database(settings.push_database_url, pool=1)
    for table in ("student", "mark_version", "account", "guardianship", "auth_session"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with push.transaction() as session:
                await session.execute(text(f"SELECT * FROM {table}"))
    await push.close()
