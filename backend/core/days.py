"""Weeks and ranges of days. Pure."""

from datetime import date, timedelta

from backend.core.errors import Invalid

# What is asked for at once: a school year and some days.
_LONGEST = timedelta(days=370)


def week_of(day: date) -> tuple[date, date]:
    """The Monday and the Sunday around a day; the last day that there is where the calendar ends before."""
    monday = day - timedelta(days=day.weekday())
    return monday, days_after(monday, timedelta(days=6))


def days_after(day: date, time: timedelta) -> date:
    """A day some time after another, before it where the time is negative; at the calendar's ends the last and the
    first that there are: anybody may ask for the year 9999."""
    return day + max(date.min - day, min(time, date.max - day))


def days_between(first: date, last: date) -> list[date]:
    """All days of a range; none where it ends before it begins."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def check_range(first: date, last: date, longest: timedelta = _LONGEST) -> None:
    """Raises Invalid for days in the wrong order, or too many. `last` is a query parameter."""
    if not first <= last or last - first > longest:
        raise Invalid({"query:last": "ends-before-it-begins" if last < first else "too-long"})
