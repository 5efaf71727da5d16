"""What FCM's answers make of a message: PUSH.md section 5, lines 1 to 20, over TLS and HTTP/2."""

from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import text

from push.alarms import _WIDESPREAD
from push.standin.faults import Fault
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import Handset, deliver, give_handset
from tests.world import World


async def deliveries(world: World) -> list[tuple[str, str | None, str | None]]:
    """(outcome, FCM's name, code) of all deliveries so far."""
    async with world.database.transaction() as session:
        rows = await session.execute(text("SELECT outcome, message_name, code FROM delivery ORDER BY 1, 2"))
        return [(row[0], row[1], row[2]) for row in rows]


async def reachable(world: World, handset: Handset) -> bool:
    devices = (await world.mother.get("/v1/devices")).json()["items"]
    return next(bool(item["reachable"]) for item in devices if UUID(item["installationId"]) == handset.installation_id)


async def test_an_accepted_message_is_recorded_once_with_fcms_name(
    world: World, standin: Standin, worker: Worker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await deliver(worker)
    await deliver(worker)
    assert await deliveries(world) == [("accepted", handset.received[0].name, None)]


async def test_a_target_of_another_project_is_switched_off(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code="SENDER_ID_MISMATCH"))
    await world.set_mark("5")
    await deliver(worker)
    assert await deliveries(world) == [("gone", None, "SENDER_ID_MISMATCH")]
    assert not await reachable(world, handset)


async def test_if_many_are_of_another_project_no_target_is_lost_over_it(
    world: World, standin: Standin, worker: Worker
) -> None:
    for _ in range(_WIDESPREAD):
        await give_handset(world, standin, world.mother)
    last = [await give_handset(world, standin, world.father) for _ in range(3)]
    standin.faults.waiting.append(Fault(code="SENDER_ID_MISMATCH", times=0))
    await world.set_mark("5")
    await deliver(worker)
    assert "fcm_targets_of_another_project" in worker.alarms.told
    lost = len(await deliveries(world))
    assert lost < _WIDESPREAD
    standin.faults.waiting.clear()
    world.clock.move(minutes=5, seconds=30)
    await deliver(worker)
    assert await deliveries(world) == sorted(await deliveries(world))
    assert sum(outcome == "accepted" for outcome, _, _ in await deliveries(world)) == _WIDESPREAD + len(last) - lost


@pytest.mark.parametrize("blame", ["target", "text"])
async def test_a_malformed_target_is_switched_off(world: World, standin: Standin, worker: Worker, blame: str) -> None:
    handset = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code="INVALID_ARGUMENT", blame=blame))  # type: ignore[arg-type]
    await world.set_mark("5")
    await deliver(worker)
    assert await deliveries(world) == [("gone", None, "INVALID_ARGUMENT")]
    assert not await reachable(world, handset)


async def test_a_refused_message_keeps_the_target_and_raises_an_alarm(
    world: World, standin: Standin, worker: Worker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    neighbour = await give_handset(world, standin, world.father)
    standin.faults.waiting.append(Fault(code="INVALID_ARGUMENT", target=handset.token))
    await world.set_mark("5")
    await deliver(worker)
    assert worker.alarms.told.keys() == {"fcm_refuses_messages"}
    assert sorted(outcome for outcome, _, _ in await deliveries(world)) == ["accepted", "refused"]
    assert len(neighbour.received) == 1, "its neighbour is not hurt"
    assert await reachable(world, handset)


async def test_a_wrong_apns_key_pauses_ios_only(world: World, standin: Standin, worker: Worker) -> None:
    iphones = [await give_handset(world, standin, who, platform="ios") for who in (world.mother, world.father)]
    android = await give_handset(world, standin, world.mother)
    standin.faults.waiting += [Fault(code="THIRD_PARTY_AUTH_ERROR", target=iphone.token, times=0) for iphone in iphones]
    await world.set_mark("5")
    await deliver(worker)
    asked, tokens = standin.endpoints.send_requests, standin.endpoints.token_requests
    for _ in range(3):
        await world.set_mark("4")
        world.clock.move(minutes=1)
        await deliver(worker)
    assert len(android.received) == 4
    assert standin.endpoints.send_requests == asked + 3, "nothing for iOS while it is paused"
    assert standin.endpoints.token_requests == tokens == 1, "no new tokens for a wrong APNs key"
    standin.faults.waiting.clear()
    world.clock.move(minutes=6)
    await deliver(worker)
    assert [iphone.texts()[-1] for iphone in iphones] == ["Иван: новые оценки | Математика: 5, 4, 4, 4"] * 2


async def test_an_expired_token_costs_one_refresh_and_no_message(
    world: World, standin: Standin, worker: Worker
) -> None:
    handsets = [await give_handset(world, standin, world.mother) for _ in range(8)]
    await world.set_mark("5")
    await deliver(worker)
    before = standin.endpoints.token_requests
    standin.endpoints.expire_tokens()
    await world.set_mark("4")
    await deliver(worker)
    assert standin.endpoints.token_requests == before + 1
    assert all(len(handset.received) == 2 for handset in handsets)


@pytest.mark.parametrize(("retry_after", "seconds"), [("300", 300), ("date", 300), (None, 60), ("3", 10)], ids=str)
@pytest.mark.parametrize("code", ["QUOTA_EXCEEDED", "UNAVAILABLE"])
async def test_never_earlier_than_fcm_asks(
    world: World, standin: Standin, worker: Worker, code: str, retry_after: str | None, seconds: int
) -> None:
    """And where it asks for less than the backoff, the backoff holds."""
    if code == "UNAVAILABLE" and retry_after is None:
        seconds = 10
    if retry_after == "date":
        retry_after = format_datetime(world.clock.now + timedelta(seconds=300), usegmt=True)
    handset = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code=code, retry_after=retry_after))
    await world.set_mark("5")
    await deliver(worker)
    world.clock.move(seconds=seconds - 0.1)
    await deliver(worker)
    assert standin.endpoints.send_requests == 1
    world.clock.move(seconds=seconds * 0.5 + 5.2)
    await deliver(worker)
    assert len(handset.received) == 1


