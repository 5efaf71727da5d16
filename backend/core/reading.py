"""Connections for the few reads that must be fast: on the driver itself, without a session around them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias, TypeVar
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from backend.core.db import LOST, acting_as, plain_url

# Seconds until somebody hears that all connections are taken.
_PATIENCE = 10
T = TypeVar("T")
Reader: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"


class Readers:
    """A small pool of one role's connections. What is asked here was composed once and is prepared by the driver.

    Args:
        pool: how many connections at most, beside those of `Database`.
    """

    def __init__(self, url: str, *, pool: int, name: str) -> None:
        self._url, self._size, self._name = plain_url(url), pool, name
        self._opening = asyncio.Lock()
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def ask(self, question: Callable[[Reader], Awaitable[T]]) -> T:
        """One statement, which is a transaction of its own: asked without a BEGIN and a COMMIT around it."""
        pool = self._pool or await self._open()
        try:
            async with _connection(pool) as connection:
                return await question(connection)
        except LOST:
            # The server closed it meanwhile. A question changes nothing, so it may be asked once more.
            await pool.expire_connections()
            async with _connection(pool) as connection:
                return await question(connection)

    @asynccontextmanager
    async def transaction(self, account: UUID) -> AsyncIterator[Reader]:
        """A read-only transaction acting as `account`."""
        pool = self._pool or await self._open()
        async with _connection(pool) as connection:
            # Planning such a statement anew takes four times as long as running it. And JSON that PostgreSQL writes
            # spells moments in the session's zone.
            settings = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL timezone = 'UTC'"
            try:
                await connection.execute(f"BEGIN READ ONLY; {acting_as(account)}; {settings}")
                yield connection
                await connection.execute("COMMIT")
            except asyncio.CancelledError:
                # Whoever is cancelled may not wait for anything more, also not for a rollback.
                connection.terminate()
                raise
            except BaseException:
                await asyncio.shield(_roll_back(connection))
                raise

    async def _open(self) -> "asyncpg.Pool[asyncpg.Record]":
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url, min_size=0, max_size=self._size, reset=_keep, timeout=10,
                    server_settings={"application_name": self._name},
                )  # fmt: skip
            return self._pool

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


@asynccontextmanager
async def _connection(pool: "asyncpg.Pool[asyncpg.Record]") -> AsyncIterator[Reader]:
    # The pool's own timeout would make a task of each request.
    async with asyncio.timeout(_PATIENCE):
        connection = await pool.acquire()
    try:
        yield connection
    finally:
        await pool.release(connection)


async def _keep(_: object) -> None:
    """Transactions leave nothing behind (SET LOCAL), so nothing needs to be reset: asyncpg's own asks the server."""


async def _roll_back(connection: Reader) -> None:
    try:
        await connection.execute("ROLLBACK")
    except Exception:
        # Nobody knows what state it is in, so nobody uses it again. The error that led here is the one to tell.
        connection.terminate()
