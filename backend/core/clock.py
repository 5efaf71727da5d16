"""Time is an argument: a process is given a clock, a function is given `now`."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


def school_date(now: datetime, timezone: str) -> date:
    """The calendar day at a school: "today" is the school's (DOMAIN.md section 13)."""
    return now.astimezone(ZoneInfo(timezone)).date()
