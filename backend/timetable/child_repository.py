"""The SQL of what a child's day holds and needs: the regime of stay, the curriculum, the backpack."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from backend.identity.roster import add_rows
from backend.timetable.models import CurriculumItem, CurriculumTopic, StayItem, Textbook

_PARTS = text("""
    SELECT i.kind, i.name, i.starts, i.ends FROM stay_item i
     WHERE i.class_id = :class_id AND i.weekday IN (0, :weekday) ORDER BY i.starts, i.name
""")
_LESSONS = text("""
    SELECT s.name, l.starts_at, l.ends_at, l.state = 'cancelled' AS cancelled
      FROM lesson l JOIN membership m ON m.group_id = l.group_id JOIN subject s ON s.id = l.subject_id
     WHERE m.student_id = :child AND l.day = :day AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
""")
_CLASS = text("""
    SELECT c.id, c.grade, c.grade || c.letter AS name, c.profile, c.days_a_week, y.starts, y.ends
      FROM enrolment e JOIN school_class c ON c.id = e.class_id JOIN school_year y ON y.id = c.year_id
     WHERE e.student_id = :child AND cast(:day AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
""")
_CLASS_BY_ID = text("""
    SELECT c.id, c.grade, c.grade || c.letter AS name, c.profile, y.starts, y.ends
      FROM school_class c JOIN school_year y ON y.id = c.year_id WHERE c.id = :class_id
""")
# Of the class's groups; for a child of those that the child is in.
_CURRICULUM = text("""
    SELECT i.subject_id, s.name AS subject, i.hours_a_week, i.advanced,
           coalesce((SELECT json_agg(json_build_object('title', t.title, 'hours', t.hours) ORDER BY t.position)
                       FROM curriculum_topic t WHERE t.class_id = i.class_id AND t.subject_id = i.subject_id), '[]')
               AS topics,
           count(DISTINCT (l.day, l.number)) FILTER (WHERE l.ends_at <= :now) AS lessons_held,
           count(DISTINCT (l.day, l.number)) AS lessons_planned
      FROM curriculum_item i
      JOIN subject s ON s.id = i.subject_id
      LEFT JOIN study_group g ON g.class_id = i.class_id
      LEFT JOIN lesson l ON l.group_id = g.id AND l.subject_id = i.subject_id AND l.state = 'planned'
       AND l.day BETWEEN :first AND :last
       AND (cast(:child AS uuid) IS NULL OR EXISTS (
            SELECT FROM membership m WHERE m.student_id = :child AND m.group_id = l.group_id
               AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')))
     WHERE i.class_id = :class_id
     GROUP BY i.class_id, i.subject_id, s.name, i.hours_a_week, i.advanced
     ORDER BY s.name
""")
_BACKPACK = text("""
    SELECT DISTINCT s.name AS subject, b.title, b.grams
      FROM lesson l
      JOIN membership m ON m.group_id = l.group_id AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
      JOIN textbook b ON b.subject_id = l.subject_id AND b.grade = :grade
      JOIN subject s ON s.id = l.subject_id
     WHERE m.student_id = :child AND l.day = :day AND l.state = 'planned' AND NOT l.remote
     ORDER BY s.name, b.title
""")


async def class_on(session: AsyncSession, child_id: UUID, day: date) -> dict[str, Any] | None:
    """The child's class on a day, with its year."""
    row = (await session.execute(_CLASS, {"child": child_id, "day": day})).mappings().first()
    return dict(row) if row else None


async def class_with_year(session: AsyncSession, class_id: UUID) -> dict[str, Any]:
    """A class that is there, with its year."""
    return dict((await session.execute(_CLASS_BY_ID, {"class_id": class_id})).mappings().one())


async def stay_parts(session: AsyncSession, class_id: UUID, weekday: int) -> list[dict[str, Any]]:
    """What a class's day holds beside lessons."""
    rows = await session.execute(_PARTS, {"class_id": class_id, "weekday": weekday})
    return [dict(row) for row in rows.mappings()]


async def lesson_parts(session: AsyncSession, child_id: UUID, day: date) -> list[dict[str, Any]]:
    rows = await session.execute(_LESSONS, {"child": child_id, "day": day})
    return [dict(row) for row in rows.mappings()]


async def curriculum(
    session: AsyncSession, class_id: UUID, child_id: UUID | None, first: date, last: date, now: Any
) -> list[dict[str, Any]]:
    values = {"class_id": class_id, "child": child_id, "first": first, "last": last, "now": now}
    return [dict(row) for row in (await session.execute(_CURRICULUM, values)).mappings()]


async def backpack(session: AsyncSession, child_id: UUID, grade: int, day: date) -> list[dict[str, Any]]:
    rows = await session.execute(_BACKPACK, {"child": child_id, "grade": grade, "day": day})
    return [dict(row) for row in rows.mappings()]


async def stay_items(session: AsyncSession, class_id: UUID) -> list[StayItem]:
    statement = select(StayItem).where(col(StayItem.class_id) == class_id)
    ordered = statement.order_by(col(StayItem.weekday), col(StayItem.starts), col(StayItem.id))
    return list((await session.execute(ordered)).scalars())


async def textbooks(session: AsyncSession, school_id: UUID) -> list[Textbook]:
    statement = select(Textbook).where(col(Textbook.school_id) == school_id)
    ordered = statement.order_by(col(Textbook.grade), col(Textbook.title), col(Textbook.id))
    return list((await session.execute(ordered)).scalars())


async def replace_stay(session: AsyncSession, class_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(delete(StayItem).where(col(StayItem.class_id) == class_id))
    await add_rows(session, StayItem, rows)


async def replace_textbooks(session: AsyncSession, school_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(delete(Textbook).where(col(Textbook.school_id) == school_id))
    await add_rows(session, Textbook, rows)


async def replace_curriculum(
    session: AsyncSession, class_id: UUID, items: Sequence[dict[str, Any]], topics: Sequence[dict[str, Any]]
) -> None:
    model: type[SQLModel]
    await session.execute(delete(CurriculumItem).where(col(CurriculumItem.class_id) == class_id))
    for model, rows in ((CurriculumItem, items), (CurriculumTopic, topics)):
        await add_rows(session, model, rows)
