"""How fast a worker may send. The arithmetic is pure; the registry of workers and FCM's pauses are rows that
all workers share (PUSH.md section 3, "Pacing").

Source: https://firebase.google.com/docs/cloud-messaging/scale-fcm and .../throttling-and-quotas.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from push.catalogue import Lane

# FCM's default: 600,000 messages a minute and project.
DEFAULT_QUOTA = 600_000
# Quota windows are not aligned to ours, and other senders of the project may exist.
_MARGIN = 0.95
RAMP = timedelta(seconds=60)
_MEMORY = 5.0
_LOWEST_LEVEL = 1 / 60
# The urgent lane always finds something left.
_URGENT_SHARE = 0.1
_QUARTER = 15
_KEPT_FREE = timedelta(minutes=2)

# Android: 240 messages a minute and 5,000 an hour for one device. A window of ours begins with its first
# message; any minute meets at most three windows of 30 s, any hour at most three of 30 minutes.
SHORT_WINDOW, SHORT_LIMIT = timedelta(seconds=30), 80
LONG_WINDOW, LONG_LIMIT = timedelta(minutes=30), 1_666

BEAT = timedelta(seconds=5)
_DEAD_AFTER = timedelta(seconds=15)

_HEARTBEAT = text("""
    WITH beat AS (
        INSERT INTO push_worker AS w (name) VALUES (:name) ON CONFLICT (name) DO UPDATE SET seen_at = now()),
    buried AS (DELETE FROM push_worker WHERE seen_at < now() - 4 * cast(:dead_after AS interval) AND name <> :name)
    SELECT 1 + count(*) FROM push_worker WHERE seen_at > now() - cast(:dead_after AS interval) AND name <> :name
""")
_LEAVE = text("DELETE FROM push_worker WHERE name = :name")


@dataclass(frozen=True)
class Bucket:
    """How many messages may go now, and how the allowance grows.

    Attributes:
        level: the part of the share that may be used, 1/60 to 1. It rises by the whole in 60 s while at least
            half of it is used, and falls alike while less than a quarter is: whoever was quiet starts slowly, and
            a steady stream never touches its own ceiling.
        flow: messages of late, each counting less as it grows older (`_MEMORY`).
    """

    tokens: float
    level: float
    at: datetime
    flow: float = 0.0
    hungry: bool = False


def share(quota: int, workers: int) -> float:
    """Messages a second for one of `workers` live workers, of a quota in messages a minute."""
    return quota / 60 * _MARGIN / max(workers, 1)


def fresh(quota: int, now: datetime) -> Bucket:
    """The bucket of a worker that has just started, as if it were alone."""
    return Bucket(tokens=share(quota, 1) * _LOWEST_LEVEL, level=_LOWEST_LEVEL, at=now)


def refill(bucket: Bucket, rate: float, now: datetime) -> Bucket:
    """The bucket at `now`. It holds at most a second's allowance, so no minute exceeds the quota by more."""
    elapsed = max((now - bucket.at).total_seconds(), 0.0)
    flow = bucket.flow * exp(-elapsed / _MEMORY)
    used = flow / _MEMORY / rate
    level, step = bucket.level, elapsed / RAMP.total_seconds()
    if bucket.hungry or used > level / 2:
        level = min(level + step, 1.0)
    elif used < level / 4:
        level = max(level - step, _LOWEST_LEVEL)
    # With the lower of both levels: a ramp that is climbed is climbed from below.
    allowed = rate * min(level, bucket.level)
    tokens = min(bucket.tokens + allowed * elapsed, max(rate * level, 1.0))
    return Bucket(tokens=tokens, level=level, at=max(now, bucket.at), flow=flow)


def allowance(bucket: Bucket, lane: Lane, rate: float) -> int:
    """How many messages a lane may take now."""
    reserve = 0.0 if lane == "urgent" else max(rate * bucket.level, 1.0) * _URGENT_SHARE
    return max(int(bucket.tokens - reserve), 0)


def take_out(bucket: Bucket, messages: int, *, hungry: bool) -> Bucket:
    """The bucket after `messages` were taken. `hungry`: more would have been, had it held more."""
    return replace(
        bucket,
        tokens=bucket.tokens - messages,
        flow=bucket.flow + messages,
        hungry=hungry or bucket.hungry,
    )


def bulk_opens(now: datetime) -> datetime:
    """`now`, or when the bulk lane may send again: it keeps off two minutes around :00, :15, :30 and :45."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    for quarter in range(0, 60 + _QUARTER, _QUARTER):
        middle = hour + timedelta(minutes=quarter)
        if middle - _KEPT_FREE <= now < middle + _KEPT_FREE:
            return middle + _KEPT_FREE
    return now


class Pacer:
    """One worker's allowance, shared by its lanes.

    Args:
        quota: of the project, in messages a minute.
    """

    def __init__(self, quota: int, now: datetime) -> None:
        self._quota = quota
        self._workers = 1
        self._bucket = fresh(quota, now)
        self.paused_until = now

    def pause(self, until: datetime) -> None:
        """An answer asks the project for patience. The row that says so to all is written with its settlement;
        what this worker has claimed already heeds this."""
        self.paused_until = max(self.paused_until, until)

    def allowed(self, lane: Lane, wanted: int, now: datetime) -> int:
        """How many of `wanted` messages the lane may take now."""
        if lane == "bulk" and bulk_opens(now) > now:
            return 0
        rate = share(self._quota, self._workers)
        self._bucket = refill(self._bucket, rate, now)
        allowed = min(wanted, allowance(self._bucket, lane, rate))
        if not allowed:
            self.spent(0, hungry=True)
        return allowed

    def spent(self, messages: int, *, hungry: bool) -> None:
        """`messages` were taken. `hungry`: the lane would have taken more."""
        self._bucket = take_out(self._bucket, messages, hungry=hungry)

    def slow_down(self) -> None:
        """FCM asked for patience: the ramp begins again."""
        self._bucket = Bucket(tokens=min(self._bucket.tokens, 0.0), level=_LOWEST_LEVEL, at=self._bucket.at)

    @property
    def used(self) -> float:
        """The part of this worker's share that is in use, 0 to 1, for the metrics."""
        return self._bucket.level

    def live(self, workers: int) -> None:
        self._workers = workers


async def heartbeat(session: AsyncSession, name: str) -> int:
    """Notes that the worker lives. Returns how many do."""
    return int((await session.execute(_HEARTBEAT, {"name": name, "dead_after": _DEAD_AFTER})).scalar_one())


async def leave(session: AsyncSession, name: str) -> None:
    """The worker ends: its share is the others' from their next heartbeat on."""
    await session.execute(_LEAVE, {"name": name})


@dataclass
class Breaker:
    """Notices that FCM answers nobody. One worker's view: so many failures in a row, and no success between.

    Attributes:
        pauses: how often in a row it has asked for a pause.
    """

    failures: int = 0
    pauses: int = 0

    def note(self, outcomes: Sequence[bool]) -> timedelta | None:
        """Takes note of answers (True: FCM works). Returns how long all should pause, if so."""
        for worked in outcomes:
            if worked:
                self.failures = self.pauses = 0
            else:
                self.failures += 1
        if self.failures < BREAK_AFTER:
            return None
        self.failures = 0
        self.pauses += 1
        return timedelta(seconds=[10, 20, 40, 60][min(self.pauses, 4) - 1])


BREAK_AFTER = 50
