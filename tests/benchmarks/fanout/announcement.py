"""One announcement to very many phones, as a director publishes it: until the last request on the wire, what it takes
of statements and memory, and how urgent alerts fare beside it."""

import asyncio
import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import event
from uuid_utils.compat import uuid7

from backend.board import service
from backend.core.db import Database
from backend.core.redis import Announcer, connect_redis
from backend.identity.acting import Acting
from push import outbox
from push.outbox import NewAlert
from push.pacing import bulk_opens
from schemas.alerts import AbsentWithoutNotice, Target
from schemas.board import PublishAnnouncement
from tests.benchmarks.push.server import FastFcm, fast_fcm
from tests.benchmarks.push.stage import Parent, Stage, stage, workers

# A school, some schools, a region.
DEVICES = (3_000, 30_000, 100_000)
ROUNDS = 3
WORKERS = 2
# Families of another school, who are told urgent things meanwhile.
BESIDE = 100
URGENT_EVERY = 0.1
AIM_URGENT_MS = 1_000
_PATIENCE = 300.0
_MAKE_SCHOOL = "INSERT INTO school (id, short_name, full_name, timezone, created_at) VALUES ($1, $2, $2, $3, now())"


@dataclass(frozen=True)
class Measured:
    """One announcement. Seconds; MB of 10^6 bytes, of both workers; `urgent` milliseconds from the commit to FCM."""

    request: float
    statements: int
    last: float
    transactions: int
    resident: float
    urgent: list[float]


def measure_fanout(folder: Path) -> None:
    """Prints medians of the rounds for each number of phones, and what the aims make of them."""
    print(
        f"\none announcement to many phones, {WORKERS} workers, everything on this machine, medians of {ROUNDS} rounds"
    )
    lasts: dict[int, float] = {}
    urgent: list[float] = []
    for devices in DEVICES:
        rounds = _rounds(folder / f"fanout-{devices}", devices)
        last = lasts[devices] = statistics.median(one.last for one in rounds)
        urgent += [moment for one in rounds for moment in one.urgent]
        print(
            f"  {devices:>7,} phones: request {statistics.median(one.request for one in rounds) * 1000:6.0f} ms in "
            f"{rounds[0].statements} statements, last on the wire after {last:5.1f} s "
            f"({devices / last:6.0f}/s), {statistics.median(one.transactions for one in rounds):6.0f} transactions, "
            f"workers {max(one.resident for one in rounds):4.0f} MB",
            flush=True,
        )
    growth = lasts[DEVICES[-1]] / lasts[DEVICES[1]] / (DEVICES[-1] / DEVICES[1])
    print(f"  time for each phone, {DEVICES[-1]:,} against {DEVICES[1]:,}: {growth:.2f} x (linear is 1)")
    urgent.sort()
    worst = urgent[int(len(urgent) * 0.99)]
    print(
        f"  urgent alerts beside it: {len(urgent)}, median {statistics.median(urgent):.0f} ms, p99 {worst:.0f} ms, "
        f"max {urgent[-1]:.0f} ms   aim {AIM_URGENT_MS} ms: {'met' if urgent[-1] < AIM_URGENT_MS else 'MISSED'}",
        flush=True,
    )


