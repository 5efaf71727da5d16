"""What an operator reads: the ledger, and the figures of each school."""

import pytest
from sqlalchemy import text

from backend.core.db import Database, one_transaction
from backend.push_report import read_ledger, read_status
from push import ledger, queue
from push.overview import overview
from push.standin.faults import Fault
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.world import World


async def test_the_ledger_balances_at_any_moment(world: World, standin: Standin, worker: Worker) -> None:
    for who in (world.mother, world.father):
        await give_handset(world, standin, who)
    await world.set_mark("5")
    assert (await read_ledger(world.settings)).balances, "queued"
    await worker._lanes["normal"]._take(400)
    assert (await read_ledger(world.settings)).balances, "leased"
    await run_as_owner(world, "UPDATE tray SET lease_until = NULL, lease_by = NULL")
    await deliver(worker)
    found = await read_ledger(world.settings)
    assert found.balances
    assert (found.pairs, found.open, found.ends) == (2, 0, {"accepted": 2})
    assert found.without_device == 1, "the student has no phone"
    assert found.lines()[-1] == "the ledger balances"


async def test_the_ledger_finds_what_is_lost_and_what_is_doubled(
    world: World, standin: Standin, worker: Worker
) -> None:
    await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await deliver(worker)
    for harm, said in (
        ("DELETE FROM delivery", "WRONG"),
        ("DELETE FROM dispatch", "LOST"),
    ):
        await run_as_owner(world, harm)
        found = await read_ledger(world.settings)
        assert not found.balances
        assert any(line.startswith(said) for line in found.lines())


async def test_the_ledger_finds_a_pair_that_is_open_and_ended(world: World, standin: Standin, worker: Worker) -> None:
    await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await deliver(worker)
    await run_as_owner(world, "UPDATE tray SET pending = array(SELECT alert_id FROM delivery)")
    database = Database(world.settings.push_database_url, pool=1)
    async with database.transaction() as session:
        found = await ledger.balance(session)
    await database.close()
    assert not found.balances
    assert len(found.wrong) == 1


async def test_the_status_of_a_school(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    gone = await give_handset(world, standin, world.father)
    standin.phones.remove(gone.token)
    await world.set_mark("5")
    await deliver(worker)
    (alert,) = phone.opened()[0]["alertIds"]
    body = {"installationId": str(phone.installation_id), "received": [alert], "opened": [alert]}
    await world.mother.post("/v1/alerts/acknowledgements", body)
    await worker.beat()
    lines = (await read_status(world.settings, 28)).splitlines()
    assert lines[0] == "workers alive: 1"
    row = next(line for line in lines if line.startswith("Школа № 5"))
    sent, _, failed, received, opened, reached, unreached, dead = row.removeprefix("Школа № 5").split()
    assert (sent, failed, received, opened) == ("1", "1", "1", "1")
    assert (reached, unreached, dead) == ("1", "2", "1")
    assert "Иван" not in "".join(lines)


async def test_the_status_tells_of_a_pause(world: World) -> None:
    async with world.database.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM push_worker"))).scalar() == 0
    await run_as_owner(world, "INSERT INTO push_pause VALUES ('project', now() + interval '1 hour', 'QUOTA_EXCEEDED')")
    assert "QUOTA_EXCEEDED" in await read_status(world.settings, 7)


async def test_what_fcm_does_not_take_waits_for_an_operator_to_see(
    world: World, standin: Standin, worker: Worker
) -> None:
    """Also between two tries: then nothing is due."""
    await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code="UNAVAILABLE", times=0))
    await world.set_mark("5")
    await deliver(worker)
    for moved in (0, 4):
        world.clock.move(seconds=moved)
        async with one_transaction(world.settings.push_database_url, "test") as session:
            (found,) = (await overview(session, world.clock.now, 1)).queues
            assert (found.lane, found.waiting) == ("normal", 1)
            assert found.age == pytest.approx(moved, abs=0.01)
            assert await queue.ages(session, world.clock.now) == {"normal": found.age}
