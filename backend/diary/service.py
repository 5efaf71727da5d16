"""A child's day and week: behind the right to the child, and only if they have changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.core.clock import Clock
from backend.core.errors import Invalid, NotFound
from backend.core.reading import Readers
from backend.diary import repository, rules
from backend.diary.repository import Asked, Days, Door
from backend.identity.acting import Bearer, check_state
from schemas.base import Output
from schemas.diary import SubjectAverage

# Days outside of this are typing errors, and some of them no calendar can compute with.
_DAYS = (date(1990, 1, 1), date(2200, 1, 1))


class _Week(Output):
    """`DiaryWeek` around days that are JSON already."""

    child_id: UUID
    first_day: date | None
    last_day: date | None
    today: date | None
    days: msgspec.Raw
    averages: list[SubjectAverage]


class _DayOfChild(Output):
    """`DayOfChild` around a day that is JSON already."""

    child_id: UUID
    given_name: str
    class_name: str | None
    today: date | None
    day: msgspec.Raw


class _ChildrenDay(Output):
    items: list[_DayOfChild]


_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Page:
    """A page of the diary as JSON; without a body where the caller has this one already."""

    tag: str
    body: bytes | None


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


class DiaryDesk:
    """Reads the diary in read-only transactions of its own."""

    def __init__(self, readers: Readers, token_key: bytes, clock: Clock) -> None:
        self._readers = readers
        self.token_key = token_key
        self.clock = clock

    async def day(self, bearer: Bearer, wish: Wish, now: datetime) -> Page:
        """One day of a child, a `DiaryDay`. Raises NotFound without the right to the child."""
        _, days, tag = await self._read(bearer, wish, now, week=False)
        return Page(tag, _only(days) if days else None)

    async def week(self, bearer: Bearer, wish: Wish, now: datetime) -> Page:
        """The week of a day, a `DiaryWeek`, with the averages of the period. Raises NotFound without the right."""
        door, days, tag = await self._read(bearer, wish, now, week=True)
        if days is None:
            return Page(tag, None)
        body = _Week(
            child_id=wish.child_id,
            first_day=door.first,
            last_day=door.last,
            today=door.today,
            days=days.items,
            averages=rules.averages(days.sums),
        )
        return Page(tag, _encode(body))

    async def children_day(
        self, bearer: Bearer, children: Sequence[Mapping[str, Any]], day: date | None, now: datetime
    ) -> bytes:
        """The day of each child, a `ChildrenDay`. A right that has ended meanwhile leaves its child out."""
        items = []
        for child in children:
            try:
                door, days, _ = await self._read(bearer, Wish(child["id"], day, frozenset(), ""), now, week=False)
            except NotFound:
                continue
            if days is not None:
                items.append(
                    _DayOfChild(
                        child_id=child["id"], given_name=child["given_name"], class_name=child["class_name"],
                        today=door.today, day=msgspec.Raw(_only(days)),
                    )
                )  # fmt: skip
        return _encode(_ChildrenDay(items=items))

    async def _read(self, bearer: Bearer, wish: Wish, now: datetime, *, week: bool) -> tuple[Door, Days | None, str]:
        """The door, the days unless the caller knows them, and their tag. The session and the right are asked in the
        transaction that reads."""
        if wish.day is not None and not _DAYS[0] <= wish.day <= _DAYS[1]:
            raise Invalid({"query:day": "bad-day"})
        asked: Asked = (bearer.session_id, bearer.account_id, wish.child_id, now, wish.day, week)
        if wish.known:
            door = await self._readers.ask(lambda driver: repository.door(driver, asked))
            tag = _tag(door, wish)
            if tag in wish.known:
                return door, None, tag
        async with self._readers.transaction(bearer.account_id) as driver:
            door, days = await repository.days(driver, asked)
        return door, days, _tag(door, wish)


def _only(days: Days) -> bytes:
    """The only one of an array."""
    return bytes(memoryview(days.items))[1:-1]


def _tag(door: Door, wish: Wish) -> str:
    """Raises what keeps the caller from passing the door."""
    check_state(door.password_state)
    if door.today is None:
        raise NotFound
    return rules.tag_of(door.rights, door.version, door.today, door.first, wish.language)
