"""The SQL of attendance and notices, and the reads that it publishes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.attendance.models import AbsenceNotice, AbsenceNoticeDay, AttendanceCheck, AttendanceVersion
from backend.core.reads import Day, Read, Whose


def codes_of_child(child: Whose, lessons: "Select[UUID]") -> Read:
    """Published read: the child's codes of some lessons as they stand, `present` left out."""
    mine = (col(AttendanceVersion.student_id) == child, col(AttendanceVersion.lesson_id).in_(lessons))
    newest = _newest().where(*mine).subquery()
    return select(newest.c.lesson_id, newest.c.code, newest.c.minutes).where(newest.c.code != "present")


def notice_days_of_child(child: Whose, first: Day, last: Day) -> Select[date]:
    """Published read: which of some days a notice covers."""
    return select(col(AbsenceNoticeDay.day)).where(
        col(AbsenceNoticeDay.student_id) == child, col(AbsenceNoticeDay.day).between(first, last)
    )


def checked_lessons() -> Select[UUID]:
    """Published read: lessons whose list the teacher has gone through."""
    return select(col(AttendanceCheck.lesson_id))


async def codes_of_lesson(session: AsyncSession, lesson_id: UUID) -> list[dict[str, Any]]:
    rows = await session.execute(_newest().where(col(AttendanceVersion.lesson_id) == lesson_id))
    return [dict(row) for row in rows.mappings()]


async def check_lesson(
    session: AsyncSession, lesson_id: UUID, school_id: UUID, author: UUID, now: datetime
) -> datetime:
    """Notes that the list was gone through; locks the lesson's list for this transaction. Returns when first."""
    values = {"lesson_id": lesson_id, "school_id": school_id, "checked_by": author, "checked_at": now}
    statement = upsert(AttendanceCheck).values(values)
    statement = statement.on_conflict_do_update(index_elements=["lesson_id"], set_={"school_id": school_id})
    return (await session.execute(statement.returning(col(AttendanceCheck.checked_at)))).scalar_one()


async def is_checked(session: AsyncSession, lesson_id: UUID) -> bool:
    return await session.get(AttendanceCheck, lesson_id) is not None


async def append_versions(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(AttendanceVersion), rows)


async def students_with_notice(session: AsyncSession, students: Sequence[UUID], day: date) -> set[UUID]:
    """Published read: of these students, those with a notice for the day."""
    statement = select(col(AbsenceNoticeDay.student_id)).where(
        col(AbsenceNoticeDay.student_id).in_(students), col(AbsenceNoticeDay.day) == day
    )
    return set((await session.execute(statement)).scalars())


async def taken_days(session: AsyncSession, child_id: UUID, first: date, last: date) -> set[date]:
    return set((await session.execute(notice_days_of_child(child_id, first, last))).scalars())


async def cover_days(session: AsyncSession, notice: AbsenceNotice, days: Sequence[date]) -> None:
    """Covers the days by the notice; the caller has found them free under the student's lock."""
    rows = [
        {"student_id": notice.student_id, "day": day, "notice_id": notice.id, "school_id": notice.school_id}
        for day in days
    ]
    await session.execute(insert(AbsenceNoticeDay), rows)


async def notices_of_child(session: AsyncSession, child_id: UUID) -> list[AbsenceNotice]:
    statement = select(AbsenceNotice).where(col(AbsenceNotice.student_id) == child_id)
    return list((await session.execute(statement.order_by(col(AbsenceNotice.first_day).desc()).limit(100))).scalars())


def _newest() -> Read:
    key = (col(AttendanceVersion.lesson_id), col(AttendanceVersion.student_id))
    return (
        select(*key, col(AttendanceVersion.code), col(AttendanceVersion.minutes), col(AttendanceVersion.version))
        .ext(distinct_on(*key))
        .order_by(*key, col(AttendanceVersion.version).desc())
    )
