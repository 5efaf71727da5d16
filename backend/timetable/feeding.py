"""Lessons as another journal sends them: many in a few statements. What may be written its caller has decided."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.versions import touch
from backend.identity.roster import add_rows
from backend.timetable.models import Lesson
from backend.timetable.repository import LessonInSchool, in_school

Place = tuple[UUID, date, int]

_COLUMNS = ("group_id", "subject_id", "teacher_id", "day", "number", "starts_at", "ends_at", "room", "topic", "state")
# What the school changed by date gives way to what the other journal says.
_CHANGE = "({}) = (excluded.{}), (moved_to, replaces_teacher_id, replaces_subject_id) = (NULL, NULL, NULL)".format(
    ", ".join(_COLUMNS), ", excluded.".join(_COLUMNS)
)
_PLACES = text("""
    SELECT l.group_id, l.day, l.number, l.id
      FROM unnest(cast(:groups AS uuid[]), cast(:days AS date[])) AS w (group_id, day)
      JOIN lesson l ON l.group_id = w.group_id AND l.day = w.day AND l.state = 'planned'
""")
# Where no lesson of anybody is: for lessons that change places with each other, until they have their new ones.
_ASIDE = text("UPDATE lesson SET day = day - 100000 WHERE id = ANY (:lessons)")


@dataclass(frozen=True)
class FedLesson:
    """A lesson as it is or is to be."""

    id: UUID
    group_id: UUID
    subject_id: UUID
    teacher_id: UUID
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    room: str | None
    topic: str | None
    state: str = "planned"

    @property
    def place(self) -> Place:
        return self.group_id, self.day, self.number


async def held(session: AsyncSession, school_id: UUID, ids: Collection[UUID]) -> dict[UUID, FedLesson]:
    """Published read: those of these lessons that are the school's, locked in one order for all."""
    statement: Any = select(col(Lesson.id), *(getattr(Lesson, name) for name in _COLUMNS))
    mine = statement.where(col(Lesson.id).in_(ids), col(Lesson.school_id) == school_id)
    rows = await session.execute(mine.order_by(col(Lesson.id)).with_for_update(key_share=True))
    return {row.id: FedLesson(*row) for row in rows}


async def in_their_school(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, LessonInSchool]:
    """Published read: lessons with what the rooms above need to know of their school."""
    rows = await session.execute(in_school().where(col(Lesson.id).in_(ids)))
    return {row["id"]: LessonInSchool(**row) for row in rows.mappings()}


async def with_facts(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Published read: those of the lessons of which something was recorded; a topic is the lesson's own."""
    recorded = func.lesson_has_facts(col(Lesson.id))
    return set((await session.execute(select(col(Lesson.id)).where(col(Lesson.id).in_(ids), recorded))).scalars())


async def taken_places(session: AsyncSession, wanted: Collection[tuple[UUID, date]]) -> dict[Place, UUID]:
    """Published read: which lesson a group has at which number on these (group, day)."""
    rows = await session.execute(
        _PLACES, {"groups": [group for group, _ in wanted], "days": [day for _, day in wanted]}
    )
    return {(row.group_id, row.day, row.number): row.id for row in rows}


async def put(
    session: AsyncSession, school_id: UUID, lessons: Sequence[FedLesson], before: Collection[FedLesson]
) -> None:
    """Published: adds lessons, or makes them what they are to be. Their places are free, or left by each other.

    Args:
        before: those that are there already, as they were.
    """
    places = {lesson.id: lesson.place for lesson in lessons}
    moved = [known.id for known in before if places[known.id] != known.place]
    if moved:
        await session.execute(_ASIDE, {"lessons": moved})
    rows = [{"school_id": school_id, **asdict(lesson)} for lesson in lessons]
    await add_rows(session, Lesson, rows, f"ON CONFLICT (id) DO UPDATE SET {_CHANGE}")
    touch(session, {lesson.group_id for lesson in [*lessons, *before]})


async def cancel(session: AsyncSession, lessons: Collection[FedLesson]) -> None:
    """Published: cancels lessons of which something was recorded; they leave their places."""
    ids = [lesson.id for lesson in lessons]
    await session.execute(update(Lesson).where(col(Lesson.id).in_(ids)).values(state="cancelled"))
    touch(session, {lesson.group_id for lesson in lessons})


async def remove(session: AsyncSession, lessons: Collection[FedLesson]) -> None:
    """Published: removes lessons that nothing was recorded of."""
    await session.execute(delete(Lesson).where(col(Lesson.id).in_([lesson.id for lesson in lessons])))
    touch(session, {lesson.group_id for lesson in lessons})
