"""A school's weekly lessons from a file: a dry run first, every wrong cell named, and who teaches what follows."""

import io
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from tests.exchange.files import everything
from tests.timetable.scenes import lessons_of, set_bells
from tests.world import World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = "Класс или группа;День;Урок;Предмет;Учитель;Кабинет"
FRIDAY = "2026-11-20"


async def bring(world: World, *rows: str, query: str = "dryRun=false", header: str = HEADER) -> httpx.Response:
    content = "\n".join((header, *rows)).encode()
    path = f"/v1/schools/{world.school.id}/timetable?{query}"
    return await world.deputy.call("POST", path, content, **{"content-type": "text/csv"})


async def test_a_timetable_is_tried_first_and_then_taken(world: World) -> None:
    await set_bells(world)
    before = await everything(world.database)
    row = "5А;Пт;1;математика;Петров Мария;12"
    tried = await bring(world, row, query="")
    assert await everything(world.database) == before
    taken = await bring(world, row)
    assert (tried.json() | {"dryRun": False}) == taken.json()
    assert taken.json() == {
        "dryRun": False, "classes": 1, "weeklyLessons": 1, "loads": 0,
        "lessons": {"added": 10, "changed": 0, "removed": 0, "kept": 0},
    }  # fmt: skip
    assert [(item["subject"], item["room"]) for item in await lessons_of(world, FRIDAY)] == [("Математика", "12")]
    again = await bring(world, row)
    assert again.json()["lessons"] == {"added": 0, "changed": 0, "removed": 0, "kept": 0}


async def test_who_stands_in_the_timetable_teaches(world: World) -> None:
    await set_bells(world)
    assert (await bring(world, "5а;пятница;2;Математика;other_teacher")).json()["loads"] == 1
    lesson = (await lessons_of(world, FRIDAY))[0]["id"]
    world.clock.move(days=2)
    await world.reissue()
    assert (await world.other_teacher.put(f"/v1/lessons/{lesson}", {"topic": "Дроби"})).status_code == 200


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("6Ж;Пт;1;Математика;teacher", "Класс или группа", "unknown-group"),
        ("5А;Вс;1;Математика;teacher", "День", "bad-weekday"),
        ("5А;Пт;13;Математика;teacher", "Урок", "bad-number"),
        ("5А;Пт;1;Алхимия;teacher", "Предмет", "unknown-subject"),
        ("5А;Пт;1;Математика;foreign_teacher", "Учитель", "unknown-teacher"),
        ("5А;Пт;1;Математика;", "Учитель", "missing-value"),
        ("5А;Чт;1;Русский язык;other_teacher", "Урок", "place-taken"),
    ],
)
async def test_a_wrong_cell_is_named_and_nothing_is_written(world: World, row: str, column: str, code: str) -> None:
    await set_bells(world)
    before = await everything(world.database)
    answer = await bring(world, "5А;Чт;1;Математика;teacher", row)
    assert answer.json()["code"] == "import-refused"
    assert [(item["row"], item["column"], item["code"]) for item in answer.json()["problems"]] == [(3, column, code)]
    assert await everything(world.database) == before


async def test_a_timetable_of_the_past_and_one_without_a_column(world: World) -> None:
    past = await bring(world, "5А;Пт;1;Математика;teacher", query="dryRun=false&starts=2026-11-01")
    assert past.json()["problems"][0]["code"] == "in-the-past"
    bare = await bring(world, "5А;Пт;Математика;teacher", header="Класс или группа;День;Предмет;Учитель")
    assert [(item["column"], item["code"]) for item in bare.json()["problems"]] == [("Урок", "missing-column")]


async def test_the_template_filled_in_is_taken(world: World) -> None:
    await set_bells(world)
    book = load_workbook(io.BytesIO((await world.teacher.get("/v1/templates/timetable")).content))
    empty = io.BytesIO()
    book.save(empty)
    path = f"/v1/schools/{world.school.id}/timetable?dryRun=false"
    headers = {"content-type": XLSX}
    untouched = await world.deputy.call("POST", path, empty.getvalue(), **headers)
    assert untouched.json()["weeklyLessons"] == 0
    row: list[Any] = ["5А", "Пт", 1, "Математика", "Петров Мария", 12]
    book.worksheets[0].append(row)
    filled = io.BytesIO()
    book.save(filled)
    assert (await world.deputy.call("POST", path, filled.getvalue(), **headers)).json()["weeklyLessons"] == 1
