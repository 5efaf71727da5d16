"""The push worker: fan out -> claim -> compose -> send -> settle. Any number of them may run.

Lanes do not wait for each other: each has its own loop (`push/lane.py`), and its own connections.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from redis.asyncio import Redis
from redis.exceptions import RedisError
from structlog import get_logger

from push import broadcasts, metrics, pacing, queue
from push.alarms import Alarms
from push.catalogue import LANES, Lane
from push.lane import LaneLoop, Transaction
from push.outbox import CHANNEL
from push.pacing import BEAT, Breaker, Pacer
from push.revision import Composer
from push.sender import Sender

log = get_logger()

POLL_SECONDS = 0.5
_TROUBLE_PAUSE = 1.0


class Worker:
    """Delivers what `outbox.append` committed.

    Args:
        name: this worker's, unique among all that run; leases carry it.
        transaction: opens a transaction as the role `diary_push`.
        senders: the transport of each lane.
        quota: what FCM allows the project, in messages a minute; live workers share it.
    """

    def __init__(
        self,
        name: str,
        *,
        transaction: Transaction,
        redis: Redis,
        senders: Mapping[Lane, Sender],
        clock: Callable[[], datetime],
        composer: Composer,
        quota: int = pacing.DEFAULT_QUOTA,
    ) -> None:
        self._name = name
        self._transaction = transaction
        self._redis = redis
        self._clock = clock
        self._pacer = Pacer(quota, clock())
        self._stopping = asyncio.Event()
        self.alarms, breaker = Alarms(), Breaker()
        self._lanes = {
            lane: LaneLoop(
                lane, name,
                transaction=transaction, sender=senders[lane], clock=clock, composer=composer,
                pacer=self._pacer, alarms=self.alarms, breaker=breaker,
            )
            for lane in LANES
        }  # fmt: skip
        self._expand_wake = asyncio.Event()

    async def run(self) -> None:
        """Works until `stop` is called; what is in flight is finished first, the rest is given back."""
        log.info("push_worker_started", worker=self._name)
        await self._safely(self.beat)
        helpers = [
            asyncio.create_task(task)
            for task in (self._listen(), self._every(BEAT.total_seconds(), self.beat), self._expand_all())
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for lane in self._lanes.values():
                    group.create_task(lane.run(self._stopping))
        finally:
            for helper in helpers:
                helper.cancel()
            await self._safely(self._leave)
            log.info("push_worker_stopped", worker=self._name)

    def stop(self) -> None:
        self._stopping.set()
        self._wake()

    async def step(self, lane: Lane) -> int:
        """Fans out and delivers one batch of the lane, and waits for its settlement. Returns how much there
        was to do."""
        return await self._lanes[lane].step()

    async def expand(self) -> int:
        """Writes the next chunk of a broadcast. Returns how many alerts that were."""
        async with self._transaction() as session:
            return await broadcasts.expand(session)

    async def beat(self) -> None:
        """Says that this worker lives, hears how many do, and takes the measure of the queues."""
        async with self._transaction() as session:
            live = await pacing.heartbeat(session, self._name)
            ages = await queue.ages(session, self._clock())
        self._pacer.live(live)
        metrics.live_workers.set(live)
        metrics.quota_used.set(self._pacer.used)
        for lane in LANES:
            metrics.queue_age_seconds.labels(lane).set(ages.get(lane, 0.0))

    async def _leave(self) -> None:
        async with self._transaction() as session:
            await queue.give_back(session, self._name)
            await pacing.leave(session, self._name)

    async def _expand_all(self) -> None:
        while True:
            written = await self._safely(self.expand)
            if written:
                self._wake()
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._expand_wake.wait(), POLL_SECONDS)
            self._expand_wake.clear()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._safely(work)

    async def _safely(self, work: Callable[[], Awaitable[object]]) -> object:
        """What fails here fails for the database's sake; the next turn comes."""
        try:
            return await work()
        except Exception as error:
            log.warning("push_database_trouble", error=type(error).__name__)
            return None

    def _wake(self) -> None:
        self._expand_wake.set()
        for lane in self._lanes.values():
            lane.wake.set()

    async def _listen(self) -> None:
        """Redis wakes the lanes. Without it they poll."""
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._wake()
            except (RedisError, OSError) as error:
                log.warning("push_redis_trouble", error=type(error).__name__)
                await asyncio.sleep(_TROUBLE_PAUSE)
