"""Whom an announcement is for hears of it: one alert an account, one item on the screen (DOMAIN.md section 12)."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.board import repository
from backend.board.models import Announcement
from backend.core.clock import school_date
from backend.core.days import days_after
from backend.school.rules import is_old_news
from backend.timetable import repository as timetable
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import AnnouncementPublished, Target

# More classes than these are no help in a title.
_NAMED = 3


async def tell(
    session: AsyncSession,
    announcement: Announcement,
    classes: Mapping[UUID, str],
    timezone: str,
    moment: datetime,
    now: datetime,
) -> None:
    """Tells everybody once, however many children they have in the audience.

    Args:
        classes: whom it is for, id -> name; none: the whole school.
        moment: when it came out, or was changed.
    """
    today = school_date(now, timezone)
    people = await repository.audience(session, announcement, classes.keys(), today)
    students = [one["student_id"] for one in people if one["student_id"] is not None]
    in_lessons = await timetable.in_lessons_until(session, students, now)
    body = AnnouncementPublished(
        title=announcement.title, class_name=", ".join(classes.values()) if len(classes) <= _NAMED else ""
    )
    # Asked of the row once: they may be 100,000.
    school, about, thread = announcement.school_id, announcement.id, thread_of(announcement.id)
    until = _end_of(announcement.expires_on, timezone)
    old = is_old_news(today - school_date(moment, timezone))
    alerts = [
        NewAlert(
            school_id=school,
            account_id=one["account_id"],
            child_id=one["child_id"],
            body=body,
            target=Target(screen="announcement", child_id=one["child_id"], entity_id=about),
            thread=thread,
            entity=str(about),
            occurred_at=moment,
            timezone=timezone,
            silent_until=in_lessons.get(one["student_id"]),
            until=until,
            feed_only=old,
        )
        for one in people
    ]
    await outbox.append(session, alerts)


async def take_back(session: AsyncSession, announcement_id: UUID, now: datetime) -> None:
    """It leaves the screens of whoever was told."""
    await outbox.withdraw(session, thread_of(announcement_id), str(announcement_id), now)


def _end_of(last_day: date | None, timezone: str) -> datetime | None:
    """When the last day is over on which it is shown: later no phone hears of what nobody finds any more."""
    if last_day is None:
        return None
    return datetime.combine(days_after(last_day, timedelta(days=1)), time(), ZoneInfo(timezone))


def thread_of(announcement_id: UUID) -> str:
    """All that is said of an announcement is one item."""
    return f"announcement:{announcement_id}"
