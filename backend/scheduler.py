"""The scheduler process. APScheduler only ticks; who leads is a lease, what is due lives in tables (`rounds.py`).

A job's run is a row (job, scheduled time) in the transaction of its work, so that a second scheduler, a
restart or a long outage neither doubles nor loses a run.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from structlog import get_logger

from backend.core.clock import Clock, utc_midnight
from backend.core.db import Database
from backend.core.lease import give_back, take_lease
from backend.core.models import JobRun
from backend.rounds import CHORES, MADE_UP, QUEUES, ROUNDS, Queue, Run, SchoolDay, due_rounds
from backend.school.repository import timezones

log = get_logger()

LEASE = "scheduler"
LEASE_SECONDS = 60
# Delays are in minutes: who waits for one must not wait for a tick as well.
QUEUE_SECONDS = 2
ROUND_SECONDS = 15
ERRAND_SECONDS = 5

Work = Callable[[AsyncSession, datetime], Awaitable[object]]
# Work with transactions of its own, because it waits for something else than the database in between: a storage, a mail
# server. It answers how much it did.
Errand = Callable[[datetime], Awaitable[int]]


class Scheduler:
    """Runs due jobs while it leads.

    Args:
        name: this process's, unique among all that run.
        errands: by name. They may take their time: nothing waits for them.
    """

    def __init__(
        self, name: str, database: Database, clock: Clock, errands: Mapping[str, Errand] = MappingProxyType({})
    ) -> None:
        self._name = name
        self._database = database
        self._clock = clock
        self._errands = errands
        # Runs that are known to be made, so that a tick asks nothing about them.
        self._made: set[Run] | None = None

    async def tick(self) -> int:
        """Does what is due, if this process leads. Returns how many runs and pieces of queued work it made."""
        return await self.empty_queues() + await self.make_rounds() + await self.run_errands()

    async def empty_queues(self) -> int:
        """Does the work of queues whose time has come."""
        if not await self._leads():
            return 0
        return sum([await self._empty(queue) for queue in QUEUES])

    async def make_rounds(self) -> int:
        """Runs the jobs that are due and have not run."""
        if not await self._leads():
            self._made = None
            return 0
        now = self._clock()
        due = await self._due(now)
        self._made = (self._made & due.keys()) if self._made is not None else await self._find_made(now)
        made = 0
        for run, work in due.items():
            if run not in self._made:
                made += await self._make(run, work)
        return made

    async def run_errands(self) -> int:
        """Does what has to do with the outside; an errand that fails does not stop the others."""
        if not await self._leads():
            return 0
        done = 0
        for name, errand in self._errands.items():
            try:
                done += await errand(self._clock())
            except Exception:
                log.exception("job_failed", job=name)
        return done

    async def run(self, stop: asyncio.Event) -> None:
        """Ticks until told to stop."""
        ticker = AsyncIOScheduler(timezone=UTC)
        for work, seconds in (
            (self.empty_queues, QUEUE_SECONDS), (self.make_rounds, ROUND_SECONDS), (self.run_errands, ERRAND_SECONDS),
        ):  # fmt: skip
            ticker.add_job(
                _safely(work), "interval", seconds=seconds, max_instances=1, coalesce=True,
                next_run_time=datetime.now(UTC),
            )  # fmt: skip
        ticker.start()
        log.info("scheduler_started", name=self._name)
        await stop.wait()
        ticker.shutdown(wait=False)
        async with self._database.transaction() as session:
            await give_back(session, LEASE, self._name)

    async def _leads(self) -> bool:
        """Takes or renews the lease."""
        async with self._database.transaction() as session:
            return await take_lease(session, LEASE, self._name, LEASE_SECONDS)

    async def _empty(self, queue: Queue) -> int:
        """Until nothing is due; a queue that fails does not stop the others."""
        done = 0
        try:
            while True:
                async with self._database.transaction() as session:
                    found = await queue.work(session, self._clock())
                if not found:
                    return done
                done += found
        except Exception:
            log.exception("job_failed", job=queue.name)
            return done

    async def _due(self, now: datetime) -> dict[Run, Work]:
        """What is due now, whether it has run or not."""
        due: dict[Run, Work] = {Run(chore.name, None, utc_midnight(now)): chore.work for chore in CHORES}
        zones: dict[str, list[UUID]] = defaultdict(list)
        async with self._database.transaction() as session:
            for school_id, timezone in await timezones(session):
                zones[timezone].append(school_id)
        for timezone, schools in zones.items():
            for round_, day, scheduled in due_rounds(ROUNDS, timezone, now):
                for school_id in schools:
                    place = SchoolDay(school_id, timezone, day, now)
                    due[Run(round_.name, school_id, scheduled)] = lambda s, _, r=round_, p=place: r.work(s, p)  # type: ignore[misc]
        return due

    async def _find_made(self, now: datetime) -> set[Run]:
        since = select(col(JobRun.job), col(JobRun.scheduled_for)).where(col(JobRun.scheduled_for) > now - MADE_UP)
        async with self._database.transaction() as session:
            return {Run.read(job, scheduled) for job, scheduled in await session.execute(since)}

    async def _make(self, run: Run, work: Work) -> int:
        """Makes a run unless another process has; one that fails is tried again at the next tick."""
        now = self._clock()
        try:
            async with self._database.transaction() as session:
                row = insert(JobRun).values(job=run.key, scheduled_for=run.scheduled_for, finished_at=now)
                mine = (await session.execute(row.on_conflict_do_nothing().returning(col(JobRun.job)))).scalar()
                if mine is not None:
                    await work(session, now)
        except Exception:
            log.exception("job_failed", job=run.key)
            return 0
        if self._made is not None:
            self._made.add(run)
        if mine is None:
            return 0
        log.info("job_ran", job=run.key, scheduled_for=run.scheduled_for.isoformat())
        return 1


def _safely(work: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[None]]:
    async def once() -> None:
        try:
            await work()
        except Exception:
            log.exception("scheduler_tick_failed")

    return once
