"""The SQL of lessons, and the reads that it publishes for the rooms above."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.reads import Day, Read, Whose
from backend.school.models import Membership, School, SchoolClass, StudyGroup, Subject
from backend.timetable.models import Lesson, LessonChange


@dataclass(frozen=True)
class LessonInSchool:
    """A lesson with what the rooms above need to know of its school."""

    id: UUID
    school_id: UUID
    timezone: str
    group_id: UUID
    group_name: str
    subject_id: UUID
    subject: str
    day: date
    number: int
    topic: str | None
    state: str
    teacher_id: UUID
    replaces_teacher_id: UUID | None
    class_teacher_id: UUID | None


PLANNED = col(Lesson.state) == "planned"


def lessons_of_child(child: Whose, first: Day, last: Day) -> Read:
    """Published read: the child's lessons of some days, by the groups of the child on each day, cancelled ones too."""
    return (
        select(
            col(Lesson.id),
            col(Lesson.day),
            col(Lesson.number),
            col(Lesson.starts_at),
            col(Lesson.ends_at),
            col(Lesson.subject_id),
            col(Subject.name).label("subject"),
            col(Lesson.room),
            col(Lesson.topic),
            col(Lesson.state),
            col(Lesson.remote),
            col(Lesson.moved_to),
            or_(col(Lesson.replaces_teacher_id).is_not(None), col(Lesson.replaces_subject_id).is_not(None)).label(
                "substitution"
            ),
        )
        .join(Membership, col(Membership.group_id) == col(Lesson.group_id))
        .join(Subject, col(Subject.id) == col(Lesson.subject_id))
        .where(
            col(Membership.student_id) == child,
            col(Membership.starts) <= col(Lesson.day),
            or_(col(Membership.ends).is_(None), col(Membership.ends) >= col(Lesson.day)),
            col(Lesson.day).between(first, last),
        )
    )


def lessons_between(
    first: date, last: date, *, school_id: UUID | None = None, groups: Collection[UUID] | None = None
) -> Select[UUID]:
    """Published read: the lessons of some days, of a school or of groups."""
    lessons = select(col(Lesson.id)).where(col(Lesson.day).between(first, last))
    if school_id is not None:
        lessons = lessons.where(col(Lesson.school_id) == school_id)
    return lessons if groups is None else lessons.where(col(Lesson.group_id).in_(groups))


