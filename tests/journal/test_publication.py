"""When families see a mark, and what they hear then: a slip that was put right before is no news to anybody."""

from datetime import timedelta

from backend.journal.jobs import tell_due_marks
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import World


async def delay(world: World, minutes: int) -> None:
    path = f"/v1/schools/{world.school.id}/journal-settings"
    assert (await world.deputy.patch(path, {"markDelayMinutes": minutes})).status_code == 200


async def tell(world: World) -> int:
    async with world.database.transaction() as session:
        return await tell_due_marks(session, world.clock.now)


async def seen(world: World) -> list[str]:
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    return [mark["value"] for lesson in day["lessons"] for mark in lesson["marks"]]


async def test_a_slip_of_the_hand_frightens_nobody(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await delay(world, 10)
    work = await world.give_work()
    await world.set_mark("2", work)
    world.clock.move(minutes=4)
    await world.set_mark("5", work)
    await deliver(worker)
    assert (await seen(world), phone.received, await tell(world)) == ([], [], 0)
    world.clock.move(minutes=10)
    await world.reissue()
    assert await tell(world) == 1
    await deliver(worker)
    assert await seen(world) == ["5"]
    assert phone.texts() == ["Иван: новая оценка | Математика: 5"]


async def test_a_correction_that_is_taken_back_in_time_is_no_event(
    world: World, standin: Standin, worker: Worker
) -> None:
    phone = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    await world.set_mark("4", work)
    await deliver(worker)
    await delay(world, 5)
    await world.set_mark("2", work)
    await world.set_mark("4", work)
    world.clock.move(minutes=6)
    await tell(world)
    await deliver(worker)
    assert phone.texts() == ["Иван: новая оценка | Математика: 4"]


async def test_marks_of_a_work_show_from_its_publication_on(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    at = world.clock.now + timedelta(hours=3)
    body = {"lessonId": str(world.lesson), "kind": "control-work", "publishAt": at.isoformat()}
    work = (await world.teacher.post("/v1/works", body)).json()["id"]
    await world.set_mark("5", work)
    tag = (await world.mother.get(f"/v1/children/{world.ivan}/week")).headers["etag"]
    await deliver(worker)
    assert (await seen(world), phone.received) == ([], [])
    world.clock.move(hours=3)
    await world.reissue()
    await tell(world)
    await deliver(worker)
    assert await seen(world) == ["5"]
    assert phone.texts() == ["Иван: новая оценка | Математика: 5"]
    again = await world.mother.get(f"/v1/children/{world.ivan}/week", **{"If-None-Match": tag})
    assert again.status_code == 200, "what was published is no longer what was known"


async def test_marks_that_come_out_long_after_the_lesson_are_news(
    world: World, standin: Standin, worker: Worker
) -> None:
    phone = await give_handset(world, standin, world.mother)
    at = world.clock.now + timedelta(days=6)
    body = {"lessonId": str(world.lesson), "kind": "control-work", "publishAt": at.isoformat()}
    await world.set_mark("5", (await world.teacher.post("/v1/works", body)).json()["id"])
    world.clock.move(days=6)
    await world.reissue()
    await tell(world)
    await deliver(worker)
    assert phone.texts() == ["Иван: новая оценка | Математика: 5"]


async def test_a_schools_own_weights_count_for_what_is_given_from_then_on(world: World) -> None:
    old = await world.give_work(kind="homework")
    path = f"/v1/schools/{world.school.id}/journal-settings"
    changed = (await world.deputy.patch(path, {"weights": {"homework": "2.5"}})).json()
    assert (changed["weights"]["homework"], changed["weights"]["test"]) == ("2.50", "4")
    new = await world.give_work(kind="homework")
    await world.set_mark("2", old)
    await world.set_mark("5", new)
    week = (await world.mother.get(f"/v1/children/{world.ivan}/week")).json()
    # (2 x 1 + 5 x 2.5) / 3.5 = 4.142...
    assert [item["average"] for item in week["averages"]] == ["4.14"]


async def test_several_marks_in_one_work(world: World) -> None:
    work = await world.give_work()
    marks = [{"studentId": str(world.ivan), "value": value, "slot": slot} for slot, value in ((1, "4"), (2, "5"))]
    assert (await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})).json()["changed"] == 2
    assert await seen(world) == ["4", "5"]
