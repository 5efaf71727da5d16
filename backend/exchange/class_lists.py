"""A class list that comes over HTTP: whose right it is, and once for one Idempotency-Key."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.idempotency import once
from backend.core.settings import Keys
from backend.exchange.desk import Brought, FileDesk, limits_of
from backend.exchange.report import ImportReport
from backend.exchange.roster import ListRows, OwnClasses, take_rows
from backend.identity.acting import Bearer, confirm
from backend.school.list_rights import ClassesAccess, classes_to_speak_for
from schemas.exchange import ClassListImported, ImportCount, ImportedAccount

# For the largest school.
_LIMITS = limits_of(5_000)


class _Asked(msgspec.Struct):
    """What makes a repeated request the same one."""

    digest: str
    dry_run: bool


class ClassListDesk:
    """Takes class lists."""

    def __init__(self, files: FileDesk, keys: Keys) -> None:
        self._files = files
        self._keys = keys

    async def admit(self, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, now: datetime) -> None:
        """Turns strangers away before their file is read.

        Raises:
            Unauthenticated, Forbidden: as everywhere (identity/acting.py).
            NotFound: not the administrator, the deputy or a class teacher of the school.
        """
        async with self._files.database.transaction(bearer.account_id) as session:
            await _right(session, bearer, handler, school_id, now)

    async def take(
        self, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, brought: Brought, key: str | None,
        language: str, now: datetime,
    ) -> ClassListImported:  # fmt: skip
        """Imports the list, or works out what it would do.

        Raises:
            NotFound: the right has ended meanwhile.
            Conflict: the key was used for another list.
            FileRefused: with everything that is wrong; nothing was written.
        """

        async def work(session: AsyncSession, rows: ListRows) -> ClassListImported:
            access = await _right(session, bearer, handler, school_id, now)
            return await self._once(session, bearer.account_id, access, brought, rows, key, now)

        def read() -> ListRows:
            return ListRows.read(brought.content, brought.name, _LIMITS)

        return await self._files.take(bearer, brought, language, read, work)

    async def _once(
        self,
        session: AsyncSession,
        account_id: UUID,
        access: ClassesAccess,
        brought: Brought,
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
) -> ClassesAccess:
    acting = await confirm(session, bearer, handler)
    return await classes_to_speak_for(session, acting.account_id, school_id, now)


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
