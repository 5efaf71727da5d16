"""Files that come over HTTP: read aside, imported in a transaction of their own, refused in the caller's language."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from anyio import CapacityLimiter
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.exchange.archive import Limits
from backend.exchange.problems import ImportRefused
from backend.exchange.tables import TableLimits
from backend.exchange.transaction import contradiction, import_transaction
from backend.exchange.wording import told
from backend.identity.acting import Bearer

T = TypeVar("T")
Answer = TypeVar("Answer")

BODY_LIMIT = 10_000_000


def limits_of(rows: int) -> TableLimits:
    """No more memory than the API's machine has to spare: 5,000 rows are 8 MB of XML."""
    return TableLimits(rows, Limits(BODY_LIMIT, member=24_000_000, total=32_000_000, members=500))


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as somebody sent it."""

    content: bytes
    name: str
    dry_run: bool


class FileDesk:
    """Takes files. An import has a transaction of its own, which a dry run rolls back at its end.

    A workbook is large once it is open, so a process takes one file after another; the next one waits here and holds
    no connection meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._one_at_a_time = CapacityLimiter(1)

    async def take(
        self, bearer: Bearer, brought: Brought, language: str, read: Callable[[], T],
        work: Callable[[AsyncSession, T], Awaitable[Answer]],
    ) -> Answer:  # fmt: skip
        """Reads the file in a thread, and does the work with what it holds.

        Raises:
            FileRefused: with everything that is wrong; nothing was written.
        """
        async with self._one_at_a_time:
            try:
                rows = await asyncio.to_thread(read)
                async with import_transaction(
                    self.database, dry_run=brought.dry_run, account=bearer.account_id
                ) as session:
                    return await work(session, rows)
            except ImportRefused as refused:
                raise told(refused, language) from refused
            except IntegrityError as error:
                raise told(contradiction(brought.name, error), language) from error
