"""What a child's day holds and needs: the regime of stay, the curriculum, the backpack."""

from typing import Any

from tests.timetable.scenes import planned, set_bells, set_plan
from tests.world import World


async def test_the_regime_of_stay_is_lessons_and_what_lies_between(world: World) -> None:
    await set_bells(world)
    await set_plan(world, planned(world, 5))
    items = [
        {"kind": "meal", "name": "Завтрак", "starts": "09:15", "ends": "09:25"},
        {"kind": "walk", "name": "Прогулка", "starts": "13:00", "ends": "14:00", "weekday": 1},
        {"kind": "exercise", "name": "Зарядка", "starts": "08:15", "ends": "08:25", "weekday": 5},
    ]
    path = f"/v1/classes/{world.school.class_id}/stay"
    assert (await world.class_teacher.put(path, {"items": items})).status_code == 200
    day = (await world.student.get(f"/v1/children/{world.ivan}/stay?day=2026-11-20")).json()
    assert [(part["kind"], part["name"], part["startsAt"][11:16]) for part in day["parts"]] == [
        ("exercise", "Зарядка", "05:15"),
        ("lesson", "Математика", "05:30"),
        ("meal", "Завтрак", "06:15"),
    ]
    sunday = (await world.student.get(f"/v1/children/{world.ivan}/stay?day=2026-11-22")).json()
    assert sunday["parts"] == []


def curriculum(world: World, **more: Any) -> dict[str, Any]:
    topics = [{"title": "Дроби", "hours": 12}, {"title": "Проценты"}]
    subject = {"subjectId": str(world.school.mathematics), "hoursAWeek": "5", "topics": topics}
    return {"subjects": [subject | more]}


async def test_the_curriculum_counts_lessons_held(world: World) -> None:
    path = f"/v1/classes/{world.school.class_id}/curriculum"
    assert (await world.class_teacher.put(path, curriculum(world))).status_code == 200
    world.clock.move(hours=1)
    await world.reissue()
    seen = (await world.student.get(f"/v1/children/{world.ivan}/curriculum")).json()
    assert seen["className"] == "5А"
    assert seen["subjects"] == [
        {
            "subjectId": str(world.school.mathematics), "subject": "Математика", "hoursAWeek": "5.00",
            "advanced": False, "topics": [{"title": "Дроби", "hours": 12}, {"title": "Проценты", "hours": 1}],
            "lessonsHeld": 1, "lessonsPlanned": 2,
        }
    ]  # fmt: skip


async def test_a_curriculum_that_cannot_be_is_refused(world: World) -> None:
    path = f"/v1/classes/{world.school.class_id}/curriculum"
    body = curriculum(world, hoursAWeek="0") | {"profile": "Физика и математика"}
    body["subjects"].append({"subjectId": str(world.elsewhere.mathematics), "hoursAWeek": "1"})
    answer = await world.class_teacher.put(path, body)
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/subjects/0/hoursAWeek": "out-of-range",
        "/subjects/1/subjectId": "unknown-subject",
        "/profile": "only-from-grade-10",
    }


async def test_the_backpack_is_weighed(world: World) -> None:
    books = [
        {"subjectId": str(world.school.mathematics), "grade": 5, "title": "Математика 5", "grams": 480},
        {"subjectId": str(world.school.mathematics), "grade": 6, "title": "Математика 6", "grams": 500},
        {"subjectId": str(world.school.russian), "grade": 5, "title": "Русский язык 5", "grams": 410},
    ]
    assert (await world.deputy.put(f"/v1/schools/{world.school.id}/textbooks", {"books": books})).status_code == 200
    backpack = (await world.mother.get(f"/v1/children/{world.ivan}/backpack")).json()
    assert backpack == {
        "day": "2026-11-18",
        "items": [
            {"subject": "Математика", "title": "Математика 5", "grams": 480},
            {"subject": "Русский язык", "title": "Русский язык 5", "grams": 410},
        ],
        "grams": 890,
        "limitGrams": 2500,
    }  # fmt: skip
