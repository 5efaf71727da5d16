"""`diary jobs`: what the scheduler has done, what is due, what comes next."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import utc_midnight
from backend.core.db import Database
from backend.core.settings import Settings
from backend.processes import app_database
from backend.rounds import CHORES, MADE_UP, QUEUES, ROUNDS, Run, due_rounds, next_time
from backend.school.repository import timezones

_LEADER = text("SELECT holder, until > now() AS leads FROM lease WHERE name = 'scheduler'")
_RAN = text("SELECT job, scheduled_for FROM job_run WHERE scheduled_for > :since")

# What else waits in tables (backend/processes/scheduler.py).
_ERRANDS = (("remove-files", "file_removal"), ("send-mail", "mail_due"))

# Of one job: for which schools a run was made, by the moment that it was meant for; None for a chore.
Ran = dict[datetime, set[UUID | None]]


@dataclass(frozen=True)
class JobLine:
    """A job of schools or of the installation: when it last ran, how many runs are due and not made, what comes next.

    Attributes:
        ran: how many runs were made for the last time that it was meant for.
    """

    name: str
    at: str
    last: datetime | None
    ran: int
    due: int
    next: datetime | None


@dataclass(frozen=True)
class QueueLine:
    """Work that waits for its time. `late`: how much of it is due, and since when the oldest; `given_up`: what nobody
    tries any more."""

    name: str
    waiting: int
    late: int
    oldest: datetime | None
    given_up: int = 0


@dataclass(frozen=True)
class JobsFound:
    """`leader`: the scheduler that holds the lease, or None where none runs."""

    leader: str | None
    jobs: Sequence[JobLine]
    queues: Sequence[QueueLine]

    def lines(self) -> Iterator[str]:
        """As the command prints it; moments in UTC."""
        yield f"leader: {self.leader or 'none: no scheduler runs'}"
        yield ""
        yield f"{'job':<24}{'at':<12}{'last run':<24}{'runs':>6}{'due':>6}  next"
        for job in self.jobs:
            yield f"{job.name:<24}{job.at:<12}{_shown(job.last):<24}{job.ran:>6}{job.due:>6}  {_shown(job.next)}"
        yield ""
        yield f"{'queue':<24}{'waiting':>8}{'due':>6}{'given up':>10}  oldest due"
        for queue in self.queues:
            yield f"{queue.name:<24}{queue.waiting:>8}{queue.late:>6}{queue.given_up:>10}  {_shown(queue.oldest)}"


async def read_jobs(settings: Settings, now: datetime) -> JobsFound:
    """What the tables say of jobs."""
    database = app_database(settings, "diary-jobs")
    try:
        return await look(database, now)
    finally:
        await database.close()


async def look(database: Database, now: datetime) -> JobsFound:
    """The same, of a database that is open."""
    async with database.transaction() as session:
        leader = (await session.execute(_LEADER)).first()
        ran: dict[str, Ran] = defaultdict(lambda: defaultdict(set))
        for key, scheduled in await session.execute(_RAN, {"since": now - MADE_UP}):
            run = Run.read(key, scheduled)
            ran[run.job][scheduled].add(run.school_id)
        schools = await timezones(session)
        jobs = [_chore_line(chore.name, ran[chore.name], now) for chore in CHORES]
        jobs += _round_lines(schools, ran, now)
        waiting = [*((queue.name, queue.table) for queue in QUEUES), *_ERRANDS]
        queues = [await _queue_line(session, name, table, now) for name, table in waiting]
    return JobsFound(leader.holder if leader is not None and leader.leads else None, jobs, queues)


def _chore_line(name: str, ran: Ran, now: datetime) -> JobLine:
    midnight = utc_midnight(now)
    last = max(ran, default=None)
    return JobLine(
        name, "00:00 UTC", last, len(ran[last]) if last else 0, int(midnight not in ran), midnight + timedelta(days=1)
    )


def _round_lines(schools: Sequence[tuple[UUID, str]], ran: dict[str, Ran], now: datetime) -> Iterator[JobLine]:
    zones = Counter(timezone for _, timezone in schools)
    due: Counter[str] = Counter()
    for timezone in zones:
        here = {school for school, zone in schools if zone == timezone}
        for round_, _, scheduled in due_rounds(ROUNDS, timezone, now):
            due[round_.name] += len(here - ran[round_.name][scheduled])
    for round_ in ROUNDS:
        made = {moment: done for moment, done in ran[round_.name].items() if done}
        last = max(made, default=None)
        coming = min((next_time(round_, timezone, now) for timezone in zones), default=None)
        yield JobLine(round_.name, f"{round_.at:%H:%M}", last, len(made[last]) if last else 0, due[round_.name], coming)


async def _queue_line(session: AsyncSession, name: str, table: str, now: datetime) -> QueueLine:
    counted = text(f"""
        SELECT count(due_at), count(*) FILTER (WHERE due_at <= :now), min(due_at) FILTER (WHERE due_at <= :now),
               count(*) FILTER (WHERE due_at IS NULL)
          FROM {table}
    """)
    return QueueLine(name, *(await session.execute(counted, {"now": now})).one())


def _shown(moment: datetime | None) -> str:
    return "-" if moment is None else moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M")
