"""A child's day and week: behind the right to the child, and only if they have changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID

from backend.core.db import Database
from backend.core.errors import Invalid, NotFound
from backend.diary import repository, rules
from backend.diary.repository import Asked, Days, Door
from backend.identity.acting import Bearer, check_state
from schemas.diary import DiaryDay, DiaryWeek

# Days outside of this are typing errors, and some of them no calendar can compute with.
_DAYS = (date(1990, 1, 1), date(2200, 1, 1))

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of the diary; without a body where the caller has this one already."""

    tag: str
    body: T | None


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        day: None is the school's today.
        known: the tags that the caller holds.
        language: of the answer.
    """

    child_id: UUID
    day: date | None
    known: frozenset[str]
    language: str


async def day(database: Database, bearer: Bearer, wish: Wish, now: datetime) -> Page[DiaryDay]:
    """One day of a child. Raises NotFound without the right to the child."""
    door, days, tag = await _read(database, bearer, wish, now, week=False)
    return Page(tag, rules.lay_out(days, door.first, door.last)[0] if days and door.first and door.last else None)


async def week(database: Database, bearer: Bearer, wish: Wish, now: datetime) -> Page[DiaryWeek]:
    """The week of a day, with the averages of the period. Raises NotFound without the right to the child."""
    door, days, tag = await _read(database, bearer, wish, now, week=True)
    if days is None or door.first is None or door.last is None or door.today is None:
        return Page(tag, None)
    body = DiaryWeek(
        child_id=wish.child_id,
        first_day=door.first,
        last_day=door.last,
        today=door.today,
        days=rules.lay_out(days, door.first, door.last),
        averages=rules.averages(days.sums),
    )
    return Page(tag, body)


async def _read(
    database: Database, bearer: Bearer, wish: Wish, now: datetime, *, week: bool
) -> tuple[Door, Days | None, str]:
    """The door, the days unless the caller knows them, and their tag. The session and the right are asked in the
    transaction that reads."""
    if wish.day is not None and not _DAYS[0] <= wish.day <= _DAYS[1]:
        raise Invalid({"query:day": "bad-day"})
    asked: Asked = (bearer.session_id, bearer.account_id, wish.child_id, now, wish.day, week)
    async with database.reading(bearer.account_id) as driver:
        if wish.known:
            door = await repository.door(driver, asked)
            tag = _tag(door, wish)
            if tag in wish.known:
                return door, None, tag
        door, days = await repository.days(driver, asked)
    return door, days, _tag(door, wish)


def _tag(door: Door, wish: Wish) -> str:
    """Raises what keeps the caller from passing the door."""
    check_state(door.password_state)
    if door.today is None:
        raise NotFound
    return rules.tag_of(door.rights, door.version, door.today, door.first, wish.language)
