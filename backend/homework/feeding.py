"""Homework as another journal sends it: many in a few statements."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.clock import school_date
from backend.core.versions import touch
from backend.homework.models import Homework
from backend.homework.service import new_homework, tell, thread_of
from backend.school import repository as school
from backend.timetable.repository import LessonInSchool
from push import outbox
from schemas.homework import GiveHomework

Wish = tuple[LessonInSchool, UUID | None, GiveHomework]


async def homework(session: AsyncSession, ids: Sequence[UUID], school_id: UUID) -> dict[UUID, Homework]:
    """Published read: those of these that are the school's, locked in one order for all."""
    statement = select(Homework).where(col(Homework.id).in_(ids), col(Homework.school_id) == school_id)
    found = (await session.execute(statement.order_by(col(Homework.id)).with_for_update())).scalars()
    return {item.id: item for item in found}


def differs(known: Homework, wish: GiveHomework) -> bool:
    """Whether the wish changes the homework."""
    return _tells(known, wish) or (known.mandatory, known.minutes) != (wish.mandatory, wish.minutes)


async def add_homework(
    session: AsyncSession, wishes: Sequence[Wish], today: date, now: datetime, *, silent: bool
) -> list[Homework]:
    """Gives homework at lessons, each by an author (None: the system), and tells the families unless silent."""
    fresh = [new_homework(lesson, author, wish, now) for lesson, author, wish in wishes]
    session.add_all(fresh)
    await session.flush()
    lessons = [lesson for lesson, _, _ in wishes]
    touch(session, (lesson.group_id for lesson in lessons))
    if fresh and not silent:
        await tell(session, list(zip(lessons, fresh, strict=True)), today, now)
    return fresh


async def change_homework(
    session: AsyncSession, changes: Sequence[tuple[Homework, Wish]], today: date, now: datetime, *, silent: bool
) -> None:
    """Changes homework that is held. Another text or date is told; the rest is no event (DOMAIN.md section 9)."""
    told = [(wish[0], known) for known, wish in changes if _tells(known, wish[2])]
    for known, (lesson, author, wish) in changes:
        known.due_on, known.body, known.mandatory, known.minutes = wish.due_on, wish.text, wish.mandatory, wish.minutes
        known.set_by = author
        touch(session, [lesson.group_id])
    await session.flush()
    if told and not silent:
        await tell(session, told, today, now)


async def remove_homework(
    session: AsyncSession, known: Sequence[tuple[LessonInSchool, Homework]], now: datetime
) -> None:
    """Removes homework, and takes back what was said of what is still to be done."""
    await session.execute(delete(Homework).where(col(Homework.id).in_([item.id for _, item in known])))
    for lesson, item in known:
        touch(session, [lesson.group_id])
        today, told_on = school_date(now, lesson.timezone), school_date(item.created_at, lesson.timezone)
        if item.due_on < today:
            continue
        for child in sorted(await school.member_ids(session, lesson.group_id, max(lesson.day, told_on))):
            for day in sorted({told_on, today}):
                await outbox.withdraw(session, thread_of(child, day), str(item.id), now)


def _tells(known: Homework, wish: GiveHomework) -> bool:
    return (known.due_on, known.body) != (wish.due_on, wish.text)
