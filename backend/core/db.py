"""PostgreSQL: one transaction per use case, opened with the acting account, closed by a checked COMMIT."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from backend.core.errors import SetupError
from backend.core.versions import write_touched
from push.inbox import TRANSACTION_LIMIT
from push.statements import Planner

# What to do after a commit, with what the use cases left in `session.info`.
AfterCommit = Callable[[Mapping[str, Any]], Awaitable[None]]


LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_LIMIT_MS = int(TRANSACTION_LIMIT.total_seconds() * 1000)


_ANSWERS_WITHIN = 5.0


class CommitFailed(Exception):
    """PostgreSQL answered COMMIT with a rollback: an error inside the transaction was swallowed."""


class Database:
    """A pool of connections of one database role.

    SQLAlchemy is told AUTOCOMMIT and never begins by itself: BEGIN travels together with the acting
    account in one round trip (docs/decisions/0003-transactions.md).

    Args:
        pool: connections at most.
        name: what PostgreSQL shows for them.
        after_commit: what to do with what a use case left in `session.info`.
        planner: how PostgreSQL is to plan.
    """

    def __init__(
        self,
        url: str,
        *,
        pool: int = 10,
        name: str = "diary",
        after_commit: AfterCommit | None = None,
        planner: Planner | None = None,
    ) -> None:
        self._after_commit = after_commit
        # With BEGIN and not as the connection is made: a pooler between us and PostgreSQL would refuse it.
        settings = planner.settings.items() if planner is not None else ()
        self._begin = "; ".join(["BEGIN", *(f"SET LOCAL {name} = {value}" for name, value in settings)])
        self._plans_kept = planner.kept if planner is not None else None
        self.engine: AsyncEngine = create_async_engine(
            url,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            pool_reset_on_return=None,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=10,
            connect_args={"server_settings": {"application_name": name}, "timeout": 10},
        )

    @asynccontextmanager
    async def transaction(self, account: UUID | None = None) -> AsyncIterator[AsyncSession]:
        """Opens a transaction acting as `account`, commits it at the end, rolls back on any error.

        Only once it is safely committed what was left in `session.info` is acted upon.

        Raises:
            CommitFailed: nothing was saved although nothing raised.
        """
        async with self.engine.connect() as connection:
            driver = await _begin(connection, self._beginning(connection, account))
            try:
                async with AsyncSession(bind=connection, expire_on_commit=False) as session:
                    yield session
                    await session.flush()
                    await write_touched(session)
                    left = dict(session.info)
                if await driver.execute("COMMIT") != "COMMIT":
                    raise CommitFailed
            except BaseException:
                await asyncio.shield(_roll_back(connection, driver))
                raise
        if left and self._after_commit is not None:
            await self._after_commit(left)

    def _beginning(self, connection: AsyncConnection, account: UUID | None) -> str:
        """What a transaction begins with, as SQL."""
        beginning = self._begin if account is None else f"{self._begin}; {acting_as(account)}"
        if self._plans_kept is None:
            return beginning
        begun = connection.info["begun"] = connection.info.get("begun", 0) + 1
        return beginning if begun % self._plans_kept else f"{beginning}; DISCARD PLANS"

    async def whoami(self) -> tuple[str, str]:
        """The role that is signed in, and the server's version. Raises SetupError, with the reason, where the server
        is not reachable."""
        async with self.looking() as connection:
            row = (await connection.execute(text("SELECT current_user, current_setting('server_version')"))).one()
            return str(row[0]), str(row[1])

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncConnection]:
        """A connection for a look from outside of the use cases. Raises SetupError, with the reason in a line, where
        the server does not answer in 5 seconds."""
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN), self.engine.connect() as connection:
                yield connection
        except ProgrammingError:
            raise
        except (OSError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, TypeError) as error:
            reason = (str(error) or "no answer").splitlines()[0]
            raise SetupError(f"{describe(self.engine.url.render_as_string())}: {reason}") from error

    async def close(self) -> None:
        await self.engine.dispose()


@asynccontextmanager
async def one_transaction(url: str, name: str) -> AsyncIterator[AsyncSession]:
    """A transaction on a connection of its own, for a command that does one thing and ends."""
    database = Database(url, pool=1, name=name)
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.close()


def plain_url(url: str) -> str:
    """A database URL as asyncpg itself and other drivers take it."""
    parsed = make_url(url)
    query = {("sslmode" if name == "ssl" else name): found for name, found in parsed.query.items()}
    return parsed.set(drivername="postgresql", query=query).render_as_string(hide_password=False)


def describe(url: str) -> str:
    """A database URL fit for an error message: where it points, without a password."""
    parsed = make_url(url)
    host = parsed.query.get("host", parsed.host or "localhost")
    return f"PostgreSQL {parsed.username}@{host}/{parsed.database}"


def acting_as(account: UUID) -> str:
    """The settings of a transaction that acts as an account, as SQL."""
    # A UUID prints as hex and hyphens only, so it cannot carry SQL. Requests end in time, or are ended: the sync of
    # the inbox relies on it (push/inbox.py).
    return f"SET LOCAL app.account = '{account!s}'; SET LOCAL transaction_timeout = '{_LIMIT_MS}'"


async def _begin(connection: AsyncConnection, statement: str) -> asyncpg.Connection:
    """Begins on the driver's connection. One that the server closed meanwhile is replaced, once: nothing has
    been done on it yet."""
    try:
        driver = await _driver(connection)
        await driver.execute(statement)
    except LOST:
        await connection.invalidate()
        driver = await _driver(connection)
        await driver.execute(statement)
    except BaseException:
        # Cancelled under way: whether it has begun nobody knows.
        await asyncio.shield(connection.invalidate())
        raise
    return driver


async def _driver(connection: AsyncConnection) -> asyncpg.Connection:
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, asyncpg.Connection)  # noqa: S101 - narrows the type
    return driver


async def _roll_back(connection: AsyncConnection, driver: asyncpg.Connection) -> None:
    try:
        await driver.execute("ROLLBACK")
    except Exception:
        # Whatever it was: nobody knows what state the connection is in, so nobody uses it again. The
        # error that led here is the one to tell.
        await connection.invalidate()
