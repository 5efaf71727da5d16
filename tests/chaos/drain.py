"""Waits until the workers have nothing left to do."""

import asyncio
import re
import time
from collections.abc import Iterable
from typing import Any

import asyncpg

from push.queue import LEASE
from push.threads import CLEAR
from tests.chaos.programs import Fleet
from tests.chaos.report import Report
from tests.chaos.servers import Box

# A clearing of iOS and of browsers may be up to half an hour away, and is waited for by nobody.
_LEFT = """
    SELECT (SELECT count(*) FROM fanout) AS queued,
           (SELECT count(*) FROM broadcast) AS broadcasts,
           (SELECT count(*) FROM tray WHERE due_at IS NOT NULL
               AND (thread <> $1 OR due_at < now() + interval '15 seconds')) AS due,
           (SELECT count(*) FROM tray WHERE lease_by IS NOT NULL) AS leased,
           (SELECT count(*) FROM tray WHERE cardinality(pending) > 0) AS pending
"""
_END_LEASES = """
    UPDATE tray SET lease_until = now()
     WHERE lease_until > now() AND (lease_by ~ $1 OR lease_until < to_timestamp($2))
"""
_EVERY = 0.25


async def drain(box: Box, fleet: Fleet, report: Report, seconds: float, *, impatient: bool) -> None:
    """Returns when no fan-out and no due tray is left; what is left when the time is up is a violation.

    Args:
        impatient: leases of workers that are dead, and those from before the last crash of PostgreSQL (which may
            have taken a settlement back), end at once, as if their time had passed.
    """
    began = time.monotonic()
    connection = await box.owner()
    try:
        while True:
            left = dict(await connection.fetchrow(_LEFT, CLEAR) or {})
            if not any(left.values()):
                break
            if time.monotonic() - began > seconds:
                report.wrong("draining", f"after {seconds:.0f} s there is left: {left}")
                break
            if impatient:
                await _end_leases(connection, box, fleet.dead_pids())
            await asyncio.sleep(_EVERY)
    finally:
        await connection.close()
    report.count("seconds until all was told", round(time.monotonic() - began))


async def _end_leases(connection: "asyncpg.Connection[Any]", box: Box, dead: Iterable[int]) -> None:
    """A worker's name holds its process id: host-pid-random."""
    holders = f"-({'|'.join(re.escape(str(pid)) for pid in dead) or 'none'})-[0-9a-f]+/"
    crash = max(box.crashed_at, default=0.0)
    await connection.execute(_END_LEASES, holders, crash + LEASE.total_seconds())
