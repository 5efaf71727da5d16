"""The SQL of lessons on dates as whoever plans them sees them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.timetable.models import Lesson
from schemas.timetable import DatedLesson, FreeTeacher

_COLUMNS = """
    SELECT l.id, l.group_id, g.name AS group_name, l.subject_id, s.name AS subject, l.teacher_id,
           concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS teacher, l.replaces_teacher_id, l.day, l.number,
           l.starts_at, l.ends_at, l.room, l.state, l.remote, l.moved_to, l.note
      FROM lesson l
      JOIN study_group g ON g.id = l.group_id
      JOIN subject s ON s.id = l.subject_id
      JOIN account a ON a.id = l.teacher_id
"""
_DATED = text(f"{_COLUMNS} WHERE l.id = ANY (:ids) ORDER BY l.starts_at, l.id")
_LEFT = text(f"""{_COLUMNS}
     WHERE l.school_id = :school AND l.day BETWEEN :first AND :last AND l.state = 'planned' AND l.moved_to IS NULL
       AND coalesce(l.replaces_teacher_id, l.teacher_id) = :teacher
     ORDER BY l.starts_at, l.id
""")

# Teachers of the school who have no lesson that overlaps; those who teach the subject first.
_FREE = text("""
    SELECT l.id AS lesson_id, r.account_id, concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS name,
           EXISTS (SELECT FROM teaching_load t WHERE t.teacher_id = r.account_id AND t.subject_id = l.subject_id
                    AND l.day BETWEEN t.starts AND coalesce(t.ends, 'infinity')) AS same_subject
      FROM lesson l
      JOIN school_role r ON r.school_id = l.school_id AND r.role = 'teacher'
       AND l.day BETWEEN r.starts AND coalesce(r.ends, 'infinity')
      JOIN account a ON a.id = r.account_id AND a.disabled_at IS NULL
     WHERE l.id = ANY (:ids) AND r.account_id <> l.teacher_id
       AND NOT EXISTS (SELECT FROM lesson busy WHERE busy.teacher_id = r.account_id AND busy.day = l.day
                        AND busy.state = 'planned' AND busy.starts_at < l.ends_at AND busy.ends_at > l.starts_at)
     ORDER BY l.id, same_subject DESC, a.family_name, a.given_name, r.account_id
""")

_AT_SCHOOL = text("""
    SELECT works_at(:teacher, :school, :day),
           EXISTS (SELECT FROM subject s WHERE s.id = :subject AND s.school_id = :school)
""")


async def dated(session: AsyncSession, ids: Sequence[UUID]) -> list[DatedLesson]:
    """The lessons by time, cancelled ones too."""
    rows = await session.execute(_DATED, {"ids": list(ids)})
    return [DatedLesson(**row) for row in rows.mappings()]


async def lessons_left(
    session: AsyncSession, school_id: UUID, teacher_id: UUID, first: date, last: date
) -> list[DatedLesson]:
    """The lessons that are the teacher's by the plan, also those that a substitute has by now."""
    values = {"school": school_id, "teacher": teacher_id, "first": first, "last": last}
    return [DatedLesson(**row) for row in (await session.execute(_LEFT, values)).mappings()]


async def free_teachers(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[FreeTeacher]]:
    """Who could step in, by lesson."""
    found: dict[UUID, list[FreeTeacher]] = {}
    for row in (await session.execute(_FREE, {"ids": list(ids)})).mappings():
        free = FreeTeacher(account_id=row["account_id"], name=row["name"], same_subject=row["same_subject"])
        found.setdefault(row["lesson_id"], []).append(free)
    return found


async def lock_lessons(session: AsyncSession, ids: Sequence[UUID]) -> list[Lesson]:
    """The lessons, locked in one order for everybody."""
    statement = select(Lesson).where(col(Lesson.id).in_(ids)).order_by(col(Lesson.id)).with_for_update(key_share=True)
    return list((await session.execute(statement)).scalars())


async def at_school(
    session: AsyncSession, school_id: UUID, teacher_id: UUID, subject_id: UUID, day: date
) -> tuple[bool, bool]:
    """Whether somebody works at a school, and whether it has a subject."""
    values: dict[str, Any] = {"school": school_id, "teacher": teacher_id, "subject": subject_id, "day": day}
    row = (await session.execute(_AT_SCHOOL, values)).one()
    return row[0], row[1]
