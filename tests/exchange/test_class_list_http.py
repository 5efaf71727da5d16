"""A class list over HTTP: who may bring it, what is answered, and what a class teacher's list may not do."""

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from backend.exchange.wording import texts
from push.wording import LANGUAGES
from tests.exchange.files import everything, one, rows_of, run, table, workbook
from tests.world import Someone, World

IMPORT_GUIDE = Path(__file__).parents[2] / "docs" / "import.md"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOVIKOV = {"Фамилия": "Новиков", "Имя": "Лев", "Дата рождения": "01.02.2015", "Класс": "5А"}
IVAN = {"Фамилия": "Петров", "Имя": "Иван", "Класс": "5А"}


async def bring(
    world: World, who: Someone, rows: list[dict[str, Any]] | bytes, query: str = "dryRun=false", **headers: str
) -> httpx.Response:
    content = rows if isinstance(rows, bytes) else workbook(rows)
    path = f"/v1/schools/{world.school.id}/class-list?{query}"
    return await who.call("POST", path, content, **{"content-type": XLSX, **headers})


def places(answer: httpx.Response) -> list[tuple[int | None, str | None, str]]:
    assert (answer.status_code, answer.json()["code"]) == (422, "import-refused"), answer.text
    return [(item["row"], item["column"], item["code"]) for item in answer.json()["problems"]]


async def test_a_list_is_tried_first_and_then_taken(world: World) -> None:
    before = await everything(world.database)
    row = NOVIKOV | {"Родитель 1": "Новикова Яна Ильинична"}
    tried = await bring(world, world.administrator, [row], query="")
    assert await everything(world.database) == before
    taken = await bring(world, world.administrator, [row])
    assert (tried.json()["dryRun"], taken.json()["dryRun"]) == (True, False)
    for answer in (tried, taken):
        assert answer.status_code == 200, answer.text
        assert answer.json()["accounts"] == [
            {"login": "novikov.lev", "role": "student", "name": "Новиков Лев"},
            {"login": "novikova.iana", "role": "parent", "name": "Новикова Яна Ильинична"},
        ]
    counts = {item["kind"]: item["created"] for item in taken.json()["counts"]}
    assert (counts["student"], counts["guardianship"], counts["school-class"]) == (1, 1, 0)
    students = (await world.class_teacher.get(f"/v1/classes/{world.school.class_id}/students")).json()["students"]
    assert students[0]["login"] == "novikov.lev"
    again = await bring(world, world.administrator, [row])
    assert (again.json()["changed"], again.json()["accounts"]) == (False, [])
    assert await one(world.database, "SELECT count(*) FROM fanout") == 0


async def test_every_problem_is_named_in_the_callers_language(world: World) -> None:
    before = await everything(world.database)
    rows = [NOVIKOV | {"Класс": "12Я"}, NOVIKOV | {"Фамилия": "Орлов", "Телефон": "12"}]
    answer = await bring(world, world.administrator, rows, query="dryRun=false&name=5А.xlsx")
    assert places(answer) == [(2, "Класс", "bad-class-name"), (3, "Телефон", "bad-phone")]
    problem = answer.json()
    assert problem["problems"][0]["file"] == "5А.xlsx"
    assert problem["problems"][0]["message"] == "Класс пишется так: 5А, от 1 до 11."
    assert (problem["problemsTotal"], problem["detail"]) == (2, "Файл не загружен, ничего не записано. 2 ошибки.")
    english = await bring(world, world.administrator, rows, **{"accept-language": "en"})
    assert english.json()["problems"][1]["message"] == "A phone is written like +7 912 345-67-89, one in a cell."
    assert await everything(world.database) == before


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"", XLSX, "empty-file"),
        (b"PK\x03\x04 not really", XLSX, "broken-zip"),
        (b"\x89PNG\r\n\x00\x00", "text/csv", "unknown-format"),
        ("Имя;Класс\r\nЛев;5А".encode(), "text/csv; charset=utf-8", "missing-column"),
        (("Фамилия;Имя;Класс\r\n" + "а;б;5А\r\n" * 5_001).encode(), "text/csv", "too-many-rows"),
    ],
)
async def test_a_file_that_is_no_list(world: World, content: bytes, kind: str, code: str) -> None:
    answer = await bring(world, world.administrator, content, **{"content-type": kind})
    assert [item[2] for item in places(answer)] == [code]


