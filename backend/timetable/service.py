"""A teacher's day, and the right to write in a lesson's journal."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.errors import NotFound
from backend.school import rights
from backend.timetable import repository
from backend.timetable.repository import LessonInSchool
from schemas.timetable import TaughtLesson, TeacherDay


async def lesson_to_write(
    session: AsyncSession, account_id: UUID, lesson_id: UUID, now: datetime
) -> tuple[LessonInSchool, date]:
    """The lesson and the school's today, for who teaches it, or the deputy.

    Raises:
        NotFound: no such lesson, or not the caller's to write in.
    """
    lesson = await repository.lesson(session, lesson_id)
    if lesson is None:
        raise NotFound
    today = school_date(now, lesson.timezone)
    await rights.require_teaching(
        session,
        account_id,
        school_id=lesson.school_id,
        group_id=lesson.group_id,
        subject_id=lesson.subject_id,
        day=lesson.day,
        today=today,
    )
    return lesson, today


async def teacher_day(session: AsyncSession, account_id: UUID, day: date) -> TeacherDay:
    rows = await repository.lessons_of_teacher(session, account_id, day)
    return TeacherDay(day=day, lessons=[TaughtLesson(**row) for row in rows])
