"""What time brings: absences whose delay is over are told. Safe to run twice."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import repository, telling
from backend.attendance.telling import Change
from backend.core.clock import school_date
from backend.core.versions import touch
from backend.timetable import repository as timetable

AT_ONCE = 500


async def tell_due_absences(session: AsyncSession, now: datetime) -> int:
    """Tells of absences whose delay is over, as they stand now. Returns how many were looked at."""
    due = await repository.take_due(session, now, AT_ONCE)
    by_lesson: dict[UUID, list[Change]] = defaultdict(list)
    for lesson_id, student, told in due:
        by_lesson[lesson_id].append(Change(student, told, now))
    for lesson_id in sorted(by_lesson):
        lesson = await timetable.lesson(session, lesson_id)
        if lesson is not None:
            touch(session, (change.student_id for change in by_lesson[lesson_id]))
            await telling.tell(session, lesson, by_lesson[lesson_id], school_date(now, lesson.timezone), now)
    return len(due)
