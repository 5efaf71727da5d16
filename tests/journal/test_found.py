"""What a reviewer found, one test a finding."""

import asyncio
from datetime import timedelta

from backend.journal.jobs import remind_of_dots, resolve_dots, tell_due_marks
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.world import World


async def unpublished_dot(world: World, *, due: int) -> str:
    at = world.clock.now + timedelta(days=10)
    body = {"lessonId": str(world.lesson), "kind": "control-work", "publishAt": at.isoformat()}
    work = str((await world.teacher.post("/v1/works", body)).json()["id"])
    answer = await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=due)))
    assert answer.status_code == 200
    return work


async def delay(world: World, minutes: int) -> None:
    path = f"/v1/schools/{world.school.id}/journal-settings"
    assert (await world.deputy.patch(path, {"markDelayMinutes": minutes})).status_code == 200


async def seen(world: World) -> list[str]:
    await world.reissue()
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day?day=2026-11-18")).json()
    return [mark["value"] for lesson in day["lessons"] for mark in lesson["marks"]]


async def tell(world: World) -> None:
    async with world.database.transaction() as session:
        await tell_due_marks(session, world.clock.now)


async def test_nobody_is_reminded_of_what_is_not_published(world: World) -> None:
    await unpublished_dot(world, due=2)
    async with world.database.transaction() as session:
        assert await remind_of_dots(session, world.school.id, world.today, world.clock.now) == 0
    assert (await world.mother.get("/v1/alerts")).json()["items"] == []


async def test_nobody_hears_of_the_end_of_a_dot_that_nobody_knew(world: World) -> None:
    await unpublished_dot(world, due=1)
    world.clock.move(days=2)
    await world.reissue()
    async with world.database.transaction() as session:
        assert await resolve_dots(session, world.school.id, world.today, world.clock.now) == 1
    await tell(world)
    world.clock.move(days=9)
    await tell(world)
    await world.reissue()
    assert (await world.mother.get("/v1/alerts")).json()["items"] == []


async def test_a_slip_that_was_put_right_in_time_is_never_seen(world: World) -> None:
    await delay(world, 15)
    work = await world.give_work()
    await world.set_mark("2", work)
    world.clock.move(minutes=9)
    assert (await world.set_mark(None, work)).json()["changed"] == 1
    for _ in range(20):
        world.clock.move(minutes=1)
        assert await seen(world) == []
        await tell(world)
    assert (await world.mother.get("/v1/alerts")).json()["items"] == []


async def test_a_term_that_was_moved_is_told_also_with_a_delay(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    for days in (3, 5):
        await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=days)))
        await deliver(worker)
        await delay(world, 5)
    world.clock.move(minutes=6)
    await tell(world)
    await deliver(worker)
    assert [text.split(": ")[-1] for text in phone.texts()] == ["сдать до 21 ноября", "сдать до 23 ноября"]


async def test_a_comment_that_shows_later_changes_the_page_then(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("4", work)
    await delay(world, 5)
    await world.set_mark("4", work, comment="Молодец")
    path = f"/v1/children/{world.ivan}/week"
    tag = (await world.mother.get(path)).headers["etag"]
    world.clock.move(minutes=6)
    await tell(world)
    await world.reissue()
    again = await world.mother.get(path, **{"If-None-Match": tag})
    assert (again.status_code, "Молодец" in again.text) == (200, True)


async def test_a_removed_mark_is_set_anew_with_approval_only(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("2", work)
    await world.set_mark(None, work)
    world.clock.move(days=20)
    await world.reissue()
    answer = await world.set_mark("5", work)
    assert answer.json()["errors"][0]["code"] == "reason-required"


async def test_a_mark_in_the_place_of_an_old_dot_may_be_put_right_on_the_same_day(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=9)))
    world.clock.move(days=7)
    await world.reissue()
    await world.set_mark("2", work)
    assert (await world.set_mark("4", work)).json()["changed"] == 1


async def test_a_destroyed_mark_holds_up_nobody(world: World) -> None:
    await delay(world, 5)
    await world.set_mark("2")
    await run_as_owner(world, "SET ROLE diary_eraser", "DELETE FROM mark_version")
    world.clock.move(minutes=6)
    await tell(world)
    assert await run_as_owner(world, "SELECT count(*) FROM mark_due") == 0


async def test_two_who_decide_over_a_final_at_once_are_one_and_one_who_is_stale(world: World) -> None:
    here = world.school
    path = f"/v1/groups/{here.group_id}/subjects/{here.mathematics}/periods/{here.period_id}/finals"
    bodies = [{"finals": [{"studentId": str(world.ivan), "value": value, "version": 0}]} for value in "45"]
    answers = await asyncio.gather(world.teacher.put(path, bodies[0]), world.deputy.put(path, bodies[1]))
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_moment_without_its_zone_is_refused(world: World) -> None:
    body = {"lessonId": str(world.lesson), "kind": "test", "publishAt": "2026-11-20T10:00:00"}
    answer = await world.teacher.post("/v1/works", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/publishAt")


async def test_a_work_is_not_published_before_its_lesson(world: World) -> None:
    for moment in ("0001-01-01T00:00:00+14:00", (world.clock.now - timedelta(days=2)).isoformat()):
        body = {"lessonId": str(world.lesson), "kind": "test", "publishAt": moment}
        answer = await world.teacher.post("/v1/works", body)
        assert answer.json()["errors"][0] | {"detail": ""} == {
            "pointer": "/publishAt", "code": "before-the-lesson", "detail": "",
        }  # fmt: skip
