"""Our whole pipeline: from committed alerts through fan-out, encryption and sending to settled."""

import asyncio
import statistics
import time
from pathlib import Path

from tests.benchmarks.push.server import fast_fcm
from tests.benchmarks.push.stage import Stage, stage, workers, write_alerts

FAMILIES = 5_000
ROUNDS = 3
# One for each core: together with PostgreSQL and the FCM they fill the machine.
WORKERS = 2
AIM = 4_000
_QUEUE = """
    INSERT INTO fanout (alert_id, account_id, thread, lane)
    SELECT id, account_id, thread, lane FROM alert a
     WHERE NOT EXISTS (SELECT FROM dispatch d WHERE d.alert_id = a.id) ORDER BY id
"""
_UNDER_WAY = "SELECT EXISTS (SELECT FROM fanout) OR EXISTS (SELECT FROM tray WHERE due_at IS NOT NULL)"


def measure_pipeline(folder: Path, number: int = WORKERS, rounds: int = ROUNDS) -> float:
    """Messages a second, all on this machine: PostgreSQL that keeps what it commits, workers, and the FCM."""
    rates = []
    with stage(folder / "pipeline", FAMILIES) as made, fast_fcm(folder) as fcm, workers(made, fcm, number):
        for turn in range(rounds + 1):
            rate = asyncio.run(deliver_round(made, turn))
            if turn:  # the first one warms up
                rates.append(rate)
    rate = statistics.median(rates)
    print(f"\nour whole pipeline, from committed alerts to settled, {number} workers, everything on this machine")
    print(f"  rounds: {', '.join(f'{rate:.0f}' for rate in rates)} messages/s")
    print(f"  median {rate:.0f} messages/s   aim {AIM}: {'met' if rate >= AIM else 'MISSED'}", flush=True)
    return rate


async def deliver_round(made: Stage, turn: int) -> float:
    """Commits two alerts for every phone at once, in threads of their own, and waits until all are settled.

    Returns:
        Messages a second.
    """
    connection = await made.connect()
    try:
        messages = await write_alerts(connection, made, [f"{turn}-a", f"{turn}-b"])
        before = await connection.fetchval("SELECT count(*) FROM delivery")
        began = time.perf_counter()
        await connection.execute(_QUEUE)
        while await connection.fetchval(_UNDER_WAY):
            if time.perf_counter() - began > 120:
                raise TimeoutError("not settled within two minutes")
            await asyncio.sleep(0.05)
        took = time.perf_counter() - began
        settled = await connection.fetchval("SELECT count(*) FROM delivery") - before
        if settled != messages:
            raise RuntimeError(f"{settled} of {messages} settled")
        return messages / took
    finally:
        await connection.close()
