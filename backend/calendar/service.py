"""A calendar as a program reads it: by its address alone, with the right to everything in it asked anew."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.calendar import addresses, repository
from backend.calendar.entries import ANNOUNCED, Entry, Writer
from backend.calendar.ics import draw
from backend.calendar.repository import Found
from backend.core.build import BUILD
from backend.core.clock import school_date, utc_midnight
from backend.core.db import Database
from backend.core.errors import NotFound
from backend.core.settings import Keys
from backend.identity import repository as identity
from backend.meetings.repository import meetings_in_calendar
from backend.school import account_repository as accounts
from backend.school import rights
from backend.timetable import repository as timetable

BACK = timedelta(days=30)
AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Page:
    """A calendar as a file; without a body where the program has this one already."""

    tag: str
    body: bytes | None


@dataclass
class Whom:
    """Whose days a calendar holds, as things stand now. `today`: of the schools concerned."""

    names: dict[UUID, str] = field(default_factory=dict)
    teaches: bool = False
    today: list[date] = field(default_factory=list)


class CalendarDesk:
    """Reads calendars in transactions of their own: who asks is nobody but the address."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database, self._keys = database, keys

    async def read(self, name: str, known: frozenset[str], now: datetime) -> Page:
        """The calendar of an address, or only its tag where it is among the `known` ones.

        Raises:
            NotFound: no such address, it was revoked, or nothing of what it was made for is to be seen any more.
        """
        secret = addresses.secret_in(name)
        if secret is None:
            raise NotFound
        async with self._database.transaction() as session:
            feed = await repository.by_digest(session, addresses.digest_of(self._keys.index, secret))
        if feed is None:
            raise NotFound
        async with self._database.transaction(feed.account_id) as session:
            title, entries = await _gather(session, feed, now)
            if not await repository.note_read(session, feed.id, now):
                raise NotFound
        # The days shown move every day, so it is made anew every day.
        stamp = utc_midnight(now)
        tag = _tag(title, entries, stamp)
        if tag in known:
            return Page(tag, None)
        # A school year of three children takes a quarter of a second, which nobody else should wait for.
        return Page(tag, await asyncio.to_thread(draw, title, entries, stamp))


async def _gather(session: AsyncSession, feed: Found, now: datetime) -> tuple[str, list[Entry]]:
    """The title and the entries, in the person's language. Raises NotFound where there is no right left."""
    person = await identity.account(session, feed.account_id)
    if person is None or person.disabled_at is not None:
        raise NotFound
    whom = await _child(session, feed, now) if feed.child_id else await _everything(session, feed.account_id, now)
    first, last = min(whom.today) - BACK, max(whom.today) + AHEAD
    writer = Writer(person.language, {} if feed.child_id else whom.names)
    children = sorted(whom.names)
    entries = await _of_children(session, writer, children, first, last)
    if whom.teaches:
        entries += await _taught(session, writer, feed.account_id, first, last)
    meetings = await meetings_in_calendar(session, feed.account_id, feed.child_id, first, last, now)
    entries += [writer.meeting(row) for row in meetings]
    title = writer.title(whom.names[feed.child_id] if feed.child_id else None)
    return title, sorted(entries, key=lambda entry: entry.uid)


async def _child(session: AsyncSession, feed: Found, now: datetime) -> Whom:
    assert feed.child_id is not None  # noqa: S101 - narrows the type
    child = await rights.child_to_view(session, feed.account_id, feed.child_id, now)
    return Whom({child.child_id: child.given_name}, today=[child.today])


async def _everything(session: AsyncSession, account_id: UUID, now: datetime) -> Whom:
    """All children of a person, the person's own diary and lessons."""
    whom = Whom()
    for row in await accounts.children_of(session, account_id, now):
        whom.names[row["id"]] = row["given_name"]
        whom.today.append(school_date(now, row["timezone"]))
    own = await accounts.student_of_account(session, account_id)
    if own is not None:
        student = await rights.child_to_view(session, account_id, own, now)
        whom.names[own] = ""
        whom.today.append(student.today)
    roles = await accounts.roles_of(session, account_id, now)
    whom.teaches = bool(roles)
    whom.today += [school_date(now, place.timezone) for _, place in roles]
    if not whom.today:
        raise NotFound
    return whom


async def _of_children(
    session: AsyncSession, writer: Writer, children: Sequence[UUID], first: date, last: date
) -> list[Entry]:
    if not children:
        return []
    lessons = await repository.lessons(session, children, first, last)
    changes = await timetable.change_counts(session, [row["id"] for row in lessons])
    works = await repository.works(session, children, first, last, ANNOUNCED)
    homework = await repository.homework(session, children, first, last)
    return [
        *(writer.lesson(row, changes.get(row["id"], 0)) for row in lessons),
        *(writer.work(row) for row in works),
        *(writer.homework(row) for row in homework),
    ]


async def _taught(session: AsyncSession, writer: Writer, account_id: UUID, first: date, last: date) -> list[Entry]:
    lessons = await timetable.lessons_of_teacher(session, account_id, first, last)
    changes = await timetable.change_counts(session, [row["id"] for row in lessons])
    return [writer.taught(row, changes.get(row["id"], 0)) for row in lessons]


def _tag(title: str, entries: list[Entry], stamp: datetime) -> str:
    """The ETag: of what is shown. A release may draw the same otherwise."""
    shown = msgspec.json.encode([BUILD, title, stamp, entries])
    return f'W/"{hashlib.sha256(shown).hexdigest()[:32]}"'
