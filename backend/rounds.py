"""The table of jobs: what happens at which time of a school's day (DOMAIN.md section 12), and when a run is due. Pure.

Times are the school's own. A run that was missed is made up until `until` after its time, so that an outage loses no
work and wakes nobody: a question about the first lesson makes no sense in the evening.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance.jobs import ask_who_is_back, tell_due_absences
from backend.board.jobs import tell_due_announcements
from backend.core.jobs import keep_house, make_partitions
from backend.homework.jobs import remind_of_tomorrow
from backend.journal.jobs import remind_of_dots, resolve_dots, tell_due_marks
from backend.mail.jobs import forget_given_up
from backend.meetings.jobs import remind_of_meetings
from backend.register.jobs import remind_of_unfilled
from backend.school.jobs import recheck_lapsed
from backend.support.jobs import forget_old_requests
from backend.timetable.jobs import make_lessons
from backend.weeks.jobs import ask_for_weeks

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class SchoolDay:
    """A school, its day, and the moment at which a job runs for it."""

    school_id: UUID
    timezone: str
    day: date
    now: datetime


@dataclass(frozen=True)
class Round:
    """A job that runs once a day for each school.

    Attributes:
        at: by the school's clock.
        until: how long after its time a run that was missed is still made.
        weekdays: ISO numbers; every day where there are none.
    """

    name: str
    at: time
    until: timedelta
    work: Callable[[AsyncSession, SchoolDay], Awaitable[object]]
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chore:
    """A job that runs once a day for the whole installation, at midnight UTC."""

    name: str
    work: Callable[[AsyncSession, datetime], Awaitable[object]]


@dataclass(frozen=True)
class Queue:
    """Work that waits in a table until its `due_at`. It leaves in the transaction that does it, so no run needs to be
    noted. `work` does some of what is due and answers how much it found."""

    name: str
    table: str
    work: Callable[[AsyncSession, datetime], Awaitable[int]]


class Run(NamedTuple):
    """One run of a job: at most one row of `job_run` (core/models.py) exists for it."""

    job: str
    school_id: UUID | None
    scheduled_for: datetime

    @property
    def key(self) -> str:
        return self.job if self.school_id is None else f"{self.job}:{self.school_id}"

    @classmethod
    def read(cls, key: str, scheduled_for: datetime) -> Self:
        """The run that a row of `job_run` notes."""
        job, _, school = key.partition(":")
        return cls(job, UUID(school) if school else None, scheduled_for)


CHORES = (
    Chore("make-partitions", make_partitions), Chore("keep-house", keep_house),
    Chore("forget-support", forget_old_requests), Chore("forget-mail", forget_given_up),
)  # fmt: skip

ROUNDS = (
    # Rights that end by their date, on nights when nobody looked too.
    Round("recheck-lapsed", time(0), _WEEK, lambda s, d: recheck_lapsed(s, d.school_id, d.day - _DAY)),
    Round("resolve-dots", time(0), _WEEK, lambda s, d: resolve_dots(s, d.school_id, d.day, d.now)),
    Round("make-lessons", time(0), _DAY, lambda s, d: make_lessons(s, d.school_id, d.timezone, d.day)),
    Round(
        "ask-who-is-back", time(7, 10), timedelta(hours=8),
        lambda s, d: ask_who_is_back(s, d.school_id, d.timezone, d.day, d.now),
    ),
    Round("remind-of-dots", time(16), timedelta(hours=3), lambda s, d: remind_of_dots(s, d.school_id, d.day, d.now)),
    # After an outage until Sunday is over.
    Round(
        "ask-for-weeks", time(16, 40), timedelta(days=2, hours=7),
        lambda s, d: ask_for_weeks(s, d.school_id, d.timezone, d.day, d.now), weekdays=(5,),
    ),
    Round(
        "remind-of-tomorrow", time(18, 30), timedelta(hours=2, minutes=30),
        lambda s, d: remind_of_tomorrow(s, d.school_id, d.timezone, d.day, d.now),
    ),
    Round(
        "remind-of-unfilled", time(17), timedelta(hours=3),
        lambda s, d: remind_of_unfilled(s, d.school_id, d.timezone, d.day, d.now),
    ),
)  # fmt: skip

QUEUES = (
    Queue("tell-due-marks", "mark_due", tell_due_marks),
    Queue("tell-due-absences", "attendance_due", tell_due_absences),
    Queue("tell-due-announcements", "announcement_due", tell_due_announcements),
    Queue("remind-of-meetings", "meeting_reminder", remind_of_meetings),
)


def due_rounds(rounds: Sequence[Round], timezone: str, now: datetime) -> Iterator[tuple[Round, date, datetime]]:
    """The rounds that are due in a time zone now, with the school's day and the moment they were meant for, whether
    they have run or not; the oldest day first."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    for round_ in rounds:
        for back in range(round_.until // _DAY + 1, -1, -1):
            day = today - timedelta(days=back)
            scheduled = datetime.combine(day, round_.at, zone)
            if round_.weekdays and day.isoweekday() not in round_.weekdays:
                continue
            if scheduled <= now < scheduled + round_.until:
                yield round_, day, scheduled.astimezone(UTC)


def next_time(round_: Round, timezone: str, now: datetime) -> datetime:
    """When a round is meant to run next in a time zone."""
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date()
    while True:
        scheduled = datetime.combine(day, round_.at, zone)
        if scheduled > now and (not round_.weekdays or day.isoweekday() in round_.weekdays):
            return scheduled.astimezone(UTC)
        day += _DAY


# How long ago the oldest run was meant that could still be made.
MADE_UP = max(round_.until for round_ in ROUNDS) + _DAY
