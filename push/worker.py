"""The push worker: fan out -> claim -> envelope -> send -> settle. Any number of them may run.

Lanes do not wait for each other: each has its own loop, and the urgent one its own connections.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog import get_logger

from push import metrics, queue
from push.catalogue import LANES, Lane, kind_of
from push.devices import DeviceKeys
from push.envelope import Address, Content, Envelopes, Neutral
from push.outbox import CHANNEL
from push.policy import Decision, ThreadAlert, decide, is_loud
from push.queue import ClaimedTray, Settlement
from push.retry import next_try
from push.sender import Sender
from push.verdict import Outcome, Verdict
from push.wording import Texts
from push.wording.renderer import render

log = get_logger()

Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]

POLL_SECONDS = 0.5
BATCH = 100
_TROUBLE_PAUSE = 1.0
_SETTLE_TRIES = 5
_FOR_A_NEWER_WORKER = timedelta(minutes=1)


class Worker:
    """Delivers what `outbox.append` committed.

    Args:
        name: this worker's, unique among all that run; leases carry it.
        transaction: opens a transaction as the role `diary_push`.
        senders: the transport of each lane.
    """

    def __init__(
        self,
        name: str,
        *,
        transaction: Transaction,
        redis: Redis,
        senders: Mapping[Lane, Sender],
        clock: Callable[[], datetime],
        texts: Texts,
        device_keys: DeviceKeys,
        envelopes: Envelopes,
    ) -> None:
        self._name = name
        self._transaction = transaction
        self._redis = redis
        self._senders = senders
        self._clock = clock
        self._texts = texts
        self._device_keys = device_keys
        self._envelopes = envelopes
        self._wakes = {lane: asyncio.Event() for lane in LANES}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Works until `stop` is called; what is in flight is finished first, the rest is given back."""
        log.info("push_worker_started", worker=self._name)
        listener = asyncio.create_task(self._listen())
        try:
            async with asyncio.TaskGroup() as group:
                for lane in LANES:
                    group.create_task(self._work(lane))
        finally:
            listener.cancel()
            with contextlib.suppress(Exception):  # else the leases run out by themselves
                async with self._transaction() as session:
                    await queue.give_back(session, self._name)
            log.info("push_worker_stopped", worker=self._name)

    def stop(self) -> None:
        self._stopping.set()
        for wake in self._wakes.values():
            wake.set()

    async def step(self, lane: Lane) -> int:
        """Fans out and delivers one batch of the lane. Returns how much there was to do."""
        async with self._transaction() as session:
            taken = await queue.fan_out(session, lane, self._clock(), BATCH)
        return taken + await self._deliver(lane)

    async def _work(self, lane: Lane) -> None:
        while not self._stopping.is_set():
            try:
                busy = await self.step(lane)
            except Exception as error:
                # Whatever it is, most likely the database's: the lane goes on, leases see to the rest.
                log.warning("push_lane_trouble", lane=lane, error=type(error).__name__)
                await self._pause(lane, _TROUBLE_PAUSE)
                continue
            if not busy:
                await self._pause(lane, POLL_SECONDS)

    async def _pause(self, lane: Lane, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wakes[lane].wait(), seconds)
        except TimeoutError:
            return
        if not self._stopping.is_set():
            self._wakes[lane].clear()

    async def _listen(self) -> None:
        """Redis wakes the lanes. Without it they poll."""
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            for wake in self._wakes.values():
                                wake.set()
            except (RedisError, OSError) as error:
                log.warning("push_redis_trouble", error=type(error).__name__)
                await asyncio.sleep(_TROUBLE_PAUSE)

    async def _deliver(self, lane: Lane) -> int:
        now = self._clock()
        async with self._transaction() as session:
            trays = await queue.claim(session, lane, self._name, now, BATCH)
            if not trays:
                return 0
            alerts = await queue.alerts_of(session, trays, now)
        settlements = await asyncio.gather(
            *(self._handle(tray, alerts[tray.account_id, tray.thread], self._senders[lane]) for tray in trays)
        )
        await self._settle(settlements)
        for settlement in settlements:
            metrics.count_ends(lane, settlement)
        return len(trays)

    async def _settle(self, settlements: Sequence[Settlement]) -> None:
        """Writes down what was sent. A database that is away for a moment is waited for: what cannot be
        written down is sent again when the leases run out."""
        for left in range(_SETTLE_TRIES - 1, -1, -1):
            try:
                async with self._transaction() as session:
                    await queue.settle(session, self._name, settlements, self._clock())
                return
            except Exception:
                if not left:
                    raise
                log.warning("push_settling_again", trays=len(settlements))
                await asyncio.sleep(_TROUBLE_PAUSE)

    async def _handle(
        self, tray: ClaimedTray, alerts: list[tuple[ThreadAlert, UUID | None]], sender: Sender
    ) -> Settlement:
        """One tray's turn. Whatever is wrong with it stays its own trouble: a lane is never blocked by one."""
        if any(alert.body is None for alert, _ in alerts):
            later = self._clock() + _FOR_A_NEWER_WORKER
            return Settlement(tray=tray, ends={}, attempt=tray.attempt, retry_at=later)
        try:
            return await self._send_revision(tray, alerts, sender)
        except Exception:
            log.exception("push_tray_failed", installation=str(tray.installation_id), revision=tray.wanted)
            broken = Verdict(Outcome.REFUSED, "internal")
            decision = Decision(shown=tuple(alert for alert, _ in alerts))
            return self._after(tray, decision, broken, self._clock(), loud=False, digest=None)

    async def _send_revision(
        self, tray: ClaimedTray, alerts: list[tuple[ThreadAlert, UUID | None]], sender: Sender
    ) -> Settlement:
        now = self._clock()
        decision = decide([alert for alert, _ in alerts], tray.pending, signed_in=tray.signed_in, now=now)
        digest = hashlib.sha256(b"".join(alert.id.bytes for alert in decision.shown)).digest()
        ends: dict[UUID, tuple[str, str | None, str | None]] = {
            alert_id: (end, None, None) for alert_id, end in decision.ended.items()
        }
        told = digest == tray.digest or (not decision.shown and tray.sent == 0)
        if told:
            ends |= dict.fromkeys(set(tray.pending) - ends.keys(), ("accepted", None, "told-before"))
            return Settlement(tray=tray, ends=ends, digest=digest)
        if tray.target is None or tray.target_kind is None:
            return self._after(tray, decision, Verdict(Outcome.GONE, "no-target"), now, loud=False, digest=None)
        loud = bool(decision.shown) and is_loud(tray.loud_at, now)
        child = next((child for alert, child in reversed(alerts) if alert in decision.shown), None)
        message = self._envelopes.build(
            self._address(tray, tray.target, tray.target_kind, now),
            tray.thread,
            self._content(tray, decision, child, loud=loud, now=now),
            Neutral(
                self._texts.format(tray.language, "neutral-title"),
                self._texts.format(tray.language, "neutral-body"),
            ),
        )
        with metrics.send_seconds.time():
            verdict = await sender.send(message)
        return self._after(tray, decision, verdict, self._clock(), loud=loud, digest=digest)

    def _content(
        self, tray: ClaimedTray, decision: Decision, child: UUID | None, *, loud: bool, now: datetime
    ) -> Content:
        if not decision.shown:
            return Content(alert_ids=[], revision=tray.wanted, issued_at=now, lifetime_seconds=86_400, remove=True)
        newest = decision.shown[-1]
        bodies = [alert.body for alert in decision.shown if alert.body is not None]
        kind = kind_of(bodies[-1])
        shown = render(self._texts, tray.language, bodies)
        return Content(
            alert_ids=[alert.id for alert in decision.shown],
            revision=tray.wanted,
            issued_at=now,
            lifetime_seconds=int((newest.expires_at - now).total_seconds()),
            kind=kind.name,
            child_id=child,
            channel=kind.channel,
            target=newest.target,
            title=shown.title,
            body=shown.body,
            quiet=not loud,
        )

    def _address(self, tray: ClaimedTray, target: str, target_kind: str, now: datetime) -> Address:
        key = None
        if tray.key_wrapped is not None and tray.key_expires_at is not None and tray.key_expires_at > now:
            try:
                key = self._device_keys.unwrap(tray.installation_id, tray.key_wrapped)
            except InvalidTag:
                log.error("device_key_unreadable", installation=str(tray.installation_id))
        return Address(
            installation_id=tray.installation_id,
            account_id=tray.account_id,
            platform=tray.platform,
            target_kind=target_kind,
            target=target,
            key_id=tray.key_id if key else None,
            key=key,
        )

    def _after(
        self,
        tray: ClaimedTray,
        decision: Decision,
        verdict: Verdict,
        now: datetime,
        *,
        loud: bool,
        digest: bytes | None,
    ) -> Settlement:
        """What the transport's verdict makes of the revision and of the alerts it carried."""
        carried = set(tray.pending) - decision.ended.keys()
        ends: dict[UUID, tuple[str, str | None, str | None]] = {
            alert_id: (end, None, None) for alert_id, end in decision.ended.items()
        }
        if verdict.outcome is Outcome.ACCEPTED:
            ends |= dict.fromkeys(carried, ("accepted", verdict.message_name, None))
            return Settlement(tray=tray, ends=ends, sent=True, digest=digest, loud_at=now if loud else None)
        if verdict.outcome in (Outcome.LATER, Outcome.MISCONFIGURED):
            attempt = tray.attempt + 1
            retry_at = next_try(
                verdict, attempt, waiting_since=tray.waiting_since, now=now, jitter=random.random()  # noqa: S311
            )  # fmt: skip
            if retry_at is not None:
                log.warning("push_later", code=verdict.code, attempt=attempt)
                return Settlement(tray=tray, ends=ends, attempt=attempt, retry_at=retry_at)
            ends |= dict.fromkeys(carried, ("dead", None, verdict.code))
            log.error("push_dead", code=verdict.code, alerts=len(carried))
            return Settlement(tray=tray, ends=ends)
        outcome = "gone" if verdict.outcome is Outcome.GONE else "refused"
        ends |= dict.fromkeys(carried, (outcome, None, verdict.code))
        log.warning("push_refused", code=verdict.code, outcome=outcome)
        return Settlement(tray=tray, ends=ends, lost=verdict.lost)
