"""Time is an argument: a process is given a clock, a function is given `now`."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
# How far the clocks of two machines may be apart.
_CLOCKS_APART = timedelta(minutes=1)


def system_clock() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


def school_date(now: datetime, timezone: str) -> date:
    """The calendar day at a school: "today" is the school's (DOMAIN.md section 13)."""
    return now.astimezone(ZoneInfo(timezone)).date()


def utc_midnight(now: datetime) -> datetime:
    """When the present day began by UTC."""
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)


def seen_from(moment: datetime, now: datetime) -> datetime:
    """From when on something is shown that may be seen at a moment. What may be seen at once is a minute older than it
    is, for a reader whose clock is behind."""
    return moment if moment > now else now - _CLOCKS_APART
