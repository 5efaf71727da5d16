"""A fair contest: every round of every contender in a process of its own, in turns, against the same server.

`compete` starts this module once for each round; what it prints is one line of JSON.
"""

import asyncio
import contextlib
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from tests.benchmarks.push.server import FastFcm, fcm_at

BATCH = 500
WARM_UP = 1000
MOST_MESSAGES = 60_000

# Sends so many messages, a multiple of BATCH, and returns when all are accepted.
Send = Callable[[int], Awaitable[None]]
Contender = Callable[[FastFcm], contextlib.AbstractAsyncContextManager[Send]]


@dataclass(frozen=True)
class Result:
    """Attributes:
    rate: messages a second.
    cpu: microseconds of CPU a message, of all threads of the sending process.
    count: messages of the measured part.
    total: all messages, for comparison with the server's count.
    """

    rate: float
    cpu: float
    count: int
    total: int


def compete(
    module: str, names: Sequence[str], fcm: FastFcm, rounds: int = 3, seconds: float = 3.0
) -> dict[str, Result]:
    """Medians of the rounds, by contender.

    Args:
        seconds: about how long a contender sends in each round.
    """
    found: dict[str, list[Result]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(_round(module, name, fcm, seconds))
    return {name: _median(results) for name, results in found.items()}


def client_environment(fcm: FastFcm) -> dict[str, str]:
    """For clients that take a certificate authority only from the environment."""
    trusted = str(fcm.identity.ca)
    changes = {
        "SSL_CERT_FILE": trusted,
        "REQUESTS_CA_BUNDLE": trusted,
        "NO_PROXY": "127.0.0.1",
        "PYTHONWARNINGS": "ignore",
    }
    return {name: value for name, value in os.environ.items() if name != "SSL_CERT_DIR"} | changes


def _round(module: str, name: str, fcm: FastFcm, seconds: float) -> Result:
    before = fcm.count()
    words = [module, name, fcm.base_url, str(fcm.folder), str(fcm.delay_ms), str(seconds)]
    command = [sys.executable, "-m", "tests.benchmarks.push.contest", *words]
    ended = subprocess.run(command, capture_output=True, check=False, env=client_environment(fcm), timeout=120)
    if ended.returncode:
        raise RuntimeError(f"{name} failed: {ended.stderr.decode(errors='replace')[-2000:]}")
    result = Result(**json.loads(ended.stdout))
    counted = fcm.count() - before
    if counted != result.total:
        raise RuntimeError(f"{name} says it sent {result.total} messages, the server counted {counted}")
    return result


def _median(results: list[Result]) -> Result:
    return Result(
        rate=statistics.median(result.rate for result in results),
        cpu=statistics.median(result.cpu for result in results),
        count=results[-1].count,
        total=results[-1].total,
    )


async def _measure(contender: Contender, fcm: FastFcm, seconds: float) -> Result:
    async with contender(fcm) as send:
        await send(WARM_UP)
        total, count, took = WARM_UP, BATCH, 0.0
        # Doubled until the pace can be told, so that a round is neither a blink nor a wait.
        while took < seconds / 6 and count < MOST_MESSAGES:
            took, _ = await _timed(send, count)
            total, count = total + count, count * 2
        pace = (count // 2) / took
        count = min(max(round(pace * seconds / BATCH), 1) * BATCH, MOST_MESSAGES)
        took, cpu = await _timed(send, count)
    return Result(count / took, cpu / count * 1e6, count, total + count)


async def _timed(send: Send, count: int) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    await send(count)
    return time.perf_counter() - began, time.process_time() - cpu


def main() -> None:
    module, name, base_url, folder, delay_ms, seconds = sys.argv[1:]
    contender: Contender = importlib.import_module(module).CONTENDERS[name]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        fcm = fcm_at(base_url, Path(folder), int(delay_ms))
        result = runner.run(_measure(contender, fcm, float(seconds)))
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
