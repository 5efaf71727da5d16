"""What time brings: announcements whose publication was planned are told. Safe to run twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.board import repository, rules, telling
from backend.board.models import AnnouncementDue
from backend.core.clock import school_date
from backend.core.queues import work_off
from backend.school.models import School

AT_ONCE = 20


async def tell_due_announcements(session: AsyncSession, now: datetime) -> int:
    """Tells of announcements that have come out; of what has expired meanwhile nobody hears. Returns how many were
    looked at."""
    due = await repository.take_due(session, now, AT_ONCE)
    await work_off(session, due, now, lambda some: _tell(session, some, now))
    return len(due)


async def _tell(session: AsyncSession, due: Sequence[AnnouncementDue], now: datetime) -> None:
    for announcement in await repository.standing(session, [row.announcement_id for row in due]):
        school = await session.get_one(School, announcement.school_id)
        if not rules.is_over(announcement.expires_on, school_date(now, school.timezone)):
            classes = await repository.named_classes(session, announcement.id)
            await telling.tell(session, announcement, classes, school.timezone, announcement.publish_at, now)
