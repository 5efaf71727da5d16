"""From a committed fact to the right phones, over TLS and HTTP/2."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from push.standin.faults import Fault
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import Handset, MakeWorker, deliver, give_handset, registration, run_as_owner
from tests.world import World


async def outcomes(world: World) -> list[tuple[str, int]]:
    """(outcome, how many) of all deliveries so far."""
    async with world.database.transaction() as session:
        rows = await session.execute(text("SELECT outcome, count(*) FROM delivery GROUP BY 1 ORDER BY 1"))
        return [(outcome, count) for outcome, count in rows]


async def test_a_mark_rings_for_both_parents_and_the_student(world: World, standin: Standin, worker: Worker) -> None:
    family = [await give_handset(world, standin, who) for who in (world.mother, world.father, world.student)]
    others = [
        await give_handset(world, standin, who)
        for who in (world.neighbour, world.stranger, world.former, world.teacher, world.class_teacher)
    ]
    await world.set_mark("5")
    await deliver(worker)

    for handset in family:
        assert handset.texts() == ["Иван: новая оценка | Математика: 5"]
    assert all(handset.received == [] for handset in others)


@pytest.mark.parametrize("platform", ["android", "ios", "web"])
async def test_two_devices_of_each_platform(world: World, standin: Standin, worker: Worker, platform: str) -> None:
    handsets = [await give_handset(world, standin, world.mother, platform=platform) for _ in range(2)]
    await world.set_mark("4")
    await deliver(worker)
    assert [handset.texts() for handset in handsets] == [["Иван: новая оценка | Математика: 4"]] * 2


async def test_several_marks_become_one_item_that_goes_quiet(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    await world.set_mark("4")
    await deliver(worker)
    await world.set_mark("5")
    await deliver(worker)
    world.clock.move(seconds=61)
    await world.set_mark("3")
    await deliver(worker)

    opened = handset.opened()
    assert [content["body"] for content in opened] == ["Математика: 4", "Математика: 4, 5", "Математика: 4, 5, 3"]
    revisions = [content["revision"] for content in opened]
    assert revisions == sorted(set(revisions))
    assert [content.get("quiet", False) for content in opened] == [False, True, False]
    assert len({received.message["data"]["t"] for received in handset.received}) == 1


async def test_a_correction_stands_for_the_mark_that_it_corrects(
    world: World, standin: Standin, worker: Worker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    await world.set_mark("2", work)
    await world.set_mark("4", work)
    await deliver(worker)

    assert handset.texts() == ["Иван: оценка исправлена | Математика: исправлено, было 2, теперь 4"]
    assert await outcomes(world) == [("accepted", 1), ("superseded", 1)]


async def test_texts_follow_the_persons_language(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.father)
    await world.father.patch("/v1/me", {"language": "en"})
    await world.set_mark("5")
    await deliver(worker)
    assert handset.texts() == ["Иван: new mark | Математика: 5"]


async def test_without_a_key_the_text_names_nobody(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother, sealed=False)
    await world.set_mark("5")
    await deliver(worker)
    assert handset.texts() == ["Мой дневник | Новая запись в дневнике"]


async def test_a_slip_of_the_hand_is_taken_back(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    await deliver(worker)
    assert handset.screen().texts() == ["Иван не на уроке | урок 3: Математика"]
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "exempt"}]})
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert handset.screen().texts() == []


async def test_withdrawn_before_the_send_nothing_is_sent(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "exempt"}]})
    await deliver(worker)
    assert handset.received == []
    assert await outcomes(world) == [("withdrawn", 1)]


async def test_read_in_the_app_it_leaves_the_other_device(world: World, standin: Standin, worker: Worker) -> None:
    tablet = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await deliver(worker)
    inbox = (await world.mother.get("/v1/alerts")).json()["items"]
    await world.mother.post("/v1/alerts/read", {"alertIds": [inbox[0]["id"]]})
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert len(tablet.received) == 2
    assert tablet.screen().texts() == []


async def test_read_before_the_send_is_never_sent(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    inbox = (await world.mother.get("/v1/alerts")).json()["items"]
    await world.mother.post("/v1/alerts/read", {"alertIds": [inbox[0]["id"]]})
    await deliver(worker)
    assert handset.received == []
    assert await outcomes(world) == [("read", 1)]


async def test_a_rolled_back_fact_pushes_nothing(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    marks = [{"studentId": str(world.ivan), "value": "5"}, {"studentId": str(world.oleg), "value": "5"}]
    answer = await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
    assert answer.status_code == 422
    await deliver(worker)
    assert handset.received == []


async def test_a_replayed_request_pushes_once(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 5"}
    key = {"idempotency-key": "one-intent"}
    first = await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body, **key)
    second = await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body, **key)
    await deliver(worker)
    assert first.json() == second.json()
    assert handset.texts() == ["Иван: задано на дом | Математика на 19 ноября"]


async def test_old_news_go_to_the_inbox_only(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    world.clock.move(days=4)
    await world.reissue()
    await world.set_mark("5", work)
    await deliver(worker)
    assert handset.received == []
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 1


async def test_an_unknown_target_is_switched_off(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    standin.phones.remove(handset.token)
    await world.set_mark("5")
    await deliver(worker)
    await world.set_mark("4")
    await deliver(worker)
    assert await outcomes(world) == [("gone", 1)]
    devices = (await world.mother.get("/v1/devices")).json()["items"]
    assert devices[0]["reachable"] is False


async def test_a_late_404_does_not_remove_a_fresh_registration(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code="UNREGISTERED"))
    await world.set_mark("5")

    class RegistersMeanwhile:
        """The app registers again while the answer is under way."""

        capacity = 100

        async def send(self, message: bytes):  # type: ignore[no-untyped-def]
            verdict = await inner.send(message)
            world.clock.move(seconds=1)
            await world.mother.put(f"/v1/devices/{handset.installation_id}", registration(handset, world))
            return verdict

        async def close(self) -> None: ...

    lane = worker._lanes["normal"]
    inner = lane._sender
    lane._sender = RegistersMeanwhile()
    await deliver(worker)
    lane._sender = inner
    await world.set_mark("4")
    await deliver(worker)
    assert handset.texts()[-1].endswith("Математика: 5, 4")


async def test_after_an_hour_of_failures_it_is_dead_and_counted(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    standin.faults.waiting.append(Fault(code="UNAVAILABLE", times=1000))
    await world.set_mark("5")
    for _ in range(40):
        await deliver(worker)
        world.clock.move(minutes=2)
    assert handset.received == []
    assert await outcomes(world) == [("dead", 1)]


async def test_two_workers_send_once(world: World, standin: Standin, make_worker: MakeWorker) -> None:
    import asyncio

    handsets = [await give_handset(world, standin, world.mother) for _ in range(6)]
    workers = [make_worker("one"), make_worker("two")]
    for value in "345":
        await world.set_mark(value)
        await asyncio.gather(*(deliver(worker) for worker in workers))
    for handset in handsets:
        revisions = [content["revision"] for content in handset.opened()]
        assert revisions == sorted(set(revisions))
        assert handset.texts()[-1].endswith("3, 4, 5")


async def test_signing_out_on_a_shared_tablet_stops_that_account_only(
    world: World, standin: Standin, worker: Worker
) -> None:
    tablet = await give_handset(world, standin, world.mother)
    await world.father.put(f"/v1/devices/{tablet.installation_id}", registration(tablet, world))
    await world.set_mark("5")
    await deliver(worker)
    assert len(tablet.received) == 2
    assert (await world.mother.delete(f"/v1/devices/{tablet.installation_id}")).status_code == 204
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert len(tablet.screen().texts()) == 1
    await world.set_mark("4")
    await deliver(worker)
    assert tablet.screen().texts() == ["Иван: новые оценки | Математика: 5, 4"]
    assert len(tablet.received) == 4


async def test_one_poisoned_alert_does_not_block_the_lane(world: World, standin: Standin, worker: Worker) -> None:
    mother, father = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    await world.set_mark("5")
    await poison(world, mother)
    await deliver(worker)
    assert len(father.received) == 1
    assert await outcomes(world) == [("accepted", 1), ("refused", 1)]


async def poison(world: World, handset: Handset) -> None:
    """Spoils a device's row in a way that no door would let through."""
    await run_as_owner(
        world, f"UPDATE installation SET key_wrapped = '\\x00', platform = 'ios' WHERE id = '{handset.installation_id}'"
    )