async def test_a_quota_of_the_project_holds_everybody(world: World, standin: Standin, worker: Worker) -> None:
    first = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code="QUOTA_EXCEEDED", quota="project", retry_after="90"))
    await world.set_mark("5")
    await deliver(worker)
    second = await give_handset(world, standin, world.father)
    await world.set_mark("4")
    world.clock.move(seconds=89)
    await deliver(worker)
    assert standin.endpoints.send_requests == 1
    world.clock.move(seconds=2)
    await deliver(worker)
    assert len(second.received) == 1
    world.clock.move(seconds=60)
    await deliver(worker)
    assert first.texts() == ["Иван: новые оценки | Математика: 5, 4"]


async def test_a_quota_of_a_device_holds_that_device(world: World, standin: Standin, worker: Worker) -> None:
    busy, other = [await give_handset(world, standin, world.mother) for _ in range(2)]
    standin.faults.waiting.append(Fault(code="QUOTA_EXCEEDED", quota="device", retry_after="90", target=busy.token))
    await world.set_mark("5")
    await deliver(worker)
    body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 5"}
    await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)
    world.clock.move(seconds=60)
    await deliver(worker)
    assert len(busy.received) == 0, "also another thread waits"
    assert len(other.received) == 2
    world.clock.move(seconds=90)
    await deliver(worker)
    assert len(busy.received) == 2


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INTERNAL"])
async def test_the_waits_grow_and_are_jittered(world: World, standin: Standin, worker: Worker, code: str) -> None:
    await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code=code, times=0))
    await world.set_mark("5")
    sent_at = []
    for _ in range(600):
        before = standin.endpoints.send_requests
        await deliver(worker)
        if standin.endpoints.send_requests > before:
            sent_at.append(world.clock.now)
        if len(sent_at) == 5:
            break
        world.clock.move(seconds=1)
    waits = [(after - before).total_seconds() for before, after in pairwise(sent_at)]
    for wait, least in zip(waits, (10, 20, 40, 80), strict=True):
        assert least <= wait <= least * 1.5 + 2


async def test_past_its_lifetime_it_is_not_sent(world: World, standin: Standin, worker: Worker) -> None:
    await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    world.clock.move(days=3, seconds=1)
    await deliver(worker)
    assert standin.endpoints.send_requests == 0
    assert await deliveries(world) == [("expired", None, None)]


async def test_a_reset_after_the_send_sends_the_same_revision_again(
    world: World, standin: Standin, worker: Worker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(wire="reset", accept=True))
    await world.set_mark("5")
    await deliver(worker)
    assert len(handset.received) == 1
    world.clock.move(seconds=16)
    await deliver(worker)
    first, second = handset.received
    assert first.message["data"]["t"] == second.message["data"]["t"]
    assert handset.open(first.message)["revision"] == handset.open(second.message)["revision"]
    assert handset.screen().rung == 1
    assert [outcome for outcome, _, _ in await deliveries(world)] == ["accepted"]


@pytest.mark.parametrize(("status", "body"), [(200, "<html>"), (200, '{"name":7}'), (502, "<html>Bad gateway</html>")])
async def test_garbage_hurts_that_message_only(
    world: World, standin: Standin, worker: Worker, status: int, body: str
) -> None:
    mother, father = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    standin.faults.waiting.append(Fault(target=mother.token, status=status, body=body))
    await world.set_mark("5")
    await deliver(worker)
    assert (len(mother.received), len(father.received)) == (0, 1)
    world.clock.move(seconds=16)
    await deliver(worker)
    assert len(mother.received) == 1


async def test_after_a_thousand_answers_of_503_throughput_returns(
    world: World, standin: Standin, worker: Worker
) -> None:
    handsets = [await give_handset(world, standin, world.mother) for _ in range(20)]
    standin.faults.waiting.append(Fault(code="UNAVAILABLE", times=1000))
    for _ in range(300):
        await world.set_mark("5")
        await deliver(worker)
        if not standin.faults.waiting:
            break
        world.clock.move(minutes=1)
        await world.reissue()
    assert not standin.faults.waiting
    world.clock.move(minutes=16)
    await world.reissue()
    await deliver(worker)
    before = standin.endpoints.sent
    for value in "345":
        await world.set_mark(value)
        await deliver(worker)
    assert standin.endpoints.sent >= before + 3 * len(handsets)
