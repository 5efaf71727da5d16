"""What holds of messages. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from schemas import messages as wire

MOST_AN_HOUR = 60
HOUR = timedelta(hours=1)
TAKE_BACK_WITHIN = timedelta(minutes=15)
# A phone's clock may be ahead by a little, and may have been without a network for a week.
_CLOCK_AHEAD = timedelta(minutes=2)
_OFFLINE = timedelta(days=7)
# Somebody who may not write may again after a term; nobody is kept from the class teacher for ever.
LONGEST_BLOCK = timedelta(days=92)


def message_problems(wish: wire.WriteMessage, now: datetime, *, as_family: bool) -> dict[str, str]:
    """What is wrong with a message, by JSON pointer."""
    wrong: dict[str, str] = {}
    if not wish.text.strip():
        wrong["/text"] = "required"
    if wish.urgent and as_family:
        wrong["/urgent"] = "only-from-school"
    if wish.occurred_at is not None:
        if wish.occurred_at > now + _CLOCK_AHEAD:
            wrong["/occurredAt"] = "in-the-future"
        elif wish.occurred_at < now - _OFFLINE:
            wrong["/occurredAt"] = "too-far"
    return wrong


def may_take_back(sent_at: datetime, now: datetime) -> bool:
    return now <= sent_at + TAKE_BACK_WITHIN


def staff_role(capacities: Sequence[str]) -> wire.Role:
    """As what a member of the staff writes about a child: the class teacher first, who also teaches; `staff` is whom an
    event names to write to."""
    roles: tuple[wire.Role, ...] = ("class-teacher", "teacher", "deputy", "staff")
    return next(role for role in roles if role in capacities)


def family_role(kind: str) -> wire.Role:
    return "student" if kind == "student" else "parent"


def decision_problems(wish: wire.DecideReport, today: date) -> dict[str, str]:
    """What is wrong with a decision: who is kept from writing is so until a day."""
    if wish.decision != "blocked":
        return {} if wish.blocked_until is None else {"/blockedUntil": "only-when-blocked"}
    if wish.blocked_until is None:
        return {"/blockedUntil": "required"}
    if wish.blocked_until < today:
        return {"/blockedUntil": "in-the-past"}
    return {"/blockedUntil": "too-far"} if wish.blocked_until > today + LONGEST_BLOCK else {}


def hours_problems(hours: Sequence[wire.OfficeHour]) -> dict[str, str]:
    """What is wrong with office hours: each ends after it begins, and those of a day do not overlap."""
    wrong: dict[str, str] = {}
    for number, hour in enumerate(hours):
        if hour.closes <= hour.opens:
            wrong[f"/hours/{number}/closes"] = "ends-before-it-begins"
        elif any(
            hour.weekday == other.weekday and hour.opens < other.closes and other.opens < hour.closes
            for other in hours[:number]
        ):
            wrong[f"/hours/{number}"] = "overlaps"
    return wrong


def office_hours(stored: Sequence[dict[str, Any]]) -> list[wire.OfficeHour]:
    """Office hours from how they are kept."""
    return msgspec.convert(stored, list[wire.OfficeHour])


def stored_hours(hours: Sequence[wire.OfficeHour]) -> list[dict[str, Any]]:
    """How office hours are kept."""
    return [msgspec.to_builtins(hour) for hour in hours]


def next_opening(hours: Sequence[wire.OfficeHour], zone: ZoneInfo, now: datetime) -> datetime | None:
    """When somebody who has office hours is there again; None: now, or at any time.

    Moments are compared as such and not by the clock on the wall: in the night in which clocks change, an hour that is
    left out counts as the one that follows, and one that comes twice counts twice.
    """
    if not hours:
        return None
    local = now.astimezone(zone)
    if any(hour.weekday == local.isoweekday() and hour.opens <= local.time() < hour.closes for hour in hours):
        return None
    days = (local.date() + timedelta(days=ahead) for ahead in range(8))
    openings = (
        datetime.combine(day, hour.opens, zone) for day in days for hour in hours if hour.weekday == day.isoweekday()
    )
    return min((moment for moment in openings if moment.timestamp() > now.timestamp()), key=datetime.timestamp)
