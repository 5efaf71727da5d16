"""Whom an announcement is for hears of it: one alert an account, one item on the screen (DOMAIN.md section 12)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.board import repository
from backend.board.models import Announcement
from backend.core.clock import school_date
from backend.core.days import days_after
from backend.school.rules import is_old_news
from backend.timetable import repository as timetable
from push import outbox
from push.outbox import NewAlert, Person
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
    students = [one.student_id for one in people if one.student_id is not None]
    in_lessons = await timetable.in_lessons_until(session, students, now)
    body = AnnouncementPublished(
        title=announcement.title, class_name=", ".join(classes.values()) if len(classes) <= _NAMED else ""
    )
    alert = NewAlert(
        school_id=announcement.school_id,
        account_id=outbox.ANYBODY,
        child_id=None,
        body=body,
        target=Target(screen="announcement", entity_id=announcement.id),
        thread=thread_of(announcement.id),
        entity=str(announcement.id),
        occurred_at=moment,
        timezone=timezone,
        until=_end_of(announcement.expires_on, timezone),
        feed_only=is_old_news(today - school_date(moment, timezone)),
    )
    # By the end of their lessons: most of them sit in none.
    groups: dict[datetime | None, list[Person]] = defaultdict(list)
    for account, child, student in people:
        groups[in_lessons.get(student) if student else None].append((account, child))
    for until, group in groups.items():
        await outbox.broadcast(session, msgspec.structs.replace(alert, silent_until=until), group)


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
