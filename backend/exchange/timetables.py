"""A timetable that comes over HTTP: whose right it is."""

from datetime import date, datetime
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from backend.exchange.desk import Brought, FileDesk, limits_of
from backend.exchange.problems import Problems
from backend.exchange.tables import Row, read_table
from backend.exchange.timetable import take_plan
from backend.exchange.timetable.columns import TIMETABLE
from backend.identity.acting import Bearer, confirm
from backend.school.school_rights import SchoolAccess, school_to_manage
from schemas.exchange import TimetableImported

# The largest school: a hundred groups with forty lessons a week each, and a few.
_LIMITS = limits_of(6_000)


class TimetableDesk:
    """Takes timetables."""

    def __init__(self, files: FileDesk) -> None:
        self._files = files

    async def admit(self, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, now: datetime) -> None:
        """Turns strangers away before their file is read.

        Raises:
            Unauthenticated, Forbidden: as everywhere (identity/acting.py).
            NotFound: not the administrator or the deputy of the school.
        """
        async with self._files.database.transaction(bearer.account_id) as session:
            await _right(session, bearer, handler, school_id, now)

    async def take(
        self, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, brought: Brought, starts: date | None,
        language: str, now: datetime,
    ) -> TimetableImported:  # fmt: skip
        """Sets the weekly lessons from `starts` on (None: from today), or works out what would become of them. Sent
        twice it changes nothing more.

        Raises:
            NotFound: the right has ended meanwhile.
            FileRefused: with everything that is wrong; nothing was written.
        """
        problems = Problems()

        async def work(session: AsyncSession, rows: list[Row]) -> TimetableImported:
            access = await _right(session, bearer, handler, school_id, now)
            return await take_plan(
                session, rows, brought.name, problems, school_id=school_id, timezone=access.timezone, starts=starts,
                now=now, dry_run=brought.dry_run,
            )  # fmt: skip

        def read() -> list[Row]:
            return read_table(brought.content, brought.name, TIMETABLE, problems, _LIMITS)

        return await self._files.take(bearer, brought, language, read, work)


async def _right(
    session: AsyncSession, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, now: datetime
) -> SchoolAccess:
    acting = await confirm(session, bearer, handler)
    return await school_to_manage(session, acting.account_id, school_id, now)
