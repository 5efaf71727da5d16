"""17:00 at the school: teachers are reminded of lessons of the day that nobody has filled."""

from collections import Counter
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance.repository import checked_lessons
from backend.journal.repository import lessons_with_marks
from backend.timetable.repository import finished_lessons
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import LessonsUnfilled, Target


async def remind_of_unfilled(session: AsyncSession, school_id: UUID, timezone: str, day: date, now: datetime) -> int:
    """Alerts each teacher once about the lessons of the day without attendance and without marks.

    Returns:
        How many teachers were reminded (DOMAIN.md section 12: one a day).
    """
    finished = finished_lessons(school_id, day, now).subquery()
    unfilled = select(finished.c.teacher_id).where(
        finished.c.id.not_in(checked_lessons()), finished.c.id.not_in(lessons_with_marks())
    )
    per_teacher = Counter((await session.execute(unfilled)).scalars())
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=school_id,
                account_id=teacher,
                child_id=None,
                body=LessonsUnfilled(day=day, lessons=lessons),
                target=Target(screen="teacher-day", on=day),
                thread=f"unfilled:{day}",
                entity=str(day),
                occurred_at=now,
                timezone=timezone,
            )
            for teacher, lessons in sorted(per_teacher.items())
        ],
    )
    return len(per_teacher)