def test_every_code_of_a_class_list_has_its_sentence() -> None:
    """docs/import.md has a table of the codes. Those of OneRoster alone, which nobody brings over HTTP, have none."""
    table = IMPORT_GUIDE.read_text(encoding="utf-8").split("| codes | where |")[1].split("\n\n")[0]
    lines = [line for line in table.splitlines() if "| OneRoster" not in line]
    codes = {code for line in lines for code in line.split("`")[1::2] if code.strip()}
    assert {"empty-file", "bad-snils", "not-your-class", "contradiction"} <= codes
    spoken = {(tongue, code) for tongue in LANGUAGES for code in codes if texts.has(tongue, f"import-{code}")}
    assert spoken == {(tongue, code) for tongue in LANGUAGES for code in codes}


async def test_a_csv_in_windows_1251(world: World) -> None:
    content = table([NOVIKOV], delimiter=";").encode("cp1251")
    answer = await bring(world, world.deputy, content, **{"content-type": "text/csv"})
    assert answer.json()["accounts"][0]["name"] == "Новиков Лев"


async def test_a_body_of_another_kind_or_of_more_than_10_mb(world: World) -> None:
    other = await bring(world, world.administrator, b"{}", **{"content-type": "application/json"})
    assert (other.status_code, other.json()["code"]) == (415, "unsupported-media-type")
    assert "text/csv" in other.json()["detail"]
    large = await bring(world, world.administrator, b"x" * 10_000_001)
    assert (large.status_code, large.json()["code"]) == (413, "body-too-large")
    # Over the limit of every other operation, and taken here.
    padded = ("Фамилия;Имя;Класс;Заметка\r\nНовиков;Лев;5А;" + "а" * 90_000 + "\r\n").encode() + b";;;\r\n" * 300_000
    answer = await bring(world, world.administrator, padded, **{"content-type": "text/csv"})
    assert (len(padded) > 1_000_000, answer.status_code) == (True, 200)


async def test_a_stranger_is_told_nothing_whatever_they_send(world: World) -> None:
    for who in (world.teacher, world.director, world.mother, world.student, world.foreign_teacher):
        answer = await bring(world, who, b"nonsense", **{"content-type": "application/json"})
        assert answer.status_code == 404
    assert (await bring(world, world.class_teacher, [IVAN])).status_code == 200


async def test_a_class_teacher_brings_the_own_class_and_no_other(world: World) -> None:
    rows = [NOVIKOV, NOVIKOV | {"Фамилия": "Орлов", "Класс": "5Б"}, NOVIKOV | {"Фамилия": "Юдин", "Класс": "6А"}]
    before = await everything(world.database)
    answer = await bring(world, world.class_teacher, rows)
    assert places(answer) == [(3, "Класс", "not-your-class"), (4, "Класс", "not-your-class")]
    assert await everything(world.database) == before
    assert (await bring(world, world.class_teacher, rows[:1])).json()["changed"] is True
    assert (await bring(world, world.deputy, rows)).json()["changed"] is True


async def test_a_class_teacher_cannot_draw_in_a_child_of_another_class(world: World) -> None:
    """Who leads a class sees its children: a list would be a way to any child of the school."""
    await bring(world, world.administrator, [NOVIKOV | {"Класс": "7В"}, NOVIKOV | {"Фамилия": "Орлов"}])
    await run(world.database, "UPDATE student SET left_on = '2026-11-01' WHERE family_name = 'Орлов'")
    await run(world.database, "UPDATE enrolment SET ends = '2026-11-01' FROM student s WHERE s.id = student_id "
              "AND family_name = 'Орлов'")  # fmt: skip
    rows = [NOVIKOV, NOVIKOV | {"Фамилия": "Орлов"}]
    refused = await bring(world, world.class_teacher, rows)
    assert places(refused) == [(2, "Фамилия", "student-of-another-class"), (3, "Фамилия", "student-of-another-class")]
    assert (await bring(world, world.deputy, rows)).status_code == 200
    classes = await rows_of(
        world.database,
        "SELECT c.grade FROM enrolment e JOIN student s ON s.id = student_id JOIN school_class c ON c.id = class_id "
        "WHERE family_name IN ('Новиков', 'Орлов') AND e.ends IS NULL",
    )
    assert [grade for (grade,) in classes] == [5, 5]


