"""Giving homework."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.files.samples import pdf, upload
from tests.world import World


@pytest.mark.parametrize(
    ("days", "text", "pointer", "code"),
    [(-1, "§ 1", "/dueOn", "before-the-lesson"), (200, "§ 1", "/dueOn", "too-far"), (1, "", "/text", "out-of-range")],
)
async def test_what_is_refused(world: World, days: int, text: str, pointer: str, code: str) -> None:
    body = {"dueOn": str(world.today + timedelta(days=days)), "text": text}
    answer = await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_it_stands_on_the_journal_page_and_in_the_diary_even_on_a_day_without_the_lesson(world: World) -> None:
    saturday = str(world.today + timedelta(days=3))
    body = {"dueOn": saturday, "text": "Прочитать с. 10–20", "minutes": 30, "mandatory": False}
    assert (await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)).status_code == 201
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()
    assert [item["text"] for item in page["homework"]] == ["Прочитать с. 10–20"]
    day = (await world.student.get(f"/v1/children/{world.ivan}/day?day={saturday}")).json()
    assert [(item["text"], item["mandatory"], item["minutes"]) for item in day["homework"]] == [
        ("Прочитать с. 10–20", False, 30)
    ]


async def give(world: World, days: int = 1, **more: object) -> dict[str, Any]:
    """Given by the teacher at today's mathematics, due in some days."""
    body = {"dueOn": str(world.today + timedelta(days=days)), "text": "§ 1", **more}
    answer = await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_some_students_get_homework_of_their_own(world: World) -> None:
    made = await give(world, students=[str(world.pyotr)], links=["https://resh.edu.ru/subject/12/"])
    assert made["students"] == [str(world.pyotr)]
    path = f"/v1/children/{world.pyotr}/homework"
    theirs = (await world.neighbour.get(path)).json()["items"]
    assert [(item["links"], item["individual"]) for item in theirs] == [(["https://resh.edu.ru/subject/12/"], True)]
    assert (await world.mother.get(f"/v1/children/{world.ivan}/homework")).json()["items"] == []
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day?day={made['dueOn']}")).json()
    assert day["homework"] == []


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"students": ["{oleg}"]}, "/students/0", "not-in-group"),
        ({"students": ["{ivan}", "{ivan}"]}, "/students/1", "repeated"),
        ({"links": ["javascript:alert(1)"]}, "/links/0", "bad-link"),
        ({"links": ["https://a.ru/ b"]}, "/links/0", "bad-link"),
        ({"files": ["{ivan}"]}, "/files/0", "unknown-file"),
    ],
)
async def test_whom_and_what_it_may_not_name(world: World, more: dict[str, Any], pointer: str, code: str) -> None:
    named = {key: [str(value).format(ivan=world.ivan, oleg=world.oleg) for value in more[key]] for key in more}
    body = {"dueOn": str(world.today), "text": "§ 1", **named}
    answer = await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)
    assert answer.status_code == 422, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert (await world.mother.get(f"/v1/children/{world.ivan}/homework")).json()["items"] == []


async def test_a_student_ticks_and_the_family_filters(world: World) -> None:
    made = [await give(world, days, mandatory=days != 2) for days in (1, 2, 3)]
    path = f"/v1/children/{world.ivan}/homework"
    for done in (True, True):
        assert (await world.student.put(f"{path}/{made[0]['id']}/done", {"done": done})).status_code == 204
    for query, wanted in (
        ("done=true", [0]),
        ("done=false", [1, 2]),
        ("mandatory=false", [1]),
        (f"subject={world.school.russian}", []),
        (f"first={made[1]['dueOn']}&last={made[1]['dueOn']}", [1]),
    ):
        found = (await world.mother.get(f"{path}?{query}")).json()["items"]
        assert [item["id"] for item in found] == [made[number]["id"] for number in wanted], query
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()
    assert [item["done"] for item in page["homework"]] == [1, 0, 0]
    await world.student.put(f"{path}/{made[0]['id']}/done", {"done": False})
    assert (await world.mother.get(f"{path}?done=true")).json()["items"] == []


async def test_only_the_student_ticks_and_only_their_own(world: World) -> None:
    own = await give(world)
    others = await give(world, students=[str(world.pyotr)])
    path = f"/v1/children/{world.ivan}/homework"
    assert (await world.mother.put(f"{path}/{own['id']}/done", {"done": True})).status_code == 404
    assert (await world.student.put(f"{path}/{others['id']}/done", {"done": True})).status_code == 404


async def test_an_edit_shows_its_time_and_a_stale_one_is_refused(world: World) -> None:
    made = await give(world)
    world.clock.move(minutes=5)
    answer = await world.teacher.patch(f"/v1/homework/{made['id']}", {"version": 1, "text": "§ 2", "minutes": None})
    assert (answer.json()["text"], answer.json()["version"]) == ("§ 2", 2)
    stale = await world.deputy.patch(f"/v1/homework/{made['id']}", {"version": 1, "text": "§ 3"})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    seen = (await world.mother.get(f"/v1/children/{world.ivan}/homework")).json()["items"]
    assert [(item["text"], item["editedAt"]) for item in seen] == [("§ 2", "2026-11-18T09:05:00Z")]
    far = await world.teacher.patch(f"/v1/homework/{made['id']}", {"version": 2, "dueOn": "2028-01-01"})
    assert [error["code"] for error in far.json()["errors"]] == ["too-far"]


async def test_what_is_taken_back_is_gone_and_its_lesson_may_move(world: World) -> None:
    made = await give(world)
    assert (await world.teacher.delete(f"/v1/homework/{made['id']}")).status_code == 204
    assert (await world.mother.get(f"/v1/children/{world.ivan}/homework")).json()["items"] == []
    assert (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()["homework"] == []
    assert (await world.teacher.delete(f"/v1/homework/{made['id']}")).status_code == 404
    async with world.database.transaction() as session:
        in_use = await session.execute(text("SELECT lesson_in_use(:lesson)"), {"lesson": world.lesson})
        assert in_use.scalar() is False


async def test_its_files_are_seen_by_who_sees_it_and_an_edit_changes_them(world: World) -> None:
    first, second = [(await upload(world.teacher, pdf(), name)).json()["id"] for name in ("Лист 1.pdf", "Лист 2.pdf")]
    made = await give(world, files=[first], students=[str(world.ivan)])
    allowed = {"teacher", "deputy", "director", "class_teacher", "mother", "father", "student"}
    for name in sorted(allowed | {"neighbour", "stranger", "former", "other_teacher", "administrator"}):
        answer = await getattr(world, name).get(f"/v1/files/{first}")
        assert answer.status_code == (200 if name in allowed else 404), name
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day?day={made['dueOn']}")).json()
    assert [file["name"] for file in day["homework"][0]["files"]] == ["Лист 1.pdf"]
    answer = await world.teacher.patch(f"/v1/homework/{made['id']}", {"version": 1, "files": [second]})
    assert [file["name"] for file in answer.json()["files"]] == ["Лист 2.pdf"]
    assert (await world.mother.get(f"/v1/files/{first}")).status_code == 404
