"""The SQL of absence notices, and the reads that it publishes."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.attendance.models import AbsenceNotice, AbsenceNoticeDay
from backend.core.reads import Day, Whose


def notice_days_of_child(child: Whose, first: Day, last: Day) -> Select[date]:
    """Published read: which of some days a notice covers."""
    return select(col(AbsenceNoticeDay.day)).where(
        col(AbsenceNoticeDay.student_id) == child, col(AbsenceNoticeDay.day).between(first, last)
    )


async def students_with_notice(session: AsyncSession, students: Sequence[UUID], day: date) -> set[UUID]:
    """Published read: of these students, those with a notice for the day."""
    return set(await reasons(session, students, day))


async def reasons(session: AsyncSession, students: Sequence[UUID], day: date) -> dict[UUID, str]:
    """Why these students do not come on a day, of those who said so. Health data (DOMAIN.md section 8)."""
    statement = (
        select(col(AbsenceNoticeDay.student_id), col(AbsenceNotice.reason))
        .join(AbsenceNotice, col(AbsenceNotice.id) == col(AbsenceNoticeDay.notice_id))
        .where(col(AbsenceNoticeDay.student_id).in_(students), col(AbsenceNoticeDay.day) == day)
    )
    return {student: reason for student, reason in await session.execute(statement)}


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
