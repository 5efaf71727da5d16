"""What attendance codes mean, and which days a notice may name. Pure (DOMAIN.md sections 7 and 8)."""

from collections.abc import Mapping, Set
from datetime import date, timedelta

from schemas.attendance import AttendanceCode, FileNotice, NoticeDay

DAYS_BACK = 3
DAYS_AHEAD = 60
LONGEST = 31

# Not there, and nobody has said why.
UNEXPLAINED: frozenset[AttendanceCode] = frozenset({"absent"})


def notice_problems(wish: FileNotice, today: date) -> dict[str, str]:
    """What is wrong with the days of a notice, by JSON pointer."""
    problems: dict[str, str] = {}
    if wish.last_day < wish.first_day:
        problems["/lastDay"] = "ends-before-it-begins"
    elif (wish.last_day - wish.first_day).days >= LONGEST:
        problems["/lastDay"] = "too-long"
    if wish.first_day < today - timedelta(days=DAYS_BACK):
        problems["/firstDay"] = "in-the-past"
    if wish.first_day > today + timedelta(days=DAYS_AHEAD):
        problems["/firstDay"] = "too-far"
    return problems


def cover(wish: FileNotice, lessons: Mapping[date, int], taken: Set[date]) -> list[NoticeDay]:
    """What becomes of each day of the range: covered, already covered by another notice, or without lessons."""
    days = []
    for offset in range((wish.last_day - wish.first_day).days + 1):
        day = wish.first_day + timedelta(days=offset)
        if day in taken:
            days.append(NoticeDay(day=day, state="already-covered", lessons=lessons.get(day, 0)))
        elif lessons.get(day):
            days.append(NoticeDay(day=day, state="covered", lessons=lessons[day]))
        else:
            days.append(NoticeDay(day=day, state="no-lessons", lessons=0))
    return days