def _rounds(folder: Path, devices: int) -> list[Measured]:
    with stage(folder, devices // 2 + BESIDE) as made, fast_fcm(folder, record=True) as fcm:
        beside, director = asyncio.run(_settle(made))
        with workers(made, fcm, WORKERS) as pids:
            processes = [psutil.Process(pid) for pid in pids]
            return [asyncio.run(_announce(made, fcm, beside, director, processes, devices)) for _ in range(ROUNDS)]


async def _settle(made: Stage) -> tuple[list[Parent], UUID]:
    """Moves some families to another school; a director who may announce."""
    connection = await made.connect()
    other, director, now = uuid7(), uuid7(), datetime.now(UTC)
    await connection.execute(_MAKE_SCHOOL, other, "Beside", "Europe/Moscow")
    beside = made.parents[-2 * BESIDE :]
    children = [parent.child for parent in beside]
    for table, column in (("student", "id"), ("guardianship", "student_id")):
        await connection.execute(f"UPDATE {table} SET school_id = $1 WHERE {column} = ANY ($2)", other, children)
    await connection.execute(
        "INSERT INTO account (id, login, family_name, given_name, created_at) VALUES ($1, 'director', 'B', 'D', $2)",
        director, now,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO school_role (account_id, school_id, role, starts) VALUES ($1, $2, 'director', '2020-01-01')",
        director, made.school,
    )  # fmt: skip
    await connection.execute("ANALYZE")
    await connection.close()
    return beside, director


async def _announce(
    made: Stage, fcm: FastFcm, beside: list[Parent], director: UUID, processes: list[psutil.Process], devices: int
) -> Measured:
    await _until_bulk_may()
    committed: list[float] = []
    redis = connect_redis(made.environment["REDIS_URL"])
    announcer = Announcer(redis)

    async def after_commit(left: Mapping[str, Any]) -> None:
        committed.append(time.time())
        await announcer(left)

    url = "postgresql+asyncpg" + made.environment["DATABASE_URL"].removeprefix("postgresql")
    database = Database(url, pool=2, after_commit=after_commit)
    before, transactions = fcm.count(), await _transactions(made)
    began = time.perf_counter()
    statements = await _publish(database, made, director)
    request, published = time.perf_counter() - began, committed[-1]
    stop = asyncio.Event()
    telling = asyncio.create_task(_tell_urgently(database, made, beside, committed, stop))
    resident = 0.0
    while (found := fcm.count() - before) < devices:
        if time.time() - published > _PATIENCE:
            raise TimeoutError(f"{found} of {devices} messages")
        resident = max(resident, sum(process.memory_info().rss for process in processes) / 1e6)
        await asyncio.sleep(0.1)
    stop.set()
    told = await telling
    await asyncio.sleep(1.5)
    arrived = await asyncio.to_thread(fcm.arrivals)
    targets = await _targets(made)
    mine = {targets[parent.account] for parent in beside}
    last = max(moment for target, moment in arrived.items() if target not in mine) - published
    urgent = [(arrived[targets[account]] - moment) * 1000 for account, moment in told.items()]
    found_transactions = await _transactions(made) - transactions
    await database.close()
    await redis.aclose()
    return Measured(request, statements, last, found_transactions, resident, urgent)


async def _until_bulk_may() -> None:
    """The bulk lane keeps off the quarter hours; an announcement must not run into one."""
    while True:
        now = datetime.now(UTC)
        wait = max((bulk_opens(moment) - now).total_seconds() for moment in (now, now + timedelta(seconds=90)))
        if bulk_opens(now) == now and bulk_opens(now + timedelta(seconds=90)) == now + timedelta(seconds=90):
            return
        print(f"  (waits {wait:.0f} s: the bulk lane keeps off the quarter hours)", flush=True)
        await asyncio.sleep(wait + 1)


async def _publish(database: Database, made: Stage, director: UUID) -> int:
    """The use case as the API calls it. Returns how many statements it took."""
    asked: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    acting = Acting(director, director, "director", "ru", must_set_password=False)
    wish = PublishAnnouncement(title="Каток в субботу", text="В десять у школы", to=["parents"])
    async with database.transaction(director) as session:
        await service.publish(session, acting, made.school, wish, datetime.now(UTC))
    return len(asked)


async def _tell_urgently(
    database: Database, made: Stage, beside: list[Parent], committed: list[float], stop: asyncio.Event
) -> dict[UUID, float]:
    """One urgent alert after another, each to another phone. Returns when each was committed."""
    told: dict[UUID, float] = {}
    for parent in random.sample(beside, len(beside)):
        if stop.is_set():
            break
        now = datetime.now(UTC)
        alert = NewAlert(
            school_id=made.school, account_id=parent.account, child_id=parent.child,
            body=AbsentWithoutNotice(child="Иван", subject="Физика", number=1, day=now.date()),
            target=Target(screen="diary-day", child_id=parent.child), thread=f"attendance:{parent.child}:{now}",
            entity=str(now), occurred_at=now, timezone="Europe/Moscow",
        )  # fmt: skip
        async with database.transaction() as session:
            await outbox.append(session, [alert])
        told[parent.account] = committed[-1]
        await asyncio.sleep(URGENT_EVERY)
    return told


async def _targets(made: Stage) -> dict[UUID, str]:
    connection = await made.connect()
    rows = await connection.fetch(
        "SELECT account_id, target FROM installation_account JOIN installation i ON i.id = installation_id"
    )
    await connection.close()
    return {row["account_id"]: row["target"] for row in rows}


async def _transactions(made: Stage) -> int:
    connection = await made.connect()
    number = await connection.fetchval("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    await connection.close()
    return int(number)
