"""The engine under way: crashes, several workers, long queues, broadcasts, rights that end, Redis that is gone."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from itertools import count
from uuid import UUID

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from backend.core.db import Database
from push import ledger, outbox
from push.lane import LaneLoop, Transaction
from push.outbox import NewAlert
from push.revision import Revision
from push.settling import Settlement
from push.standin.faults import Fault
from push.standin.server import Standin
from push.verdict import Verdict
from push.worker import Worker
from schemas.alerts import MeetingCalled, Target
from tests.push.fixtures import Handset, MakeWorker, deliver, expire_leases, give_handset, run_as_owner
from tests.world import World


async def balanced(world: World) -> bool:
    database = Database(world.settings.push_database_url, pool=1)
    async with database.transaction() as session:
        found = await ledger.balance(session)
    await database.close()
    return found.balances


@pytest.mark.parametrize("step", ["in take", "after take", "after send", "in settle"])
async def test_killed_at_any_step_nothing_is_lost_and_nothing_shown_twice(
    world: World, standin: Standin, make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("push.lane._SETTLE_TRIES", 1)  # the dead try nothing again
    handsets = [await give_handset(world, standin, world.mother) for _ in range(3)]
    await world.set_mark("5")
    doomed = make_worker("doomed")
    lane = doomed._lanes["normal"]
    if step == "after take":
        lane._sender = DiesBeforeSending()  # type: ignore[assignment]
    else:
        lane._transaction = dies(lane, step)
    with pytest.raises((ConnectionError, asyncio.CancelledError)):
        await deliver(doomed)
    survivor = make_worker("survivor")
    await deliver(survivor)
    await expire_leases(world)
    await deliver(survivor)
    for handset in handsets:
        revisions = {content["revision"] for content in handset.opened()}
        assert len(revisions) == 1
        assert handset.screen().rung == 1
        assert handset.screen().texts() == ["Иван: новая оценка | Математика: 5"]
    assert await balanced(world)


class DiesBeforeSending:
    async def send(self, _: bytes) -> None:
        raise asyncio.CancelledError


def dies(lane: LaneLoop, step: str) -> Transaction:
    """A transaction factory that loses the connection as a kill would: before the commit of a turn's first
    transaction (take), or of its second (settle), or before the second begins."""
    real, uses = lane._transaction, count(1)

    class Lost(AbstractAsyncContextManager[AsyncSession]):
        def __init__(self, inner: AbstractAsyncContextManager[AsyncSession]) -> None:
            self._inner = inner

        async def __aenter__(self) -> AsyncSession:
            return await self._inner.__aenter__()

        async def __aexit__(self, *_: object) -> None:
            lost = ConnectionError()
            await self._inner.__aexit__(ConnectionError, lost, None)
            raise lost

    def transaction() -> AbstractAsyncContextManager[AsyncSession]:
        use = next(uses)
        if (use, step) in {(1, "in take"), (2, "in settle")}:
            return Lost(real())
        if (use, step) == (2, "after send"):
            raise ConnectionError
        return real()

    return transaction


async def test_an_urgent_alert_overtakes_half_a_million(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    await run_as_owner(world, """
        INSERT INTO fanout (alert_id, account_id, thread, lane)
        SELECT gen_random_uuid(), gen_random_uuid(), 'filler', 'normal' FROM generate_series(1, 500000)
    """)  # fmt: skip
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while not handset.received:
            await asyncio.sleep(0.01)
    left = await run_as_owner(world, "SELECT count(*) FROM fanout")
    worker.stop()
    await asyncio.wait_for(running, 20)
    assert left > 400_000


async def test_when_a_guardianship_ends_nothing_more_is_said_and_what_hangs_is_taken_down(
    world: World, standin: Standin, worker: Worker
) -> None:
    mother, father = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    await world.set_mark("5")
    await deliver(worker)
    await world.set_mark("4")  # queued, not sent
    async with world.database.transaction() as session:
        statement = text("UPDATE guardianship SET ends = starts WHERE account_id = :account")
        await session.execute(statement, {"account": world.mother.id})
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert mother.screen().texts() == []
    assert [content.get("title", "") for content in mother.opened()] == ["Иван: новая оценка", ""]
    assert father.screen().texts() == ["Иван: новые оценки | Математика: 5, 4"]


async def test_a_right_that_lapses_by_its_date_is_noticed_in_the_night(
    world: World, standin: Standin, worker: Worker
) -> None:
    from backend.school.jobs import recheck_lapsed

    handset = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await deliver(worker)
    async with world.database.transaction() as session:
        statement = text("UPDATE guardianship SET ends = :today WHERE account_id = :account")
        await session.execute(statement, {"account": world.mother.id, "today": world.today})
    await deliver(worker)
    assert len(handset.screen().texts()) == 1, "it holds until the evening"
    last_day = world.today
    world.clock.move(days=1)
    async with world.database.transaction() as session:
        await recheck_lapsed(session, world.school.id, last_day)
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert handset.screen().texts() == []


async def test_what_was_in_flight_when_a_right_ended_is_followed_by_a_removal(
    world: World, standin: Standin, make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is on the wire, its worker dies, the right ends: nobody knows, so it is taken down."""
    monkeypatch.setattr("push.lane._SETTLE_TRIES", 1)
    handset = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    doomed = make_worker("doomed")
    lane = doomed._lanes["normal"]
    lane._transaction = dies(lane, "after send")
    with pytest.raises(ConnectionError):
        await deliver(doomed)
    assert len(handset.screen().texts()) == 1
    async with world.database.transaction() as session:
        statement = text("UPDATE guardianship SET may_view = false WHERE account_id = :account")
        await session.execute(statement, {"account": world.mother.id})
    await expire_leases(world)
    survivor = make_worker("survivor")
    await deliver(survivor)
    world.clock.move(seconds=5)
    await deliver(survivor)
    assert handset.screen().texts() == []