async def in_lessons_until(session: AsyncSession, children: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    """When the lessons of the day end for those of the children who are between their first and last one now."""
    if not children:
        return {}
    statement: Read = (
        select(col(Membership.student_id), func.max(col(Lesson.ends_at)))
        .join(Lesson, col(Lesson.group_id) == col(Membership.group_id))
        .where(
            col(Membership.student_id).in_(children),
            col(Membership.starts) <= col(Lesson.day),
            or_(col(Membership.ends).is_(None), col(Membership.ends) >= col(Lesson.day)),
            PLANNED,
            # The date in UTC and the school's differ by a day at most.
            col(Lesson.day).between(now.date() - timedelta(days=1), now.date() + timedelta(days=1)),
        )
        .group_by(col(Membership.student_id), col(Lesson.day))
        .having(func.min(col(Lesson.starts_at)) <= now, func.max(col(Lesson.ends_at)) > now)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


def in_school() -> Read:
    """The columns of LessonInSchool, of all lessons."""
    return (
        select(
            col(Lesson.id),
            col(Lesson.school_id),
            col(School.timezone),
            col(Lesson.group_id),
            col(StudyGroup.name).label("group_name"),
            col(Lesson.subject_id),
            col(Subject.name).label("subject"),
            col(Lesson.day),
            col(Lesson.number),
            col(Lesson.topic),
            col(Lesson.state),
            col(Lesson.teacher_id),
            col(Lesson.replaces_teacher_id),
            col(SchoolClass.class_teacher_id),
        )
        .join(School, col(School.id) == col(Lesson.school_id))
        .join(StudyGroup, col(StudyGroup.id) == col(Lesson.group_id))
        .outerjoin(SchoolClass, col(SchoolClass.id) == col(StudyGroup.class_id))
        .join(Subject, col(Subject.id) == col(Lesson.subject_id))
    )


async def lesson(session: AsyncSession, lesson_id: UUID) -> LessonInSchool | None:
    row = (await session.execute(in_school().where(col(Lesson.id) == lesson_id))).mappings().first()
    return LessonInSchool(**row) if row else None


async def in_use(session: AsyncSession, lesson_id: UUID) -> bool:
    """Whether something is written about a lesson."""
    return bool((await session.execute(select(func.lesson_in_use(lesson_id)))).scalar())


async def lock_lesson(session: AsyncSession, lesson_id: UUID) -> None:
    """Until the commit nobody else who asks for it has the lesson."""
    statement = select(col(Lesson.id)).where(col(Lesson.id) == lesson_id).with_for_update(key_share=True)
    await session.execute(statement)


async def set_topic(session: AsyncSession, lesson_id: UUID, topic: str | None) -> None:
    await session.execute(update(Lesson).where(col(Lesson.id) == lesson_id).values(topic=topic))


async def lessons_per_day(session: AsyncSession, child_id: UUID, first: date, last: date) -> dict[date, int]:
    """Published read: how many lessons a child has on each of some days; days without any are left out."""
    lessons = lessons_of_child(child_id, first, last).where(PLANNED).subquery()
    rows = await session.execute(select(lessons.c.day, func.count()).group_by(lessons.c.day))
    return {day: count for day, count in rows}


async def lesson_numbers(session: AsyncSession, child_id: UUID, first: date, last: date) -> dict[date, list[int]]:
    """Published read: the numbers of a child's lessons on each of some days; days without any are left out."""
    lessons = lessons_of_child(child_id, first, last).where(PLANNED).subquery()
    found: dict[date, list[int]] = defaultdict(list)
    for day, number in await session.execute(select(lessons.c.day, lessons.c.number)):
        found[day].append(number)
    return found


async def first_lesson_at(
    session: AsyncSession, child_id: UUID, day: date, numbers: Collection[int] | None = None
) -> datetime | None:
    """Published read: when a child's first lesson of a day begins, or the first of some of its lessons."""
    lessons = lessons_of_child(child_id, day, day).where(PLANNED)
    if numbers is not None:
        lessons = lessons.where(col(Lesson.number).in_(numbers))
    first = select(func.min(lessons.subquery().c.starts_at))
    begins: datetime | None = (await session.execute(first)).scalar()
    return begins


async def lessons_of_teacher(session: AsyncSession, teacher_id: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """A teacher's lessons of some days, those in a colleague's place too."""
    statement: Read = (
        select(
            col(Lesson.id),
            col(Lesson.day),
            col(Lesson.number),
            col(Lesson.starts_at),
            col(Lesson.ends_at),
            col(Subject.name).label("subject"),
            col(Lesson.group_id),
            col(StudyGroup.name).label("group_name"),
            col(Lesson.room),
            col(Lesson.topic),
            col(Lesson.state),
            col(Lesson.remote),
            col(Lesson.replaces_teacher_id).is_not(None).label("substitution"),
            col(Lesson.moved_to),
            col(Lesson.note),
        )
        .join(StudyGroup, col(StudyGroup.id) == col(Lesson.group_id))
        .join(Subject, col(Subject.id) == col(Lesson.subject_id))
        .where(col(Lesson.teacher_id) == teacher_id, col(Lesson.day).between(first, last))
        .order_by(col(Lesson.starts_at), col(Lesson.id))
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def change_counts(session: AsyncSession, lessons: Collection[UUID]) -> dict[UUID, int]:
    """Published read: how often lessons were changed by date; those that never were are left out."""
    changed = any_(literal(list(lessons), ARRAY(Uuid)))
    statement = select(col(LessonChange.lesson_id), func.count()).where(col(LessonChange.lesson_id) == changed)
    rows = await session.execute(statement.group_by(col(LessonChange.lesson_id)))
    return {lesson: count for lesson, count in rows}


def finished_lessons(school_id: UUID, day: date, before: datetime) -> Select[UUID, UUID]:
    """Published read: (lesson, teacher) of the lessons of a school that are over."""
    return select(col(Lesson.id), col(Lesson.teacher_id)).where(
        col(Lesson.school_id) == school_id, col(Lesson.day) == day, col(Lesson.ends_at) <= before, PLANNED
    )
