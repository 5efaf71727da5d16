"""What the week is played on: the real use cases, scheduler and workers over the real transport, and a clock that is
moved, never waited for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from backend.core.db import Database
from backend.core.redis import Announcer, connect_redis
from backend.core.settings import Settings
from backend.identity.acting import Acting
from backend.scheduler import Scheduler
from push.catalogue import LANES, Lane
from push.devices import DeviceKeys
from push.envelope import Envelopes
from push.fcm import Fcm, ServiceAccount
from push.revision import Composer
from push.statements import PLANNER
from push.verdict import Outcome, Verdict
from push.wording import push_texts
from push.worker import Worker
from tests.benchmarks.push.server import FastFcm
from tests.conftest import MovableClock

# A worker that stands still with the clock has no time to ramp up.
_UNBOUND_QUOTA = 1_000_000_000
_WORKERS = 2
_AT_ONCE = 6


class Witness:
    """Passes messages on to FCM, and keeps those that it accepted, with the name that it gave them."""

    def __init__(self, fcm: Fcm) -> None:
        self._fcm = fcm
        self.accepted: list[tuple[str | None, bytes]] = []

    @property
    def capacity(self) -> int:
        return self._fcm.capacity

    async def send(self, message: bytes) -> Verdict:
        verdict = await self._fcm.send(message)
        if verdict.outcome is Outcome.ACCEPTED:
            self.accepted.append((verdict.message_name, message))
        return verdict

    async def close(self) -> None:
        await self._fcm.close()


@dataclass
class Stage:
    """`spent`: seconds by what they were spent on."""

    database: Database
    push_database: Database
    scheduler: Scheduler
    workers: list[Worker]
    clock: MovableClock
    witness: Witness
    spent: dict[str, float] = field(default_factory=dict)
    moments: list[datetime] = field(default_factory=list)

    async def at(self, moment: datetime, *doings: Callable[[], Any]) -> None:
        """It is now `moment`: people do things, time brings what it brings, and phones hear of it."""
        self.clock.now = moment.astimezone(UTC)
        self.moments.append(moment)
        for doing in doings:
            await self._timed("people", doing)
        await self._timed("scheduler", self.scheduler.tick)
        await self._timed("phones", self._deliver)

    @asynccontextmanager
    async def acting(self, account: UUID) -> AsyncIterator[tuple[Any, Acting, datetime]]:
        """A request's transaction, as the routes have it."""
        acting = Acting(account, account, "somebody", "ru", must_set_password=False)
        async with self.database.transaction(account) as session:
            yield session, acting, self.clock.now

    async def _timed(self, what: str, doing: Callable[[], Any]) -> None:
        began = perf_counter()
        await doing()
        self.spent[what] = self.spent.get(what, 0.0) + perf_counter() - began

    async def _deliver(self) -> None:
        """Until no worker finds anything to do."""
        while any([await worker.expand() for worker in self.workers]):
            pass
        await asyncio.gather(*(_empty(worker, lane) for worker in self.workers for lane in LANES))


async def _empty(worker: Worker, lane: Lane) -> None:
    while await worker.step(lane):
        pass


@asynccontextmanager
async def open_stage(settings: Settings, fcm: FastFcm, clock: MovableClock) -> AsyncIterator[Stage]:
    """Composes the processes of an installation on one event loop, each as its own database role."""
    redis, listening = connect_redis(settings.redis_url), connect_redis(settings.redis_url, blocking=True)
    announcer = Announcer(redis)
    database = Database(settings.database_url, pool=_AT_ONCE, name="simulation", after_commit=announcer)
    push_database = Database(
        settings.push_database_url,
        pool=3 * _WORKERS,
        name="simulation-push",
        after_commit=announcer,
        planner=PLANNER,
    )
    account = ServiceAccount(fcm.identity.service_account, clock=clock, ca=fcm.identity.ca)
    witness = Witness(Fcm(account, base_url=fcm.base_url, clock=clock, ca=fcm.identity.ca, connections=4))
    composer = Composer(
        push_texts(), DeviceKeys(settings.keys.device_keys), Envelopes(settings.keys.tags, clock), clock
    )
    workers = [
        Worker(
            f"worker-{number}", transaction=push_database.transaction, redis=listening,
            senders=dict.fromkeys(LANES, witness), clock=clock, composer=composer, quota=_UNBOUND_QUOTA,
        )
        for number in range(_WORKERS)
    ]  # fmt: skip
    scheduler = Scheduler("simulation", database, clock, _NO_ERRANDS)
    try:
        yield Stage(database, push_database, scheduler, workers, clock, witness)
    finally:
        await witness.close()
        await database.close()
        await push_database.close()
        await redis.aclose()
        await listening.aclose()


_NO_ERRANDS: Mapping[str, Any] = MappingProxyType({})