async def test_very_many_people_are_one_row_and_all_are_told(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    crowd = [world.mother.id, *(uuid7() for _ in range(1_200))]
    await announce(world, crowd)
    assert await run_as_owner(world, "SELECT count(*) FROM alert") == 0
    assert await run_as_owner(world, "SELECT count(*) FROM broadcast") == 1
    assert [await worker.expand() for _ in range(4)] == [500, 500, 201, 0]
    await deliver(worker)
    assert await run_as_owner(world, "SELECT count(*) FROM alert") == len(crowd)
    assert [text.partition(",")[0] for text in handset.screen().texts()] == ["Родительское собрание"]
    assert await balanced(world)


async def test_a_broadcast_that_is_withdrawn_half_way_stops(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    await announce(world, [world.mother.id, *(uuid7() for _ in range(1_200))])
    assert await worker.expand() == 500
    async with world.database.transaction(world.teacher.id) as session:
        await outbox.withdraw(session, "meeting:all", "all", world.clock.now)
    assert await worker.expand() == 0
    await deliver(worker)
    assert handset.received == []
    assert await balanced(world)


async def test_two_workers_share_a_broadcast(world: World, make_worker: MakeWorker) -> None:
    await announce(world, [uuid7() for _ in range(1_400)])
    workers = [make_worker("one"), make_worker("two")]
    while any(await asyncio.gather(*(worker.expand() for worker in workers))):
        pass
    assert await run_as_owner(world, "SELECT count(DISTINCT account_id) FROM alert") == 1_400
    assert await run_as_owner(world, "SELECT count(*) FROM alert") == 1_400


async def announce(world: World, crowd: list[UUID]) -> None:
    """A meeting of a whole region, as a room would call it."""
    starts = world.clock.now + timedelta(days=2)
    body = MeetingCalled(title="Итоги", class_name="5А", starts_at=starts, timezone="Europe/Moscow", place="12")
    alert = NewAlert(
        school_id=world.school.id, account_id=outbox.ANYBODY, child_id=None, body=body, target=Target(screen="meeting"),
        thread="meeting:all", entity="all", occurred_at=world.clock.now, timezone="Europe/Moscow",
    )  # fmt: skip
    async with world.database.transaction(world.teacher.id) as session:
        await outbox.broadcast(session, alert, [(account, None) for account in crowd])


async def test_redis_flushed_or_away_delays_by_a_poll_at_most(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    redis = Redis.from_url(world.settings.redis_url)
    running = asyncio.create_task(worker.run())
    await world.set_mark("5")
    await until_received(handset, 1)
    await redis.flushall()
    await redis.client_kill_filter(_type="pubsub")
    await world.set_mark("4")
    await until_received(handset, 2)
    worker.stop()
    await asyncio.wait_for(running, 10)
    await redis.aclose()


async def test_sigterm_finishes_what_is_in_flight_and_gives_the_rest_back(
    world: World, standin: Standin, worker: Worker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(delay=0.3))
    running = asyncio.create_task(worker.run())
    await world.set_mark("5")
    async with asyncio.timeout(10):
        while not standin.endpoints.send_requests:
            await asyncio.sleep(0.005)
    worker.stop()
    await asyncio.wait_for(running, 10)
    assert len(handset.received) == 1
    assert await run_as_owner(world, "SELECT count(*) FROM delivery WHERE outcome = 'accepted'") == 1
    assert await run_as_owner(world, "SELECT count(*) FROM tray WHERE lease_by IS NOT NULL") == 0
    assert await run_as_owner(world, "SELECT count(*) FROM push_worker") == 0


@pytest.mark.parametrize("platform", ["android", "ios", "web"])
async def test_the_longest_cyrillic_text_fits_and_is_never_cut_inside_a_letter(
    world: World, standin: Standin, worker: Worker, platform: str
) -> None:
    handset = await give_handset(world, standin, world.mother, platform=platform)
    for number in range(12):
        starts = world.clock.now + timedelta(days=2 + number)
        body = {"title": "Щ" * 200, "place": "ёж " * 60, "startsAt": starts.isoformat(),
                "endsAt": (starts + timedelta(hours=1)).isoformat()}  # fmt: skip
        path = f"/v1/classes/{world.school.class_id}/meetings"
        assert (await world.class_teacher.post(path, body)).status_code == 201
    await deliver(worker)
    assert len(handset.received) == 12
    assert all("�" not in text and "Щ" in text for text in handset.texts())


async def test_two_devices_of_each_platform_for_every_recipient(world: World, standin: Standin, worker: Worker) -> None:
    told = (world.mother, world.father, world.student)
    others = (world.neighbour, world.stranger, world.former, world.teacher, world.class_teacher)
    devices = {
        who.id: [
            await give_handset(world, standin, who, platform=platform)
            for platform in ("android", "ios", "web")
            for _ in range(2)
        ]
        for who in (*told, *others)
    }
    await world.set_mark("5")
    await deliver(worker)
    for who in told:
        assert [handset.texts() for handset in devices[who.id]] == [["Иван: новая оценка | Математика: 5"]] * 6
    assert all(handset.received == [] for who in others for handset in devices[who.id])


async def until_received(handset: Handset, messages: int) -> None:
    async with asyncio.timeout(10):
        while len(handset.received) < messages:
            await asyncio.sleep(0.01)


async def test_a_row_that_no_door_would_let_through_stops_nobody(
    world: World, standin: Standin, worker: Worker
) -> None:
    """Rules that are none, a zone that is none, an unknown kind: each is one person's trouble, or one alert's."""
    mother, father = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    await run_as_owner(world, f"UPDATE recipient SET rules = '[7]' WHERE account_id = '{world.mother.id}'")
    await world.set_mark("5")
    await run_as_owner(world, f"UPDATE alert SET timezone = 'Mars/Base' WHERE account_id = '{world.student.id}'")
    await give_handset(world, standin, world.student)
    await world.set_mark("4")
    await run_as_owner(world, f"UPDATE alert SET timezone = 'Mars/Base' WHERE account_id = '{world.student.id}'")
    await deliver(worker)
    assert all(len(handset.received) == 1 for handset in (mother, father))
    assert await balanced(world)


async def test_a_value_that_the_database_refuses_costs_its_own_tray_only(
    world: World, standin: Standin, worker: Worker
) -> None:
    handsets = [await give_handset(world, standin, world.mother) for _ in range(5)]
    await world.set_mark("5")
    lane = worker._lanes["normal"]
    settle = lane._composer.settle

    def spoilt(revision: Revision, verdict: Verdict) -> Settlement:
        settled = settle(revision, verdict)
        if revision.tray.installation_id == handsets[2].installation_id:
            ends = {alert: (end, "a\x00b", code) for alert, (end, _, code) in settled.ends.items()}
            return msgspec.structs.replace(settled, ends=ends)
        return settled

    lane._composer.settle = spoilt  # type: ignore[method-assign]
    await deliver(worker)
    assert await run_as_owner(world, "SELECT count(*) FROM delivery WHERE outcome = 'accepted'") == 4
    assert await balanced(world)
