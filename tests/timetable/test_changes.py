"""Changes by date: cancelled, moved, substituted; who hears of it, and who may then write in the journal."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.timetable.scenes import lessons_of, set_bells
from tests.world import Someone, World


async def change(world: World, lesson: Any = None, who: Someone | None = None, **wish: Any) -> Any:
    return await (who or world.deputy).patch(f"/v1/lessons/{lesson or world.lesson}", wish)


async def test_a_cancelled_lesson_stays_struck_through_and_takes_no_marks(world: World) -> None:
    answer = await change(world, state="cancelled", reason="Учитель болен")
    assert answer.json()["state"] == "cancelled"
    lessons = await lessons_of(world, str(world.today))
    assert [(lesson["subject"], lesson["state"]) for lesson in lessons] == [
        ("Математика", "cancelled"),
        ("Русский язык", "planned"),
    ]
    refused = await world.teacher.post("/v1/works", {"lessonId": str(world.lesson), "kind": "test"})
    assert (refused.status_code, refused.json()["code"]) == (409, "lesson-cancelled")
    await change(world, state="planned")
    assert [lesson["state"] for lesson in await lessons_of(world, str(world.today))] == ["planned", "planned"]


async def test_a_moved_lesson_is_seen_in_both_places(world: World) -> None:
    await set_bells(world)
    friday = str(world.today + timedelta(days=2))
    moved = (await change(world, moveTo={"day": friday, "number": 2})).json()
    assert (moved["day"], moved["number"], moved["state"]) == (friday, 2, "planned")
    today = await lessons_of(world, str(world.today))
    assert (today[0]["state"], today[0]["movedTo"]) == ("cancelled", moved["id"])
    assert [lesson["id"] for lesson in await lessons_of(world, friday)] == [moved["id"]]


async def test_a_lesson_with_records_is_not_moved(world: World) -> None:
    await set_bells(world)
    await world.set_mark("5")
    answer = await change(world, moveTo={"day": str(world.today + timedelta(days=2)), "number": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "lesson-in-use")


async def test_a_place_that_is_taken_is_refused(world: World) -> None:
    await set_bells(world)
    tomorrow = world.today + timedelta(days=1)
    answer = await change(world, moveTo={"day": str(tomorrow), "number": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "place-taken")
    path = f"/v1/groups/{world.school.group_id}/lessons"
    lesson = {"subjectId": str(world.school.russian), "teacherId": str(world.other_teacher.id), "number": 1}
    assert (await world.deputy.post(path, {**lesson, "day": str(tomorrow)})).json()["code"] == "place-taken"
    friday = str(world.today + timedelta(days=2))
    assert (await world.deputy.post(path, {**lesson, "day": friday})).status_code == 201
    assert [item["subject"] for item in await lessons_of(world, friday)] == ["Русский язык"]


async def test_a_substitute_writes_in_the_journal_for_a_week(world: World) -> None:
    body = {"works": [{"kind": "answer", "marks": [{"studentId": str(world.ivan), "value": "5"}]}]}
    path = f"/v1/lessons/{world.lesson}"
    assert (await world.class_teacher.put(path, body)).status_code == 404
    await change(world, teacherId=str(world.class_teacher.id))
    assert (await world.class_teacher.put(path, body)).status_code == 200
    assert (await world.class_teacher.put(f"/v1/lessons/{world.tomorrows_lesson}", body)).status_code == 404
    day = (await world.class_teacher.get(f"/v1/teacher/day?day={world.today}")).json()
    assert [(lesson["subject"], lesson["substitution"]) for lesson in day["lessons"]] == [("Математика", True)]
    world.clock.move(days=8)
    await world.reissue()
    assert (await world.class_teacher.put(path, {"topic": "Дроби"})).status_code == 404


async def test_the_lessons_of_a_teacher_who_is_away_are_given_away_in_one_request(world: World) -> None:
    tomorrow = str(world.today + timedelta(days=1))
    path = f"/v1/schools/{world.school.id}"
    absence = (
        await world.deputy.get(f"{path}/teachers/{world.teacher.id}/absence?first={world.today}&last={tomorrow}")
    ).json()
    ids = [item["lesson"]["id"] for item in absence["lessons"]]
    assert ids == [str(world.lesson), str(world.tomorrows_lesson)]
    names = [[free["name"] for free in item["free"]] for item in absence["lessons"]]
    assert names == [["Петров Елена", "Петров Нина"], ["Петров Елена", "Петров Нина"]]
    covers = [
        {"lessonId": ids[0], "teacherId": str(world.other_teacher.id)},
        {"lessonId": ids[1], "teacherId": None},
    ]
    answer = await world.deputy.post(f"{path}/substitutions", {"covers": covers, "reason": "Больничный"})
    assert [(item["teacher"], item["state"]) for item in answer.json()["items"]] == [
        ("Петров Нина", "planned"),
        ("Петров Мария", "cancelled"),
    ]


async def test_every_wrong_cover_is_named_and_nothing_is_half_done(world: World) -> None:
    covers = [
        {"lessonId": str(world.lesson), "teacherId": str(world.other_teacher.id)},
        {"lessonId": str(world.foreign_lesson), "teacherId": None},
        {"lessonId": str(world.tomorrows_lesson), "teacherId": str(world.foreign_teacher.id)},
    ]
    answer = await world.deputy.post(f"/v1/schools/{world.school.id}/substitutions", {"covers": covers})
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/covers/1/lessonId": "unknown-lesson",
        "/covers/2/teacherId": "unknown-teacher",
    }
    assert [lesson["substitution"] for lesson in await lessons_of(world, str(world.today))] == [False, False]


async def test_families_hear_of_todays_first_lesson_urgently(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    neighbour = await give_handset(world, standin, world.neighbour)
    await change(world, state="cancelled")
    await deliver(worker)
    assert mother.texts() == ["Иван: первый урок сегодня изменился | урок 3, Математика: отменён"]
    assert neighbour.texts() == ["Пётр: первый урок сегодня изменился | урок 3, Математика: отменён"]
    lanes = [alert["kind"] for alert in (await world.mother.get("/v1/alerts")).json()["items"]]
    assert lanes == ["first-lesson-changed"]


@pytest.mark.parametrize(
    ("days", "told"), [(1, ["Иван: расписание на 19 ноября | урок 1, Математика: кабинет 7"]), (5, [])]
)
async def test_what_is_further_away_goes_to_the_feed(
    world: World, standin: Standin, worker: Worker, days: int, told: list[str]
) -> None:
    mother = await give_handset(world, standin, world.mother)
    lesson = world.tomorrows_lesson if days == 1 else await world.lesson_on(world.today + timedelta(days=days), 1)
    await change(world, lesson, room="7")
    await deliver(worker)
    assert mother.texts() == told
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 1


async def test_a_notice_of_absence_does_not_count_cancelled_lessons(world: World) -> None:
    await change(world, state="cancelled")
    day = str(world.today)
    notice = {"firstDay": day, "lastDay": day, "reason": "illness"}
    filed = await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)
    assert filed.json()["days"][0]["lessons"] == 1


async def test_what_was_changed_is_kept_with_who_and_why(world: World) -> None:
    from sqlalchemy import text

    await change(world, room="7", reason="Ремонт")
    async with world.database.transaction() as session:
        row = (await session.execute(text("SELECT change, old, new, reason, made_by FROM lesson_change"))).one()
    assert tuple(row) == ("room", {"room": "12"}, {"room": "7"}, "Ремонт", world.deputy.id)


async def test_of_two_who_take_a_place_at_once_one_hears_that_it_is_taken(world: World) -> None:
    await set_bells(world)
    path = f"/v1/groups/{world.school.group_id}/lessons"
    lesson = {"subjectId": str(world.school.russian), "teacherId": str(world.other_teacher.id), "number": 1}
    lesson["day"] = str(world.today + timedelta(days=2))
    answers = await asyncio.gather(world.deputy.post(path, lesson), world.administrator.post(path, lesson))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert next(answer.json()["code"] for answer in answers if answer.status_code == 409) == "place-taken"


async def lesson_far_away(world: World) -> str:
    return str(await world.lesson_on(world.today + timedelta(days=5), 2))


async def lesson_of_yesterday(world: World) -> str:
    return str(await world.lesson_on(world.today - timedelta(days=1), 2))


@pytest.mark.parametrize("lesson", [lesson_far_away, lesson_of_yesterday])
async def test_what_is_moved_to_tomorrow_is_told_at_once(
    world: World, standin: Standin, worker: Worker, lesson: Callable[[World], Awaitable[str]]
) -> None:
    await set_bells(world)
    mother = await give_handset(world, standin, world.mother)
    tomorrow = world.today + timedelta(days=1)
    moved = await change(world, await lesson(world), moveTo={"day": str(tomorrow), "number": 2})
    assert moved.status_code == 200, moved.text
    await deliver(worker)
    (content,) = mother.opened()
    assert mother.texts() == ["Иван: расписание на 19 ноября | урок 2, Математика: добавлен"]
    assert content["target"]["date"] == str(tomorrow)


async def test_what_is_moved_from_yesterday_to_later_is_in_the_feed(
    world: World, standin: Standin, worker: Worker
) -> None:
    await set_bells(world)
    mother = await give_handset(world, standin, world.mother)
    friday = {"day": str(world.today + timedelta(days=2)), "number": 2}
    assert (await change(world, await lesson_of_yesterday(world), moveTo=friday)).status_code == 200
    await deliver(worker)
    assert mother.received == []
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 1


async def test_what_becomes_todays_first_lesson_is_urgent(world: World, standin: Standin, worker: Worker) -> None:
    await set_bells(world)
    mother = await give_handset(world, standin, world.mother)
    await change(world, world.russian_lesson, moveTo={"day": str(world.today), "number": 1})
    await deliver(worker)
    assert [item["kind"] for item in (await world.mother.get("/v1/alerts")).json()["items"]] == ["first-lesson-changed"]
    assert len(mother.texts()) == 1


async def test_of_several_changes_the_weightiest_is_told(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    await change(world, world.tomorrows_lesson, state="cancelled", room="7")
    await deliver(worker)
    assert mother.texts() == ["Иван: расписание на 19 ноября | урок 1, Математика: отменён"]


async def test_a_student_in_lessons_hears_no_sound(world: World, standin: Standin, worker: Worker) -> None:
    handsets = [await give_handset(world, standin, who) for who in (world.student, world.mother)]
    await change(world, world.tomorrows_lesson, room="7")
    await deliver(worker)
    assert [handset.screen().rung for handset in handsets] == [0, 1]
