"""How long a committed alert takes to FCM's door, at a steady 300 alerts a second."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.core.db import Database
from backend.core.redis import Announcer, connect_redis
from push import outbox
from push.outbox import NewAlert
from push.pacing import DEFAULT_QUOTA
from schemas.alerts import MarkSet, Target
from tests.benchmarks.push.server import fast_fcm
from tests.benchmarks.push.stage import Parent, Stage, stage, workers

FAMILIES = 5_000
ALERTS_A_SECOND = 300
# A teacher saves some marks at once.
ALERTS_A_COMMIT = 5
SECONDS = 25
# The ramp from nothing: FCM wants it, and a school day has it behind it.
WARM_UP_SECONDS = 5
AIM_MEDIAN_MS, AIM_P99_MS = 15, 60

_committed_at: ContextVar[float] = ContextVar("committed_at")


def measure_latency(folder: Path) -> None:
    """Prints median, p99 and maximum. One worker, FCM's default quota, every alert on a phone of its own."""
    with (
        stage(folder / "latency", FAMILIES) as made,
        fast_fcm(folder, record=True) as fcm,
        workers(made, fcm, 1, DEFAULT_QUOTA),
    ):
        committed = asyncio.run(_load(made))
        arrived = _all_arrivals(fcm.arrivals, committed)
    took = sorted((arrived[token] - moment) * 1000 for token, moment in committed.items())
    median, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    met = median < AIM_MEDIAN_MS and p99 < AIM_P99_MS
    print(f"\nfrom the commit to the request on the wire, {ALERTS_A_SECOND} alerts/s, {len(took)} alerts")
    print(f"  median {median:.1f} ms, p99 {p99:.1f} ms, max {took[-1]:.1f} ms   "
          f"aim {AIM_MEDIAN_MS} and {AIM_P99_MS} ms: {'met' if met else 'MISSED'}", flush=True)  # fmt: skip


def _all_arrivals(read: Callable[[], dict[str, float]], committed: dict[str, float]) -> dict[str, float]:
    for _ in range(100):
        arrived = read()
        if committed.keys() <= arrived.keys():
            return arrived
        time.sleep(0.1)
    raise TimeoutError(f"{len(committed.keys() - arrived.keys())} alerts never arrived")


async def _load(made: Stage) -> dict[str, float]:
    """Commits alerts at a steady pace. Returns when each phone's was committed, the warm-up left out."""
    targets = await _targets(made)
    redis = connect_redis(made.environment["REDIS_URL"])
    announcer = Announcer(redis)

    async def after_commit(left: Mapping[str, Any]) -> None:
        _committed_at.set(time.time())
        await announcer(left)

    url = "postgresql+asyncpg" + made.environment["DATABASE_URL"].removeprefix("postgresql")
    database = Database(url, pool=4, after_commit=after_commit)
    parents = random.sample(made.parents, SECONDS * ALERTS_A_SECOND)
    committed: dict[str, float] = {}
    began = time.perf_counter()
    pause = ALERTS_A_COMMIT / ALERTS_A_SECOND
    saving: list[asyncio.Task[None]] = []
    for turn, start in enumerate(range(0, len(parents), ALERTS_A_COMMIT)):
        await asyncio.sleep(max(began + turn * pause - time.perf_counter(), 0))
        several = parents[start : start + ALERTS_A_COMMIT]
        kept = committed if turn * pause >= WARM_UP_SECONDS else {}
        saving.append(asyncio.create_task(_save(database, made, several, targets, kept)))
    await asyncio.gather(*saving)
    await database.close()
    await redis.aclose()
    return committed


async def _save(
    database: Database, made: Stage, parents: Sequence[Parent], targets: dict[UUID, str], kept: dict[str, float]
) -> None:
    now = datetime.now(UTC)
    alerts = [
        NewAlert(
            school_id=made.school, account_id=parent.account, child_id=parent.child,
            body=MarkSet(child="Иван", subject="Математика", value="5", work="answer", day=now.date()),
            target=Target(screen="diary-day", child_id=parent.child), thread=f"marks:{parent.child}:{now.date()}",
            entity=str(parent.account), occurred_at=now, timezone="Europe/Moscow",
        )
        for parent in parents
    ]  # fmt: skip
    async with database.transaction() as session:
        await outbox.append(session, alerts)
    kept |= {targets[parent.account]: _committed_at.get() for parent in parents}


async def _targets(made: Stage) -> dict[UUID, str]:
    connection = await made.connect()
    rows = await connection.fetch(
        "SELECT account_id, target FROM installation_account JOIN installation i ON i.id = installation_id"
    )
    await connection.close()
    return {row["account_id"]: row["target"] for row in rows}
