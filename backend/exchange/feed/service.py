"""One request of a feed: its rows in the order of what names what, each whole or refused, all in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.errors import Conflict, Invalid
from backend.exchange.feed import absences, credentials, homework, lessons, marks, people, repository, works
from backend.exchange.feed.credentials import Feeder
from backend.exchange.feed.desk import Desk
from backend.exchange.feed.people import Names
from backend.exchange.feed.rows import Row, W, rows_of
from backend.exchange.links import Links
from backend.journal import repository as journal
from schemas.feed import Feed, FeedAbsence, FeedHomework, FeedLesson, FeedMark, FeedTaken, FeedWork

MOST_ROWS = 2_000


@dataclass(frozen=True)
class _Rows:
    lessons: list[Row[FeedLesson]]
    works: list[Row[FeedWork]]
    marks: list[Row[FeedMark]]
    absences: list[Row[FeedAbsence]]
    homework: list[Row[FeedHomework]]


async def take(session: AsyncSession, feeder: Feeder, feed: Feed, now: datetime) -> FeedTaken:
    """Writes what can be written; what cannot is refused row by row. Sent again, it changes nothing.

    Raises:
        Invalid: there are too many rows.
        Conflict: somebody wrote the same at this moment (`try-again`); nothing is saved.
        Unauthenticated: the credential was revoked meanwhile; nothing is saved.
    """
    if len(_all(feed)) > MOST_ROWS:
        raise Invalid({"": "too-many-rows"})
    rows = _Rows(
        lessons=rows_of("lessons", feed.lessons, "group", "subject", "teacher", "number", "startsAt", "endsAt"),
        works=rows_of("works", feed.works, "lesson", "kind"),
        marks=rows_of("marks", feed.marks, "work", "student", "value"),
        absences=rows_of("absences", feed.absences, "lesson", "student"),
        homework=rows_of("homework", feed.homework, "lesson", "dueOn", "text"),
    )
    try:
        await repository.one_at_a_time(session, feeder.source)
        await _write(await _desk(session, feeder, feed, now), rows)
        await credentials.note_use(session, feeder, now)
    except DBAPIError as error:
        if _is_race(error):
            raise Conflict(code="try-again") from error
        raise
    return FeedTaken(
        lessons=[row.result() for row in rows.lessons],
        works=[row.result() for row in rows.works],
        marks=[row.result() for row in rows.marks],
        absences=[row.result() for row in rows.absences],
        homework=[row.result() for row in rows.homework],
    )


async def _desk(session: AsyncSession, feeder: Feeder, feed: Feed, now: datetime) -> Desk:
    """Loads what the rows name."""
    at_lessons: list[FeedWork | FeedAbsence | FeedHomework] = [*feed.works, *feed.absences, *feed.homework]
    of_students: list[FeedMark | FeedAbsence] = [*feed.marks, *feed.absences]
    names = Names(
        groups={wish.group for wish in feed.lessons if wish.group is not None},
        subjects={wish.subject for wish in feed.lessons if wish.subject is not None},
        teachers={wish.teacher for wish in _all(feed) if wish.teacher is not None},
        students={wish.student for wish in of_students if wish.student is not None},
    )
    known = await people.load(session, feeder, names)
    links = Links(feeder.source)
    named_lessons = [wish.lesson for wish in at_lessons if wish.lesson is not None]
    named_works = [wish.work for wish in feed.marks if wish.work is not None]
    externals = {
        lessons.KIND: [wish.external_id for wish in feed.lessons] + named_lessons,
        works.KIND: [wish.external_id for wish in feed.works] + named_works,
        marks.KIND: [wish.external_id for wish in feed.marks],
        absences.KIND: [wish.external_id for wish in feed.absences],
        homework.KIND: [wish.external_id for wish in feed.homework],
    }
    for kind, wanted in externals.items():
        if wanted:
            await links.load(session, kind, set(wanted))
    today = school_date(now, feeder.timezone)
    return Desk(session, feeder, links, known, today, now, silent=feed.alerts == "silent")


async def _write(desk: Desk, rows: _Rows) -> None:
    """Locks in the order of all who write a journal: lessons, periods, works."""
    at_lessons: list[Row[FeedWork] | Row[FeedAbsence] | Row[FeedHomework]]
    at_lessons = [*rows.works, *rows.absences, *rows.homework]
    named = [row.wish.lesson for row in at_lessons]
    await lessons.take(desk, rows.lessons, named, _linked(desk, absences.KIND, rows.absences))
    await journal.hold_periods(desk.session, desk.feeder.school_id)
    await works.take(desk, rows.works, [row.wish.work for row in rows.marks], _linked(desk, marks.KIND, rows.marks))
    await marks.take(desk, rows.marks)
    await absences.take(desk, rows.absences)
    await absences.note_taken(desk, rows.lessons)
    await homework.take(desk, rows.homework)
    await desk.links.save(desk.session)


def _all(feed: Feed) -> list[FeedLesson | FeedWork | FeedMark | FeedAbsence | FeedHomework]:
    return [*feed.lessons, *feed.works, *feed.marks, *feed.absences, *feed.homework]


def _linked(desk: Desk, kind: str, rows: list[Row[W]]) -> list[UUID]:
    """The works or lessons of what was sent under the rows' ids before."""
    return [id_ for row in rows if (id_ := desk.linked(kind, row))]


def _is_race(error: DBAPIError) -> bool:
    """Whether what every check had allowed was refused all the same."""
    cause = getattr(error.orig, "__cause__", None)
    return isinstance(error, IntegrityError) or isinstance(cause, asyncpg.DeadlockDetectedError)
