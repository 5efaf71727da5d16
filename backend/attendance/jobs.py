"""What time brings: absences whose delay is over are told, and parents are asked who is back. Safe to run twice."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notice_repository, notice_telling, repository, telling
from backend.attendance.models import AttendanceDue
from backend.attendance.telling import Change
from backend.core.clock import school_date
from backend.core.queues import work_off
from backend.core.versions import touch
from backend.timetable import repository as timetable

AT_ONCE = 500
# Also the winter holidays lie between a notice and the next lesson.
_LAST_SEEN = timedelta(days=21)


async def tell_due_absences(session: AsyncSession, now: datetime) -> int:
    """Tells of absences whose delay is over, as they stand now. Returns how many were looked at."""
    due = await repository.take_due(session, now, AT_ONCE)
    await work_off(session, due, now, lambda some: _tell(session, some, now))
    return len(due)


async def _tell(session: AsyncSession, due: Sequence[AttendanceDue], now: datetime) -> None:
    by_lesson: dict[UUID, list[Change]] = defaultdict(list)
    for row in due:
        by_lesson[row.lesson_id].append(Change(row.student_id, row.told, now))
    for lesson_id in sorted(by_lesson):
        lesson = await timetable.lesson(session, lesson_id)
        if lesson is not None:
            touch(session, (change.student_id for change in by_lesson[lesson_id]))
            await telling.tell(session, lesson, by_lesson[lesson_id], school_date(now, lesson.timezone), now)


async def ask_who_is_back(session: AsyncSession, school_id: UUID, timezone: str, day: date, now: datetime) -> int:
    """Asks the parents of children who are expected back on a day, and whose lessons have not begun, whether they are
    (DOMAIN.md section 8, "next morning 07:10"). Returns how many."""
    rows = await notice_repository.expected_back(session, school_id, day, day - _LAST_SEEN, now)
    await notice_telling.ask_who_is_back(session, school_id, timezone, rows, day, now)
    return len(rows)
