"""The scheduler process. APScheduler only ticks; who leads is a lease, what is due lives in tables.

A job's run is a row (job, scheduled time) in the transaction of its work, so that a second scheduler, a
restart or a long outage neither doubles nor loses a run.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from structlog import get_logger

from backend.attendance.jobs import tell_due_absences
from backend.core.clock import Clock
from backend.core.db import Database
from backend.core.jobs import keep_house, make_partitions
from backend.core.lease import give_back, take_lease
from backend.core.models import JobRun
from backend.journal.jobs import remind_of_dots, resolve_dots, tell_due_marks
from backend.register.jobs import remind_of_unfilled
from backend.school.jobs import recheck_lapsed
from backend.school.repository import timezones
from backend.timetable.jobs import make_lessons

log = get_logger()

TICK_SECONDS = 15
LEASE = "scheduler"
LEASE_SECONDS = 60
REMIND_AT = time(17, 0)
DOTS_AT = time(16, 0)
# After an outage: rights that ended on nights when nobody looked.
NIGHTS_MADE_UP = 7
# After an outage a reminder of the day still makes sense until then; later it would only wake people.
REMIND_UNTIL = timedelta(hours=3)

Run = Callable[[AsyncSession, datetime], Awaitable[object]]
Tell = Callable[[AsyncSession, datetime], Awaitable[int]]

# At every tick: what waited for a delay or for its publication.
_TELLING: dict[str, Tell] = {"tell-due-marks": tell_due_marks, "tell-due-absences": tell_due_absences}


@dataclass(frozen=True)
class DueRun:
    """A job's run that is due now."""

    job: str
    scheduled_for: datetime
    run: Run


async def due_runs(database: Database, now: datetime) -> AsyncIterator[DueRun]:
    """The table of jobs: what is due at `now`, whether it has run already or not."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    yield DueRun("make-partitions", midnight, make_partitions)
    yield DueRun("keep-house", midnight, keep_house)
    async with database.transaction() as session:
        schools = await timezones(session)
    for school_id, timezone in schools:
        local = now.astimezone(ZoneInfo(timezone))
        for back in range(NIGHTS_MADE_UP):
            day = datetime.combine(local.date() - timedelta(days=back), time(), ZoneInfo(timezone))
            yield DueRun(f"recheck-lapsed:{school_id}", day.astimezone(UTC), _recheck(school_id, day))
            yield DueRun(f"resolve-dots:{school_id}", day.astimezone(UTC), _resolve_dots(school_id, day))
        night = datetime.combine(local.date(), time(), ZoneInfo(timezone))
        yield DueRun(f"make-lessons:{school_id}", night.astimezone(UTC), _make_lessons(school_id, timezone, night))
        dots = datetime.combine(local.date(), DOTS_AT, ZoneInfo(timezone))
        if dots <= local < dots + REMIND_UNTIL:
            yield DueRun(f"remind-of-dots:{school_id}", dots.astimezone(UTC), _remind_of_dots(school_id, local.date()))
        scheduled = datetime.combine(local.date(), REMIND_AT, ZoneInfo(timezone))
        if scheduled <= local < scheduled + REMIND_UNTIL:
            yield DueRun(
                f"remind-of-unfilled:{school_id}", scheduled.astimezone(UTC), _reminder(school_id, timezone, scheduled)
            )


def _recheck(school_id: UUID, day: datetime) -> Run:
    return lambda session, _: recheck_lapsed(session, school_id, day.date() - timedelta(days=1))


def _resolve_dots(school_id: UUID, day: datetime) -> Run:
    return lambda session, now: resolve_dots(session, school_id, day.date(), now)


def _make_lessons(school_id: UUID, timezone: str, day: datetime) -> Run:
    return lambda session, _: make_lessons(session, school_id, timezone, day.date())


def _remind_of_dots(school_id: UUID, day: date) -> Run:
    return lambda session, now: remind_of_dots(session, school_id, day, now)


def _reminder(school_id: UUID, timezone: str, scheduled: datetime) -> Run:
    return lambda session, now: remind_of_unfilled(session, school_id, timezone, scheduled.date(), now)


class Scheduler:
    """Runs due jobs while it leads.

    Args:
        name: this process's, unique among all that run.
    """

    def __init__(self, name: str, database: Database, clock: Clock) -> None:
        self._name = name
        self._database = database
        self._clock = clock

    async def tick(self) -> int:
        """Renews the lease and runs what is due. Returns how many runs were made here."""
        async with self._database.transaction() as session:
            if not await take_lease(session, LEASE, self._name, LEASE_SECONDS):
                return 0
        made = 0
        for name, tell in _TELLING.items():
            try:
                made += await self._tell(tell)
            except Exception:
                log.exception("job_failed", job=name)
        async for due in due_runs(self._database, self._clock()):
            try:
                made += await self._run(due)
            except Exception:
                log.exception("job_failed", job=due.job)
        return made

    async def _tell(self, tell: Tell) -> int:
        """What is due leaves its queue in the transaction that tells it: no run needs to be noted."""
        async with self._database.transaction() as session:
            return await tell(session, self._clock())

    async def run(self, stop: asyncio.Event) -> None:
        """Ticks until told to stop."""
        ticker = AsyncIOScheduler(timezone=UTC)
        ticker.add_job(
            self._tick_safely, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True,
            next_run_time=datetime.now(UTC),
        )  # fmt: skip
        ticker.start()
        log.info("scheduler_started", name=self._name)
        await stop.wait()
        ticker.shutdown(wait=False)
        async with self._database.transaction() as session:
            await give_back(session, LEASE, self._name)

    async def _tick_safely(self) -> None:
        try:
            await self.tick()
        except Exception:
            log.exception("scheduler_tick_failed")

    async def _run(self, due: DueRun) -> int:
        now = self._clock()
        async with self._database.transaction() as session:
            row = insert(JobRun).values(job=due.job, scheduled_for=due.scheduled_for, finished_at=now)
            mine = await session.execute(row.on_conflict_do_nothing().returning(col(JobRun.job)))
            if mine.scalar() is None:
                return 0
            await due.run(session, now)
        log.info("job_ran", job=due.job, scheduled_for=due.scheduled_for.isoformat())
        return 1
