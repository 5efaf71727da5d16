"""A class list that comes over HTTP: whose right it is, and once for one Idempotency-Key."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from anyio import CapacityLimiter
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.idempotency import once
from backend.core.settings import Keys
from backend.exchange.archive import Limits
from backend.exchange.problems import ImportRefused
from backend.exchange.report import ImportReport
from backend.exchange.roster import ListRows, OwnClasses, take_rows
from backend.exchange.tables import TableLimits
from backend.exchange.transaction import contradiction, import_transaction
from backend.exchange.wording import told
from backend.identity.acting import Bearer, confirm
from backend.school.list_rights import ListsAccess, class_lists_to_bring
from schemas.exchange import ClassListImported, ImportCount, ImportedAccount

BODY_LIMIT = 10_000_000
# Rows for the largest school, and no more memory than the API's machine has to spare: 5,000 rows are 8 MB of XML.
_LIMITS = TableLimits(5_000, Limits(BODY_LIMIT, member=24_000_000, total=32_000_000, members=500))


@dataclass(frozen=True, slots=True)
class BroughtList:
    """A class list as somebody sent it."""

    school_id: UUID
    content: bytes
    name: str
    dry_run: bool


class _Asked(msgspec.Struct):
    """What makes a repeated request the same one."""

    digest: str
    dry_run: bool


class ClassListDesk:
    """Takes class lists. An import has a transaction of its own, which a dry run rolls back at its end.

    A workbook is large once it is open, so a process takes one list after another; the next one waits here
    and holds no connection meanwhile.
    """

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys
        self._one_at_a_time = CapacityLimiter(1)

    async def admit(self, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, now: datetime) -> None:
        """Turns strangers away before their file is read.

        Raises:
            Unauthenticated, Forbidden: as everywhere (identity/acting.py).
            NotFound: not the administrator, the deputy or a class teacher of the school.
        """
        async with self._database.transaction(bearer.account_id) as session:
            await _right(session, bearer, handler, school_id, now)

    async def take(
        self,
        bearer: Bearer,
        handler: HTTPRouteHandler,
        brought: BroughtList,
        key: str | None,
        language: str,
        now: datetime,
    ) -> ClassListImported:
        """Imports the list, or works out what it would do.

        Raises:
            NotFound: the right has ended meanwhile.
            Conflict: the key was used for another list.
            FileRefused: with everything that is wrong; nothing was written.
        """
        async with self._one_at_a_time:
            try:
                rows = await asyncio.to_thread(ListRows.read, brought.content, brought.name, _LIMITS)
                async with import_transaction(
                    self._database, dry_run=brought.dry_run, account=bearer.account_id
                ) as session:
                    access = await _right(session, bearer, handler, brought.school_id, now)
                    return await self._once(session, bearer.account_id, access, brought, rows, key, now)
            except ImportRefused as refused:
                raise told(refused, language) from refused
            except IntegrityError as error:
                raise told(contradiction(brought.name, error), language) from error

    async def _once(
        self,
        session: AsyncSession,
        account_id: UUID,
        access: ListsAccess,
        brought: BroughtList,
        rows: ListRows,
        key: str | None,
        now: datetime,
    ) -> ClassListImported:
        own = None if access.whole_school else OwnClasses(account_id, access.led)
        asked = _Asked(hashlib.sha256(brought.content).hexdigest(), brought.dry_run)

        async def work() -> ClassListImported:
            return _answer(
                await take_rows(
                    session, self._keys, rows, school_id=access.school_id, now=now, own=own, dry_run=brought.dry_run
                )
            )

        name = f"importClassList/{access.school_id}"
        return await once(session, account_id, name, key, asked, ClassListImported, now, work)


async def _right(
    session: AsyncSession, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, now: datetime
) -> ListsAccess:
    acting = await confirm(session, bearer, handler)
    return await class_lists_to_bring(session, acting.account_id, school_id, now)


def _answer(report: ImportReport) -> ClassListImported:
    return ClassListImported(
        dry_run=report.dry_run,
        changed=report.changed,
        counts=[
            ImportCount(
                kind=kind.replace("_", "-"),
                created=count.created,
                updated=count.updated,
                ended=count.ended,
                unchanged=count.unchanged,
            )
            for kind, count in report.counts.items()
        ],
        accounts=[
            msgspec.convert({"login": made.login, "role": made.role, "name": made.display_name}, ImportedAccount)
            for made in report.accounts
        ],
        warnings=report.warnings,
        warnings_total=report.warnings_total,
    )
