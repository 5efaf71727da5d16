"""SQL of the hot path, run on the driver itself: the same round trips, without what SQLAlchemy does around each."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncSession

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"


# For transactions that run the SQL of the hot path. Its plans are kept, and the first are made while the queue tables
# are empty, when reading all of a table looks cheapest; 100,000 rows later it takes twice as long
# (docs/decisions/0012-hot-path.md). A plan that has to read all of some table looks so dear that it would be compiled.
PLANNER: Mapping[str, str] = {"enable_seqscan": "off", "jit": "off"}


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
