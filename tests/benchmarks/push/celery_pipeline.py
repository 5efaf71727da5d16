"""fcm-django with Celery as a whole pipeline: from a committed row to a request at the fast FCM."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from backend.local.servers import Servers, running_servers
from tests.benchmarks.push.contest import client_environment
from tests.benchmarks.push.server import FastFcm, fast_fcm

RIVAL = "tests.benchmarks.push.rival"
WARM_UP_FACTS = 4
PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Wish:
    """What to measure.

    Attributes:
        kind: `alerts`, a task for each alert, or `facts`, a task for each fact with all its devices.
        facts: how many are committed.
        people: with one device each, of one fact: a class, or the 500 that fcm-django sends at once.
        processes: of Celery's prefork pool.
    """

    kind: str
    facts: int
    people: int
    processes: int = 2

    @property
    def messages(self) -> int:
        return self.facts * self.people


A_TASK_AN_ALERT = Wish("alerts", facts=80, people=25)
A_TASK_A_FACT = Wish("facts", facts=12, people=500)
# A process waits while FCM is far away, so more of them are needed.
FAR = {
    "alerts": Wish("alerts", facts=60, people=25, processes=32),
    "facts": Wish("facts", facts=12, people=500, processes=4),
}
NEAR = {"alerts": A_TASK_AN_ALERT, "facts": A_TASK_A_FACT}


def measure_celery(folder: Path, wish: Wish = A_TASK_AN_ALERT, *, delay_ms: int = 0, durable: bool = True) -> float:
    """Messages/s from the first commit to the last request, with servers of its own. Prints a line."""
    with (
        fast_fcm(folder / "celery-fcm", delay_ms) as fcm,
        running_servers(folder / "celery", durable=durable) as servers,
    ):
        environment = _environment(fcm, servers)
        asyncio.run(_fresh_database(servers))
        _run(environment, "prepare", str(wish.people))
        with _worker(folder, environment, wish.processes):
            _commit(environment, wish, WARM_UP_FACTS)
            warm = WARM_UP_FACTS * wish.people
            fcm.wait_until(warm, PATIENCE_SECONDS)
            began = _commit(environment, wish, wish.facts)
            fcm.wait_until(warm + wish.messages, PATIENCE_SECONDS)
            took = time.monotonic() - began
    rate = wish.messages / took
    task = "a task an alert" if wish.kind == "alerts" else f"a task a fact of {wish.people}"
    line = f"  fcm-django and Celery, {wish.processes:2} processes, {task:<20} {rate:7.0f} messages/s"
    print(f"{line} ({wish.messages} in {took:.1f} s)", flush=True)
    return rate


def _environment(fcm: FastFcm, servers: Servers) -> dict[str, str]:
    parts = urlsplit(servers.admin_url)
    return client_environment(fcm) | {
        "RIVAL_DATABASE_HOST": parse_qs(parts.query)["host"][0],
        "RIVAL_BROKER_URL": servers.redis_url.replace("unix://", "redis+socket://"),
        "RIVAL_FCM_URL": fcm.base_url,
        "RIVAL_SERVICE_ACCOUNT": str(fcm.identity.service_account),
    }


async def _fresh_database(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.admin_url)
    try:
        await connection.execute("DROP DATABASE IF EXISTS rival WITH (FORCE)")
        await connection.execute("CREATE DATABASE rival")
    finally:
        await connection.close()


def _run(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", f"{RIVAL}.school", *words]
    ended = subprocess.run(command, capture_output=True, check=False, env=environment, timeout=PATIENCE_SECONDS)
    if ended.returncode:
        raise RuntimeError(f"the producer failed: {ended.stderr.decode(errors='replace')[-2000:]}")
    return ended.stdout.decode()


def _commit(environment: dict[str, str], wish: Wish, facts: int) -> float:
    """Commits facts in a process like the web application's; returns when it began."""
    return float(_run(environment, wish.kind, str(facts), str(wish.people)))


@contextlib.contextmanager
def _worker(folder: Path, environment: dict[str, str], processes: int) -> Iterator[None]:
    """A worker with nothing in it that only a cluster needs."""
    words = ["--pool", "prefork", "--concurrency", str(processes), "--loglevel", "warning"]
    words += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with (folder / "celery.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", f"{RIVAL}.celery", "worker", *words],
            stdout=log, stderr=log, env=environment | {"C_FORCE_ROOT": "1"},
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


def compare_celery(folder: Path) -> dict[str, float]:
    """Prints both ways, near and far."""
    rates = {}
    for delay_ms in (0, 100):
        print(f"\nfrom a committed row to a request, FCM answers after {delay_ms} ms", flush=True)
        for kind, wish in (FAR if delay_ms else NEAR).items():
            rates[f"{kind} {delay_ms}"] = measure_celery(folder, wish, delay_ms=delay_ms)
    return rates
