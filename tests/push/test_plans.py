"""PostgreSQL keeps the plans of the hot path: they must hold when the queue grows long."""

import pytest
from sqlalchemy import text

from backend.core.db import Database
from push import outbox, queue, settling
from push.settling import Settlement
from push.standin.server import Standin
from push.statements import PLANNER
from tests.conftest import MovableClock
from tests.push.fixtures import give_handset, run_as_owner
from tests.world import World

# Until plans and caches are warm.
RUNS = 3
STRANGERS = 20_000
# Their phones, which nobody has told anything yet.
CROWD = (
    f"""INSERT INTO installation (id, platform, app_version, locale, timezone, permission, target_kind, target,
                                  registered_at)
        SELECT gen_random_uuid(), 'android', '1', 'ru', 'UTC', 'granted', 'token', 'stranger-' || n, now()
          FROM generate_series(1, {STRANGERS}) AS n""",
    """INSERT INTO installation_account (account_id, installation_id, session_id, added_at)
       SELECT gen_random_uuid(), id, gen_random_uuid(), now() FROM installation WHERE target LIKE 'stranger-%'""",
)
# What they were told last week.
TOLD = (
    """INSERT INTO tray (installation_id, account_id, thread, lane, wanted, pending)
       SELECT installation_id, account_id, 'last week', 'bulk', 1, '{}' FROM installation_account""",
    """INSERT INTO device_pace (installation_id, short_start, short_count, long_start, long_count)
       SELECT installation_id, now(), 1, now(), 1 FROM installation_account ON CONFLICT DO NOTHING""",
)
# What nobody has counted yet: a broadcast that is being fanned out, looks at what was read, trays and summaries.
RUSH = (
    """INSERT INTO fanout (alert_id, account_id, thread, lane)
       SELECT gen_random_uuid(), account_id, 'last week', 'bulk' FROM installation_account
        UNION ALL SELECT NULL, account_id, 'last week', 'bulk' FROM installation_account""",
    """INSERT INTO tray (installation_id, account_id, thread, lane, wanted, pending, due_at, waiting_since)
       SELECT installation_id, account_id, 'news', 'bulk', 1, '{}', now(), now() FROM installation_account""",
    """INSERT INTO summary_item (installation_id, account_id, alert_id, thread, due_at)
       SELECT installation_id, account_id, gen_random_uuid(), 'news', '2100-01-01' FROM installation_account""",
)
_BLOCKS = "SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace"


@pytest.mark.parametrize(
    ("before", "after"), [((*CROWD, *TOLD), RUSH), (CROWD, (*TOLD, *RUSH))], ids=["full tables", "empty tables"]
)
async def test_a_turn_costs_the_same_however_long_the_queue_is(
    before: tuple[str, ...], after: tuple[str, ...], world: World, standin: Standin, clock: MovableClock
) -> None:
    await give_handset(world, standin, world.mother)
    await run_as_owner(world, *before, "ANALYZE")
    database = Database(world.settings.push_database_url, pool=1, planner=PLANNER)

    async def turn() -> int:
        """A mark is told, and what is told of it is looked at once more. Returns how many blocks that took."""
        await world.set_mark("5")
        blocks = 0
        for number in range(2):
            async with database.transaction() as session:
                read = (await session.execute(text(_BLOCKS))).scalar_one()
                taken = await queue.take(session, "normal", f"worker/normal/{number}", clock(), 100)
                settled = [Settlement(tray=tray, ends={}, sent=True) for tray in taken.trays]
                await settling.settle(session, settled, clock())
                blocks += (await session.execute(text(_BLOCKS))).scalar_one() - read
            assert taken.trays
            async with world.database.transaction() as session:
                looks = [(tray.account_id, tray.thread, "normal") for tray in taken.trays]
                await outbox.look_again(session, looks if number == 0 else [])
        return blocks

    for _ in range(RUNS):
        short = await turn()
    await run_as_owner(world, *after)
    for _ in range(PLANNER.kept // 2):
        await turn()
    long = min([await turn() for _ in range(3)])
    await database.close()
    assert long < 2 * short
