"""A timetable that comes over HTTP: whose right it is, and a dry run that leaves nothing."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from sqlalchemy.exc import IntegrityError

from backend.core.db import Database
from backend.exchange.archive import Limits
from backend.exchange.problems import ImportRefused, Problems
from backend.exchange.tables import Row, TableLimits, read_table
from backend.exchange.timetable import take_plan
from backend.exchange.timetable.columns import TIMETABLE
from backend.exchange.transaction import contradiction, import_transaction
from backend.exchange.wording import told
from backend.identity.acting import Bearer, confirm
from backend.school import school_rights
from schemas.exchange import TimetableImported

BODY_LIMIT = 10_000_000
# The largest school: a hundred groups with forty lessons a week each.
_LIMITS = TableLimits(6_000, Limits(BODY_LIMIT, member=24_000_000, total=32_000_000, members=500))


@dataclass(frozen=True, slots=True)
class BroughtTimetable:
    """A timetable as somebody sent it; `starts` None: it holds from today on."""

    school_id: UUID
    content: bytes
    name: str
    starts: date | None
    dry_run: bool


class TimetableDesk:
    """Takes timetables. An import has a transaction of its own, which a dry run rolls back at its end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admit(self, bearer: Bearer, handler: HTTPRouteHandler, school_id: UUID, now: datetime) -> None:
        """Turns strangers away before their file is read.

        Raises:
            Unauthenticated, Forbidden: as everywhere (identity/acting.py).
            NotFound: not the administrator or the deputy of the school.
        """
        async with self._database.transaction(bearer.account_id) as session:
            await confirm(session, bearer, handler)
            await school_rights.school_to_manage(session, bearer.account_id, school_id, now)

    async def take(
        self, bearer: Bearer, handler: HTTPRouteHandler, brought: BroughtTimetable, language: str, now: datetime
    ) -> TimetableImported:
        """Sets the weekly lessons, or works out what would become of them. Sent twice it changes nothing more.

        Raises:
            NotFound: the right has ended meanwhile.
            FileRefused: with everything that is wrong; nothing was written.
        """
        problems = Problems()
        try:
            rows = await asyncio.to_thread(_read, brought, problems)
            async with import_transaction(
                self._database, dry_run=brought.dry_run, account=bearer.account_id
            ) as session:
                await confirm(session, bearer, handler)
                access = await school_rights.school_to_manage(session, bearer.account_id, brought.school_id, now)
                return await take_plan(
                    session, rows, brought.name, problems, school_id=brought.school_id, timezone=access.timezone,
                    starts=brought.starts, now=now, dry_run=brought.dry_run,
                )  # fmt: skip
        except ImportRefused as refused:
            raise told(refused, language) from refused
        except IntegrityError as error:
            raise told(contradiction(brought.name, error), language) from error


def _read(brought: BroughtTimetable, problems: Problems) -> list[Row]:
    return read_table(brought.content, brought.name, TIMETABLE, problems, _LIMITS)
