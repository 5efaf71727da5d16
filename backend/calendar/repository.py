"""The SQL of calendars: who has which, and the rooms' published reads composed for all children at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.calendar.models import CalendarFeed
from backend.core.reads import Read
from backend.homework.repository import homework_of_child
from backend.journal.work_reads import works_of_child
from backend.school.models import Membership
from backend.timetable.repository import lessons_of_child


@dataclass(frozen=True)
class Found:
    """Whose an address is."""

    id: UUID
    account_id: UUID
    child_id: UUID | None


_BY_DIGEST = text("SELECT * FROM calendar_by_digest(:digest)")


async def by_digest(session: AsyncSession, digest: bytes) -> Found | None:
    """The calendar of a secret, unless it was revoked. Nobody needs to be acting."""
    row = (await session.execute(_BY_DIGEST, {"digest": digest})).mappings().first()
    return Found(**row) if row else None


async def note_read(session: AsyncSession, feed_id: UUID, now: datetime) -> bool:
    """Notes that it was read. False: it was revoked meanwhile."""
    statement = update(CalendarFeed).where(col(CalendarFeed.id) == feed_id, col(CalendarFeed.revoked_at).is_(None))
    noted = await session.execute(statement.values(last_read_at=now).returning(col(CalendarFeed.id)))
    return noted.scalar() is not None


async def live(session: AsyncSession, account_id: UUID) -> list[CalendarFeed]:
    """The calendars of an account that open something."""
    statement = select(CalendarFeed).where(
        col(CalendarFeed.account_id) == account_id, col(CalendarFeed.revoked_at).is_(None)
    )
    return list((await session.execute(statement.order_by(col(CalendarFeed.id)))).scalars())


async def revoke(session: AsyncSession, account_id: UUID, feed_id: UUID, now: datetime) -> bool:
    """False: the account has no such calendar that still opens something."""
    statement = update(CalendarFeed).where(
        col(CalendarFeed.id) == feed_id,
        col(CalendarFeed.account_id) == account_id,
        col(CalendarFeed.revoked_at).is_(None),
    )
    revoked = await session.execute(statement.values(revoked_at=now).returning(col(CalendarFeed.id)))
    return revoked.scalar() is not None


async def lessons(session: AsyncSession, children: Sequence[UUID], first: date, last: date) -> list[dict[str, Any]]:
    """Lessons of several children, each with its `child_id`."""
    return await _of_each(session, lessons_of_child(_any(children), first, last))


async def homework(session: AsyncSession, children: Sequence[UUID], first: date, last: date) -> list[dict[str, Any]]:
    """What several children have to do, likewise."""
    return await _of_each(session, homework_of_child(_any(children), first, last))


async def works(
    session: AsyncSession, children: Sequence[UUID], first: date, last: date, kinds: Sequence[str]
) -> list[dict[str, Any]]:
    """Works of some kinds given to several children, likewise."""
    return await _of_each(session, works_of_child(_any(children), first, last, kinds))


def _any(children: Sequence[UUID]) -> Any:
    return any_(literal(list(children), ARRAY(Uuid)))


async def _of_each(session: AsyncSession, read: Read) -> list[dict[str, Any]]:
    """A read of a child's groups, asked for several children by one statement."""
    statement = read.add_columns(col(Membership.student_id).label("child_id"))
    return [dict(row) for row in (await session.execute(statement)).mappings()]
