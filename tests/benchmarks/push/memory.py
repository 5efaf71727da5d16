"""A worker's resident memory: after a million sends, and while FCM is away with a million alerts queued."""

import asyncio
import time
from pathlib import Path

import psutil

from tests.benchmarks.push.pipeline import deliver_round
from tests.benchmarks.push.server import fast_fcm, fcm_at
from tests.benchmarks.push.stage import Stage, stage, workers, write_alerts

FAMILIES = 10_000
SENDS = 1_000_000
BLACKOUT_SECONDS = 60
QUEUED = 1_000_000
AIM_MB = 150

_MANY = f"""
    WITH more AS (
        INSERT INTO alert (id, school_id, account_id, child_id, kind, entity, body, target, thread, lane, occurred_at,
                           expires_at, timezone, feed_only)
        SELECT uuidv7(), school_id, account_id, child_id, kind, entity, body, target, thread || '-' || n, lane,
               occurred_at, expires_at, timezone, feed_only
          FROM (SELECT * FROM alert ORDER BY id LIMIT {FAMILIES * 2}) AS a,
               generate_series(1, {QUEUED // FAMILIES // 2}) AS n
        RETURNING id, account_id, thread, lane)
    INSERT INTO fanout (alert_id, account_id, thread, lane) SELECT * FROM more
"""


def measure_memory(folder: Path, sends: int = SENDS) -> None:
    """Prints the worker's resident set in MB of 10^6 bytes as the sends go on."""
    print(f"\na worker's resident memory over {sends:,} sends", flush=True)
    with stage(folder / "memory", FAMILIES) as made, fast_fcm(folder) as fcm, workers(made, fcm, 1) as pids:
        worker = psutil.Process(pids[0])
        print(f"  {0:>9,} sends {_resident(worker):6.0f} MB")
        for turn in range(-(-sends // (FAMILIES * 4))):
            asyncio.run(deliver_round(made, turn))
            done = (turn + 1) * FAMILIES * 4
            if turn % 5 == 4 or done >= sends:
                print(f"  {done:>9,} sends {_resident(worker):6.0f} MB", flush=True)
        final = _resident(worker)
    print(f"  aim {AIM_MB} MB: {'met' if final < AIM_MB else 'MISSED'}", flush=True)


def measure_blackout(folder: Path) -> None:
    """Nobody answers at FCM's address; a million alerts are queued."""
    print(f"\na worker while FCM is away, {QUEUED:,} alerts queued", flush=True)
    nobody = fcm_at("https://127.0.0.1:9", folder)
    with stage(folder / "blackout", FAMILIES) as made, workers(made, nobody, 1) as pids:
        worker = psutil.Process(pids[0])
        asyncio.run(_queue(made))
        began = time.monotonic()
        while (passed := time.monotonic() - began) < BLACKOUT_SECONDS:
            print(f"  after {passed:3.0f} s {_resident(worker):6.0f} MB", flush=True)
            time.sleep(BLACKOUT_SECONDS / 6)


async def _queue(made: Stage) -> None:
    connection = await made.connect()
    await write_alerts(connection, made, ["blackout"])
    await connection.execute(_MANY)
    await connection.close()


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6
