"""A teacher's day and week, and the right to write in a lesson's journal."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.days import week_of
from backend.core.errors import Conflict, NotFound
from backend.school import rights
from backend.timetable import repository
from backend.timetable.repository import LessonInSchool
from schemas.timetable import TaughtLesson, TeacherDay, TeacherWeek

# A substitute finishes what the lesson left: marks of a work that was taken home.
_SUBSTITUTE_WRITES = timedelta(days=7)


async def lesson_to_write(
    session: AsyncSession, account_id: UUID, lesson_id: UUID, now: datetime
) -> tuple[LessonInSchool, date]:
    """The lesson and the school's today, for who teaches it, stands in for the teacher, or is the deputy.

    Raises:
        NotFound: no such lesson, or not the caller's to write in.
        Conflict: it was cancelled (`lesson-cancelled`).
    """
    lesson = await repository.lesson(session, lesson_id)
    if lesson is None:
        raise NotFound
    today = school_date(now, lesson.timezone)
    if _stands_in(lesson, account_id, today):
        await rights.require_staff(session, account_id, lesson.school_id, now)
    else:
        await rights.require_teaching(
            session,
            account_id,
            school_id=lesson.school_id,
            group_id=lesson.group_id,
            subject_id=lesson.subject_id,
            day=lesson.day,
            today=today,
        )
    if lesson.state == "cancelled":
        raise Conflict(code="lesson-cancelled")
    return lesson, today


async def lesson_to_supplement(
    session: AsyncSession, account_id: UUID, lesson_id: UUID, now: datetime
) -> tuple[LessonInSchool, date, bool]:
    """The same, and whether the caller may only add marks to it: as the class teacher, in the week of the lesson, for a
    colleague (DOMAIN.md section 6).

    Raises:
        NotFound, Conflict: as `lesson_to_write` says.
    """
    lesson = await repository.lesson(session, lesson_id)
    if lesson is not None and lesson.class_teacher_id == account_id:
        today = school_date(now, lesson.timezone)
        try:
            return *await lesson_to_write(session, account_id, lesson_id, now), False
        except NotFound:
            if lesson.day.isocalendar()[:2] != today.isocalendar()[:2]:
                raise
            await rights.require_staff(session, account_id, lesson.school_id, now)
        if lesson.state == "cancelled":
            raise Conflict(code="lesson-cancelled")
        return lesson, today, True
    return *await lesson_to_write(session, account_id, lesson_id, now), False


def _stands_in(lesson: LessonInSchool, account_id: UUID, today: date) -> bool:
    substitutes = lesson.replaces_teacher_id is not None and lesson.teacher_id == account_id
    return substitutes and today <= lesson.day + _SUBSTITUTE_WRITES


async def teacher_day(session: AsyncSession, account_id: UUID, day: date) -> TeacherDay:
    rows = await repository.lessons_of_teacher(session, account_id, day, day)
    return TeacherDay(day=day, lessons=[TaughtLesson(**row) for row in rows])


async def teacher_week(session: AsyncSession, account_id: UUID, day: date) -> TeacherWeek:
    """Monday to Sunday around a day."""
    first, last = week_of(day)
    rows = await repository.lessons_of_teacher(session, account_id, first, last)
    days = [first + timedelta(days=number) for number in range(7)]
    return TeacherWeek(
        first_day=first,
        last_day=last,
        days=[
            TeacherDay(day=shown, lessons=[TaughtLesson(**row) for row in rows if row["day"] == shown])
            for shown in days
        ],
    )
