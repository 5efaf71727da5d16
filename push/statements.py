"""SQL of the hot path, run on the driver itself: the same round trips, without what SQLAlchemy does around each."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncSession

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"


class Planner(NamedTuple):
    """How PostgreSQL is to plan: its own settings by name, and after how many transactions of a connection it plans
    anew."""

    settings: Mapping[str, str]
    kept: int


# For transactions that run the SQL of the hot path (docs/decisions/0012-hot-path.md). Plans are kept, for making them
# takes longer than running them. But those that are made while the queue is empty may read all of a table for each row
# of a batch: of no rows that is as cheap as any other way. So they are made anew before the queue can have grown much.
# Whole reads and the sorting of a whole queue look cheap for longer: they are not wanted where there is an index. What
# has to be read whole then looks so dear that it would be compiled.
PLANNER = Planner(
    {
        "enable_seqscan": "off",
        "enable_bitmapscan": "off",
        "enable_mergejoin": "off",
        "jit": "off",
        "plan_cache_mode": "force_generic_plan",
    },
    kept=20,
)


class Statement:
    """SQL with named parameters (`:name`), compiled once; runs in the session's transaction.

    Errors are asyncpg's own.
    """

    def __init__(self, sql: str) -> None:
        compiled = text(sql).compile(dialect=dialect())  # type: ignore[no-untyped-call]
        self._sql = compiled.string
        self._names: list[str] = list(compiled.positiontup or ())

    async def on(self, driver: "Driver", values: Mapping[str, Any]) -> list[asyncpg.Record]:
        """Runs on a connection of the driver that somebody else opened."""
        found: list[asyncpg.Record] = await driver.fetch(self._sql, *[values[name] for name in self._names])
        return found

    async def rows(self, session: AsyncSession, values: Mapping[str, Any]) -> list[asyncpg.Record]:
        connection = await session.connection()
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, asyncpg.Connection)  # noqa: S101 - narrows the type
        return await self.on(driver, values)