async def test_a_class_teacher_appoints_nobody(world: World) -> None:
    rows = [IVAN | {"Классный руководитель": "other_teacher"}]
    assert places(await bring(world, world.class_teacher, rows)) == [
        (2, "Классный руководитель", "not-yours-to-appoint")
    ]
    assert (await bring(world, world.class_teacher, [IVAN | {"Классный руководитель": "class_teacher"}])).is_success
    assert (await bring(world, world.administrator, rows)).is_success
    lost = await bring(world, world.class_teacher, [IVAN])
    assert lost.status_code == 404


async def test_the_class_of_a_year_that_is_over_gives_no_right(world: World) -> None:
    await run(world.database, "UPDATE school_year SET ends = '2026-11-01' WHERE id = :id", id=world.school.year_id)
    assert (await bring(world, world.class_teacher, [IVAN])).status_code == 404


async def test_one_key_is_one_import(world: World) -> None:
    key = {"idempotency-key": "september"}
    tried = await bring(world, world.administrator, [NOVIKOV], query="", **key)
    assert tried.status_code == 200, "a dry run keeps no key"
    content = workbook([NOVIKOV])
    first, second = await asyncio.gather(*(bring(world, world.administrator, content, **key) for _ in range(2)))
    assert first.json() == second.json()
    assert first.json()["accounts"] != []
    other = await bring(world, world.administrator, [NOVIKOV | {"Имя": "Ян"}], **key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


async def test_the_template_holds_nobody_and_takes_what_is_filled_in(world: World) -> None:
    answer = await world.class_teacher.get("/v1/templates/class-list")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    empty = await bring(world, world.class_teacher, answer.content)
    assert (empty.json()["changed"], empty.json()["accounts"]) == (False, [])
    book = load_workbook(io.BytesIO(answer.content))
    sheet, example = book.worksheets
    assert (sheet.max_row, sheet.freeze_panes, example["A2"].value) == (1, "A2", "Образцов")
    columns = {cell.value: number for number, cell in enumerate(sheet[1], 1)}
    filled = NOVIKOV | {"Родитель 1": "Новикова Яна Ильинична", "Телефон родителя 1": "8 916 123-45-67"}
    for name, value in filled.items():
        sheet.cell(2, columns[name]).value = value
    content = io.BytesIO()
    book.save(content)
    taken = await bring(world, world.class_teacher, content.getvalue())
    assert [made["name"] for made in taken.json()["accounts"]] == ["Новиков Лев", "Новикова Яна Ильинична"]
    assert await one(world.database, "SELECT phone FROM account WHERE login = 'novikova.iana'") == "+79161234567"


async def test_the_example_of_the_template_is_itself_a_list(world: World) -> None:
    """Its sheet moved to the front is taken, so that it shows nothing that would be refused."""
    answer = await world.administrator.get("/v1/templates/class-list")
    book = load_workbook(io.BytesIO(answer.content))
    book.move_sheet("Образец", -1)
    book["Образец"].delete_rows(3, 10)
    columns = {cell.value: number for number, cell in enumerate(book["Образец"][1], 1)}
    book["Образец"].cell(2, columns["Классный руководитель"]).value = "class_teacher"
    content = io.BytesIO()
    book.save(content)
    taken = await bring(world, world.administrator, content.getvalue())
    assert [made["role"] for made in taken.json()["accounts"]] == ["student", "parent", "parent"], taken.text


async def test_a_class_teacher_links_no_parent_who_is_known_by_snils(world: World) -> None:
    """Who leads a class issues its parents' passwords: a SNILS must not make somebody else's parent one of them."""
    snils = {"Родитель 1": "Чужая Мария Ивановна", "СНИЛС родителя 1": "112-233-445 95"}
    other = {"Фамилия": "Дальний", "Имя": "Пётр", "Класс": "7Г"}
    assert (await bring(world, world.administrator, [other | snils])).status_code == 200
    refused = await bring(world, world.class_teacher, [NOVIKOV | snils])
    assert places(refused) == [(2, "СНИЛС родителя 1", "not-yours-to-link")]
    assert (await bring(world, world.administrator, [NOVIKOV | snils])).status_code == 200
    again = await bring(world, world.class_teacher, [NOVIKOV | snils])
    assert (again.status_code, again.json()["changed"]) == (200, False)
