"""Homework as another journal sends it: many in a few statements."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.versions import touch
from backend.homework import repository, rules, telling
from backend.homework.models import Homework
from backend.homework.service import new_homework, take_away
from backend.homework.telling import Told
from backend.timetable.repository import LessonInSchool
from schemas.alerts import HomeworkChanged
from schemas.homework import GiveHomework

Wish = tuple[LessonInSchool, UUID | None, GiveHomework]


async def homework(session: AsyncSession, ids: Sequence[UUID], school_id: UUID) -> dict[UUID, Homework]:
    """Published read: those of these that stand and are the school's, locked in one order for all."""
    statement = select(Homework).where(
        col(Homework.id).in_(ids), col(Homework.school_id) == school_id, repository.STANDING
    )
    found = (await session.execute(statement.order_by(col(Homework.id)).with_for_update())).scalars()
    return {item.id: item for item in found}


def differs(known: Homework, wish: GiveHomework) -> bool:
    """Whether the wish changes the homework."""
    return bool(_changed(known, wish))


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
        await telling.tell(session, [Told(*pair) for pair in zip(lessons, fresh, strict=True)], today, now)
    return fresh


async def change_homework(
    session: AsyncSession, changes: Sequence[tuple[Homework, Wish]], today: date, now: datetime, *, silent: bool
) -> None:
    """Changes homework that is held. Another text or date is told; the rest is no event (DOMAIN.md section 9)."""
    told = []
    for known, (lesson, author, wish) in changes:
        changed = _changed(known, wish)
        if rules.is_told(changed):
            told.append(Told(lesson, known))
        for name, value in changed.items():
            setattr(known, name, value)
        known.set_by, known.version, known.edited_at = author, known.version + 1, now
        touch(session, [lesson.group_id])
    await session.flush()
    if told and not silent:
        await telling.tell(session, told, today, now, HomeworkChanged)


async def remove_homework(
    session: AsyncSession, known: Sequence[tuple[LessonInSchool, Homework]], now: datetime
) -> None:
    """Removes homework, and takes back what was said of what is still to be done."""
    for lesson, item in known:
        await take_away(session, lesson, item, now)


def _changed(known: Homework, wish: GiveHomework) -> dict[str, object]:
    """What another journal says otherwise, by column. It knows of no links and files."""
    wanted = {"due_on": wish.due_on, "body": wish.text, "mandatory": wish.mandatory, "minutes": wish.minutes}
    return {name: value for name, value in wanted.items() if value != getattr(known, name)}
