"""What time brings: meetings that are soon. Safe to run twice."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.meetings import guest_repository, rules, telling

AT_ONCE = 50


async def remind_of_meetings(session: AsyncSession, now: datetime) -> int:
    """Reminds of meetings 24 and 2 hours before, each once, and of none that has begun. Returns how many reminders
    were looked at."""
    due = await guest_repository.take_reminders(session, now, AT_ONCE)
    hours: dict[UUID, list[int]] = defaultdict(list)
    for meeting_id, before in due:
        hours[meeting_id].append(before)
    for meeting in await guest_repository.meetings(session, hours) if due else []:
        if rules.still_reminds(min(hours[meeting.id]), meeting.starts_at, now):
            await telling.soon(session, meeting, now)
    return len(due)
