"""Bad news waits for the school's delay, good news comes at once; of a slip that is put right nobody hears."""

from typing import Any

from backend.attendance.jobs import tell_due_absences
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import World


async def take(world: World, *entries: dict[str, Any]) -> Any:
    body = {"entries": [{"studentId": str(world.ivan)} | entry for entry in entries]}
    answer = await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def wait(world: World, minutes: int) -> int:
    world.clock.move(minutes=minutes)
    async with world.database.transaction() as session:
        return await tell_due_absences(session, world.clock.now)


async def set_delay(world: World, minutes: int) -> None:
    path = f"/v1/schools/{world.school.id}/attendance-settings"
    assert (await world.deputy.patch(path, {"delayMinutes": minutes})).status_code == 200


async def seen(world: World) -> list[Any]:
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    return [lesson["absence"] for lesson in day["lessons"]]


async def alerts(world: World) -> list[str]:
    return [item["kind"] for item in (await world.mother.get("/v1/alerts")).json()["items"]]


async def test_a_school_that_says_nothing_waits_five_minutes(world: World) -> None:
    from tests.push.fixtures import run_as_owner

    await run_as_owner(world, "DELETE FROM attendance_setting")
    path = f"/v1/schools/{world.school.id}/attendance-settings"
    settings = (await world.teacher.get(path)).json()
    assert settings["delayMinutes"] == 5
    assert [item["symbol"] for item in settings["symbols"]] == ["Н", "УП", "НП", "Б", "ОП", "ОСВ"]
    await take(world, {"code": "absent"})
    assert (await wait(world, 4), await alerts(world), await seen(world)) == (0, [], [None, None])
    assert (await wait(world, 1), await alerts(world)) == (1, ["absent-without-notice"])
    assert (await seen(world))[0] == {"code": "absent", "symbol": "Н", "minutes": None}
    assert await wait(world, 1) == 0


async def test_a_slip_that_is_put_right_in_time_nobody_hears_of(world: World) -> None:
    await set_delay(world, 5)
    await take(world, {"code": "absent"})
    world.clock.move(minutes=2)
    await take(world)
    await wait(world, 5)
    assert (await alerts(world), await seen(world)) == ([], [None, None])


async def test_a_slip_put_right_after_it_was_told_is_told_at_once(
    world: World, standin: Standin, worker: Worker
) -> None:
    await set_delay(world, 1)
    mother = await give_handset(world, standin, world.mother)
    await take(world, {"code": "absent"})
    await wait(world, 1)
    await deliver(worker)
    await take(world, {"code": "late", "minutes": 7})
    await deliver(worker)
    await take(world)
    await deliver(worker)
    assert mother.texts() == [
        "Иван не на уроке | урок 3: Математика",
        "Иван на уроке | урок 3: Математика, опоздание 7 мин",
    ]
    items = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [item["withdrawn"] for item in items] == [True, True]


async def test_lateness_is_told_with_its_minutes(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    child = await give_handset(world, standin, world.student)
    await take(world, {"symbol": "оп", "minutes": 12})
    await deliver(worker)
    assert mother.texts() == ["Иван: опоздание | урок 3: Математика, на 12 мин"]
    assert child.received == []


async def test_what_is_excused_before_it_is_told_frightens_nobody(world: World) -> None:
    await set_delay(world, 5)
    await take(world, {"code": "absent"})
    day = str(world.today)
    excuse = {"firstDay": day, "lastDay": day, "state": "excused", "reason": "doctor"}
    assert (await world.class_teacher.put(f"/v1/children/{world.ivan}/excuses", excuse)).status_code == 200
    await wait(world, 5)
    assert await alerts(world) == []


async def test_truancy_is_an_absence_without_notice(world: World, standin: Standin, worker: Worker) -> None:
    """Told once: also where the list says at first that nobody knows why."""
    mother = await give_handset(world, standin, world.mother)
    await take(world, {"code": "unexcused"})
    await take(world, {"code": "absent"})
    await take(world, {"code": "unexcused"})
    await deliver(worker)
    assert mother.screen().texts() == ["Иван не на уроке | урок 3: Математика"]
    assert await alerts(world) == ["absent-without-notice"]


async def test_what_the_class_teacher_calls_truancy_is_told(world: World) -> None:
    await set_delay(world, 5)
    await take(world, {"code": "absent"})
    day = str(world.today)
    wish = {"firstDay": day, "lastDay": day, "state": "unexcused"}
    assert (await world.class_teacher.put(f"/v1/children/{world.ivan}/excuses", wish)).status_code == 200
    await wait(world, 5)
    assert await alerts(world) == ["absent-without-notice"]


async def test_an_absence_of_yesterday_that_is_put_right_rings_no_phone(
    world: World, standin: Standin, worker: Worker
) -> None:
    await take(world, {"code": "absent"})
    mother = await give_handset(world, standin, world.mother)
    await deliver(worker)
    world.clock.move(days=1)
    await world.reissue()
    await take(world)
    for _ in range(2):  # what has to go from screens is gathered
        await deliver(worker)
        world.clock.move(seconds=6)
    assert mother.texts()[0] == "Иван не на уроке | урок 3: Математика"
    assert (mother.screen().texts(), mother.screen().rung) == ([], 1)
    assert sorted(await alerts(world)) == ["absence-corrected", "absent-without-notice"]


async def test_truancy_in_spite_of_a_notice_is_told(world: World) -> None:
    """Of the absence that the notice explained nobody has heard."""
    day = str(world.today)
    notice = {"firstDay": day, "lastDay": day, "reason": "illness"}
    assert (await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)).status_code == 201
    await take(world, {"code": "absent"})
    assert "absent-without-notice" not in await alerts(world)
    await take(world, {"code": "unexcused"})
    assert "absent-without-notice" in await alerts(world)
