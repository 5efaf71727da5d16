"""PostgreSQL keeps the plans of the hot path for as long as a worker lives."""

from sqlalchemy import text

from backend.core.db import Database
from push import queue, settling
from push.settling import Settlement
from push.standin.server import Standin
from push.statements import PLANNER
from tests.conftest import MovableClock
from tests.push.fixtures import give_handset, run_as_owner
from tests.world import World

# After the fifth run PostgreSQL plans once for all (its manual, PREPARE, "plan_cache_mode").
RUNS = 6


async def test_plans_made_while_the_queue_is_empty_read_no_whole_table_when_it_is_long(
    world: World, standin: Standin, clock: MovableClock
) -> None:
    await give_handset(world, standin, world.mother)
    await run_as_owner(world, "ANALYZE")
    database = Database(world.settings.push_database_url, pool=1, planner=PLANNER)
    scanned: set[str] = set()
    for number in range(2 * RUNS):
        if number >= RUNS:
            await world.set_mark("5")
        async with database.transaction() as session:
            taken = await queue.take(session, "normal", f"planner/normal/{number}", clock(), 100)
            settled = [Settlement(tray=tray, ends={}, sent=True) for tray in taken.trays]
            await settling.settle(session, settled, clock())
            read = "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0"
            scanned = set((await session.execute(text(read))).scalars())
    await database.close()
    assert taken.trays
    assert not scanned
