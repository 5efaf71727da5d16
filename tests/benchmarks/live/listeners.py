"""A thousand streams: what one costs in memory, and how long an alert takes from its commit to the app's socket."""

import asyncio
import contextlib
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psutil

from backend.core.db import Database
from backend.core.redis import Announcer, connect_redis
from backend.core.settings import read_settings
from backend.identity.tokens import issue_access
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import MarkSet, Target
from tests.benchmarks.push.server import free_port
from tests.benchmarks.push.stage import SECRET, Parent, Stage

ROUNDS = 3
SINGLE = 400
SINGLE_A_SECOND = 40
AIM_MS = 1_000.0
_PATIENCE = 60.0


@dataclass
class Apps:
    """The streams that stand, and when each account last heard of an alert."""

    heard: dict[UUID, float] = field(default_factory=dict)
    waiting: dict[UUID, asyncio.Event] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def listen(self, port: int, account: UUID, token: str, ready: asyncio.Event) -> None:
        """Reads a stream line by line, as an app would, without a library that would cost more than the server."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"GET /v1/live HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(request.encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"retry:"):
                    ready.set()
                elif line.startswith(b"event: alerts"):
                    self.heard[account] = time.perf_counter()
                    self.waiting[account].set()
        finally:
            writer.close()


def measure_streams(folder: Path, made: Stage) -> None:
    """Prints medians of the rounds; each on a process of its own."""
    os.environ.update(made.environment | {"DIARY_SECRET": SECRET, "FILES_URL": f"file://{folder}/files"})
    tokens = asyncio.run(_sign_in(made))
    rounds = []
    for _ in range(ROUNDS):
        with _api() as (port, process):
            rounds.append(asyncio.run(_round(made, tokens, port, process)))
    figures = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    print(f"\n{len(made.parents)} live streams on one API process, medians of {ROUNDS} rounds")
    for name, figure in figures.items():
        print(f"  {name:<58} {figure:8.1f}")
    for name in ("p99 of single alerts, ms", "p99 of one alert to all at once, ms"):
        print(f"  {name:<58} aim {AIM_MS:.0f}: {'met' if figures[name] < AIM_MS else 'MISSED'}", flush=True)


@contextlib.contextmanager
def _api() -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "api"],
        env=os.environ | {"PORT": str(port), "LOG_LEVEL": "warning"},
    )
    try:
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False).status_code == 200:
                    break
            time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


async def _sign_in(made: Stage) -> dict[UUID, str]:
    key, now = read_settings("DATABASE_URL", "DIARY_SECRET").keys.tokens, datetime.now(UTC)
    sessions = {parent.account: uuid4() for parent in made.parents}
    connection = await made.connect()
    await connection.execute("UPDATE account SET password_state = 'set', password_hash = 'none'")
    await connection.copy_records_to_table(
        "auth_session",
        columns=["id", "account_id", "seed", "generation", "device_name", "rotated_at", "created_at"],
        records=[(session, account, b"seed", 1, "bench", now, now) for account, session in sessions.items()],
    )
    await connection.close()
    return {account: issue_access(key, account, session, now)[0] for account, session in sessions.items()}


async def _round(made: Stage, tokens: dict[UUID, str], port: int, process: psutil.Process) -> dict[str, float]:
    before = process.memory_info().rss
    apps = Apps(waiting={account: asyncio.Event() for account in tokens})
    opened = time.perf_counter()
    await _open_all(apps, tokens, port)
    took = time.perf_counter() - opened
    kept = (process.memory_info().rss - before) / len(tokens) / 1e3
    singles = await _tell_singly(made, apps)
    at_once = await _tell_all(made, apps)
    for task in apps.tasks:
        task.cancel()
    await asyncio.wait(apps.tasks)
    return {
        "memory a stream, kB": kept,
        "until all were open, s": took,
        "p50 of single alerts, ms": statistics.median(singles),
        "p99 of single alerts, ms": _p99(singles),
        "p50 of one alert to all at once, ms": statistics.median(at_once),
        "p99 of one alert to all at once, ms": _p99(at_once),
    }


async def _open_all(apps: Apps, tokens: Mapping[UUID, str], port: int) -> None:
    gate = asyncio.Semaphore(20)

    async def open_one(account: UUID, token: str) -> None:
        async with gate:
            ready = asyncio.Event()
            apps.tasks.append(asyncio.create_task(apps.listen(port, account, token, ready)))
            await asyncio.wait_for(ready.wait(), _PATIENCE)

    await asyncio.gather(*(open_one(*each) for each in tokens.items()))


async def _tell_singly(made: Stage, apps: Apps) -> list[float]:
    """One alert after another, each to somebody else."""
    chosen = random.sample(made.parents, SINGLE)
    committed: dict[UUID, float] = {}
    async with _saving() as (database, stamp):
        for number, parent in enumerate(chosen):
            began = time.perf_counter()
            apps.waiting[parent.account].clear()
            committed[parent.account] = await _tell(database, stamp, made, [parent], f"single-{number}")
            await asyncio.sleep(max(1 / SINGLE_A_SECOND - (time.perf_counter() - began), 0))
        return await _latencies(apps, committed)


async def _tell_all(made: Stage, apps: Apps) -> list[float]:
    for event in apps.waiting.values():
        event.clear()
    async with _saving() as (database, stamp):
        moment = await _tell(database, stamp, made, made.parents, "all")
        return await _latencies(apps, {parent.account: moment for parent in made.parents})


async def _latencies(apps: Apps, committed: Mapping[UUID, float]) -> list[float]:
    for account in committed:
        await asyncio.wait_for(apps.waiting[account].wait(), _PATIENCE)
    return [(apps.heard[account] - moment) * 1_000 for account, moment in committed.items()]


@contextlib.asynccontextmanager
async def _saving() -> AsyncIterator[tuple[Database, list[float]]]:
    """A database whose commits are stamped."""
    redis = connect_redis(os.environ["REDIS_URL"])
    announcer = Announcer(redis)
    stamp: list[float] = []

    async def after_commit(left: Mapping[str, Any]) -> None:
        stamp.append(time.perf_counter())
        await announcer(left)

    url = "postgresql+asyncpg" + os.environ["DATABASE_URL"].removeprefix("postgresql")
    database = Database(url, pool=2, after_commit=after_commit)
    yield database, stamp
    await database.close()
    await redis.aclose()


async def _tell(database: Database, stamp: list[float], made: Stage, parents: Sequence[Parent], entity: str) -> float:
    """Commits an alert for each. Returns when."""
    now = datetime.now(UTC)
    alerts = [
        NewAlert(
            school_id=made.school, account_id=parent.account, child_id=parent.child,
            body=MarkSet(child="Иван", subject="Физика", value="5", work="answer", day=now.date()),
            target=Target(screen="diary-day", child_id=parent.child), thread=f"bench:{entity}",
            entity=str(parent.child), occurred_at=now, timezone="Europe/Moscow",
        )
        for parent in parents
    ]  # fmt: skip
    async with database.transaction() as session:
        await outbox.append(session, alerts)
    return stamp[-1]


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]
