"""What time brings: meetings that are soon. Safe to run twice."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.queues import work_off
from backend.meetings import guest_repository, rules, telling
from backend.meetings.models import MeetingReminder

AT_ONCE = 50


async def remind_of_meetings(session: AsyncSession, now: datetime) -> int:
    """Reminds of meetings 24 and 2 hours before, each once, and of none that has begun. Returns how many reminders
    were looked at."""
    due = await guest_repository.take_reminders(session, now, AT_ONCE)
    await work_off(session, due, now, lambda some: _remind(session, some, now))
    return len(due)


async def _remind(session: AsyncSession, due: Sequence[MeetingReminder], now: datetime) -> None:
    hours: dict[UUID, list[int]] = defaultdict(list)
    for row in due:
        hours[row.meeting_id].append(row.hours_before)
    for meeting in await guest_repository.meetings(session, hours):
        if rules.still_reminds(min(hours[meeting.id]), meeting.starts_at, now):
            await telling.soon(session, meeting, now)
