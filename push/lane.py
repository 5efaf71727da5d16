"""One lane's loop: takes as much as it may send, sends it, and settles what has been answered.

Nothing waits for the slowest answer: batches overlap, and verdicts are settled together as they come in.
What is under way is bounded, so memory stays flat however much is queued or however long FCM is silent.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from itertools import count
from time import perf_counter

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog import get_logger

from push import metrics, queue, settling
from push.alarms import Alarms
from push.catalogue import Lane
from push.pacing import Breaker, Pacer
from push.policy import ThreadAlert
from push.queue import Taken
from push.revision import Composer, alerts_for
from push.sender import Sender
from push.settling import Pause, Settlement
from push.threads import ClaimedTray
from push.verdict import TIMEOUT, Verdict

log = get_logger()

Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]

# More would be no faster, and a worker's memory grows with what it holds at once.
BATCH = 200
MOST_SETTLED_AT_ONCE = 250
POLL_SECONDS = 0.5
_NO_ALLOWANCE_PAUSE = 0.02
_TROUBLE_PAUSE = 1.0
# A token, and an answer; together with the tries of a settlement shorter than a lease (`push/queue.py`). Past
# that, somebody else sends the same revision again.
LONGEST_SEND_SECONDS = 20
_SETTLE_TRIES = 20


class LaneLoop:
    """Delivers one lane."""

    def __init__(
        self,
        lane: Lane,
        worker: str,
        *,
        transaction: Transaction,
        sender: Sender,
        clock: Callable[[], datetime],
        composer: Composer,
        pacer: Pacer,
        alarms: Alarms,
        breaker: Breaker,
    ) -> None:
        self.lane = lane
        self.wake = asyncio.Event()
        self._leases = (f"{worker}/{lane}/{number}" for number in count())
        self._transaction = transaction
        self._sender = sender
        self._clock = clock
        self._composer = composer
        self._pacer = pacer
        self._alarms = alarms
        self._breaker = breaker
        self._under_way: set[asyncio.Task[None]] = set()
        self._answered: list[Settlement] = []
        self._answer_came = asyncio.Event()
        self._all_answered = False
        self._unsettled = 0
        self._room = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Works until `stopping` is set; then what is under way is finished and settled."""
        settler = asyncio.create_task(self._settle_as_they_come())
        while not stopping.is_set():
            room = self._sender.capacity - self._unsettled
            if room < min(BATCH, self._sender.capacity // 2):
                self._room.clear()
                await self._room.wait()
                continue
            try:
                taken = await self._take(min(room, BATCH))
            except Exception as error:
                # Whatever it is, most likely the database's: the lane goes on, leases see to the rest.
                log.warning("push_lane_trouble", lane=self.lane, error=type(error).__name__)
                await self._pause(stopping, _TROUBLE_PAUSE)
                continue
            self._start(taken)
            if taken is _NO_ALLOWANCE:
                await self._pause(stopping, _NO_ALLOWANCE_PAUSE)
            elif not taken.busy:
                await self._pause(stopping, POLL_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way)
        self._all_answered = True
        self._answer_came.set()
        await settler

    async def step(self) -> int:
        """One batch from beginning to end, for a caller who wants to know when it is done."""
        taken = await self._take(BATCH)
        settlements = await asyncio.gather(*(self._deliver(tray, alerts_for(tray, taken)) for tray in taken.trays))
        if settlements:
            await self._settle(settlements)
        return len(settlements) or int(taken.busy)

    async def _take(self, limit: int) -> Taken:
        now = self._clock()
        allowed = self._pacer.allowed(self.lane, limit, now)
        if not allowed:
            return _NO_ALLOWANCE
        async with self._transaction() as session:
            taken = await queue.take(session, self.lane, next(self._leases), now, allowed)
        if taken.paused_until is not None:
            self._pacer.slow_down()
        self._pacer.spent(len(taken.trays), hungry=len(taken.trays) == allowed < limit)
        return taken

    def _start(self, taken: Taken) -> None:
        self._unsettled += len(taken.trays)
        metrics.in_flight.labels(self.lane).set(self._unsettled)
        for tray in taken.trays:
            task = asyncio.create_task(self._deliver_and_note(tray, alerts_for(tray, taken)))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _deliver_and_note(self, tray: ClaimedTray, alerts: list[ThreadAlert]) -> None:
        self._answered.append(await self._deliver(tray, alerts))
        self._answer_came.set()

    async def _deliver(self, tray: ClaimedTray, alerts: list[ThreadAlert]) -> Settlement:
        """One tray's turn. Whatever is wrong with it stays its own trouble: a lane is never blocked by one."""
        try:
            revision = self._composer.compose(tray, alerts)
            if isinstance(revision, Settlement):
                return revision
            if (until := self._pacer.paused_until) > self._clock():
                # Claimed before somebody's answer asked all for patience.
                return Settlement(tray=tray, ends={}, attempt=tray.attempt, retry_at=max(until, tray.due_at))
            began = perf_counter()
            verdict = self._alarms.watch(await self._send(revision.message), self._clock())
            metrics.send_seconds.observe(perf_counter() - began)
            if verdict.scope == "project" and verdict.wait is not None:
                self._pacer.pause(self._clock() + verdict.wait)
            return self._composer.settle(revision, verdict)
        except Exception:
            log.exception("push_tray_failed", installation=str(tray.installation_id), revision=tray.wanted)
            return self._composer.broken(tray)

    async def _send(self, message: bytes) -> Verdict:
        """The transport's verdict, or after all this time none: a tray is ours for so long only."""
        try:
            async with asyncio.timeout(LONGEST_SEND_SECONDS):
                return await self._sender.send(message)
        except TimeoutError:
            return TIMEOUT

    async def _settle_as_they_come(self) -> None:
        while not self._all_answered:
            await self._answer_came.wait()
            self._answer_came.clear()
            while self._answered:
                await self._settle_some()

    async def _settle_some(self) -> None:
        some = self._answered[:MOST_SETTLED_AT_ONCE]
        del self._answered[: len(some)]
        try:
            if await self._settle(some):
                self.wake.set()
        except Exception as error:
            # What cannot be written down is sent again, with the same revision, when the leases run out.
            log.error("push_not_settled", lane=self.lane, trays=len(some), error=type(error).__name__)
        finally:
            self._unsettled -= len(some)
            metrics.in_flight.labels(self.lane).set(self._unsettled)
            self._room.set()

    async def _settle(self, settlements: Sequence[Settlement]) -> bool:
        """Writes down what was sent. A database that is away for a moment is waited for."""
        pause = self._breaker_pause(settlements)
        for left in range(_SETTLE_TRIES - 1, -1, -1):
            try:
                async with self._transaction() as session:
                    again = await settling.settle(session, settlements, self._clock(), pause)
                metrics.count_settled(self.lane, settlements)
                return again
            except Exception as error:
                if _is_about_a_value(error):
                    return await self._settle_apart(settlements)
                if not left:
                    raise
                log.warning("push_settling_again", trays=len(settlements))
                await asyncio.sleep(_TROUBLE_PAUSE)
        return False

    async def _settle_apart(self, settlements: Sequence[Settlement]) -> bool:
        """The database refuses a value of one of them: its neighbours must not pay for it."""
        if len(settlements) == 1:
            log.error("push_tray_unsettleable", installation=str(settlements[0].tray.installation_id))
            return False
        middle = len(settlements) // 2
        halves = [await self._settle(part) for part in (settlements[:middle], settlements[middle:])]
        return any(halves)

    def _breaker_pause(self, settlements: Sequence[Settlement]) -> Pause | None:
        """A pause for all, where FCM has answered nobody for a while."""
        wait = self._breaker.note([settlement.attempt == 0 for settlement in settlements if _was_sent(settlement)])
        if wait is None:
            return None
        log.warning("push_fcm_silent", seconds=wait.total_seconds())
        return Pause("project", self._clock() + wait, "silent")

    async def _pause(self, stopping: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), seconds)
        except TimeoutError:
            return
        if not stopping.is_set():
            self.wake.clear()


_NO_ALLOWANCE = Taken([], {}, busy=False)


def _is_about_a_value(error: Exception) -> bool:
    """SQLSTATE classes 22 and 23: data exception, integrity constraint."""
    state = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    return str(state)[:2] in {"22", "23"}


def _was_sent(settlement: Settlement) -> bool:
    return settlement.sent or settlement.attempt > 0 or settlement.lost is not None
