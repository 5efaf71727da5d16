"""Bad class lists: every problem with its place, all at once, and nothing written."""

import io
import zipfile
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.db import Database
from backend.core.settings import Settings
from backend.exchange.oneroster import import_oneroster
from backend.exchange.problems import ImportRefused
from backend.exchange.roster import import_roster
from tests.exchange.files import everything, one, packed, run, small_school, workbook, zipped

GOOD = {"Фамилия": "Новиков", "Имя": "Лев", "Дата рождения": "01.02.2015", "Класс": "5А"}
SNILS = "112-233-445 95"

Place = tuple[int | None, str | None, str]

BAD: dict[str, tuple[dict[str, Any], Place]] = {
    "no name": ({"Имя": None}, (3, "Имя", "missing-value")),
    "no class": ({"Класс": None}, (3, "Класс", "missing-value")),
    "a class that is none": ({"Класс": "12Я"}, (3, "Класс", "bad-class-name")),
    "no such day": ({"Дата рождения": "31.02.2015"}, (3, "Дата рождения", "bad-date")),
    "an American day": ({"Дата рождения": "02/28/2015"}, (3, "Дата рождения", "bad-date")),
    "born tomorrow": ({"Дата рождения": date(2027, 1, 1)}, (3, "Дата рождения", "bad-date")),
    "a short phone": ({"Телефон": "12-34-56"}, (3, "Телефон", "bad-phone")),
    "two phones": ({"Телефон": "89161234567, 89161234568"}, (3, "Телефон", "bad-phone")),
    "a bad address": ({"E-mail": "нет"}, (3, "E-mail", "bad-email")),
    "a wrong check digit": ({"СНИЛС": "112-233-445 96"}, (3, "СНИЛС", "bad-snils")),
    "a parent of one word": ({"Родитель 1": "мама"}, (3, "Родитель 1", "bad-name")),
    "details of no parent": ({"Телефон родителя 2": "89161234567"}, (3, "Родитель 2", "missing-value")),
    "a login with a space": ({"Логин": "лев новиков"}, (3, "Логин", "bad-login")),
    "an unknown teacher": ({"Классный руководитель": "Никто Никак"}, (3, "Классный руководитель", "unknown-teacher")),
    "a login of another": ({"Логин": "sidorova"}, (3, "Логин", "login-of-another-student")),
    "the same student": ({"Фамилия": "Орлова"}, (3, "Фамилия", "duplicate-student")),
    "a namesake elsewhere": (
        {"Фамилия": "Иванов", "Имя": "Иван", "Дата рождения": None, "Класс": "7В"},
        (3, "Дата рождения", "ambiguous-student"),
    ),
    "a SNILS of two people": (
        {"Родитель 1": "Орлова Яна", "СНИЛС родителя 1": SNILS, "СНИЛС": SNILS},
        (3, "СНИЛС родителя 1", "snils-of-another-person"),
    ),
    "a control character": ({"Заметка": "a\tb\x02"}, (3, "Заметка", "control-character")),
}


@pytest.fixture
async def school(database: Database, now: datetime) -> UUID:
    await import_oneroster(database, packed(small_school()), now=now)
    return UUID(str(await one(database, "SELECT id FROM school")))


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_row(database: Database, settings: Settings, now: datetime, school: UUID, case: str) -> None:
    change, place = BAD[case]
    # CSV, because a workbook cannot even hold some of these.
    rows = [GOOD | {"Фамилия": "Орлова"}, GOOD | change]
    header = list(dict.fromkeys(name for row in rows for name in row))
    lines = [";".join(header)] + [";".join(_written(row.get(name)) for name in header) for row in rows]
    if case == "the same student":
        rows[1] = rows[0]
    await _refused(database, settings, now, school, "\r\n".join(lines).encode(), place)


async def test_all_problems_at_once(database: Database, settings: Settings, now: datetime, school: UUID) -> None:
    cases = ["a short phone", "a wrong check digit", "a class that is none", "an unknown teacher"]
    rows = [GOOD | {"Фамилия": f"Орлов{letter}"} | BAD[case][0] for letter, case in zip("абвг", cases, strict=True)]
    with pytest.raises(ImportRefused) as refused:
        await import_roster(database, settings.keys, workbook(rows), school_id=school, now=now)
    found = [(item.row, item.column, item.code) for item in refused.value.problems]
    assert found == [(2 + index, *BAD[case][1][1:]) for index, case in enumerate(cases)]


async def test_messages_do_not_hold_what_is_secret(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    row = GOOD | {"СНИЛС": "112-233-445 96", "Телефон": "12-34-56", "E-mail": "secret@"}
    with pytest.raises(ImportRefused) as refused:
        await import_roster(database, settings.keys, workbook([row]), school_id=school, now=now)
    text = str(refused.value.problems)
    assert not any(secret in text for secret in ("112-233-445 96", "12-34-56", "secret@"))


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (b"", (None, None, "empty-file")),
        (b"\x89PNG\r\n\x00\x00", (None, None, "unknown-format")),
        (b"PK\x03\x04 not really", (None, None, "broken-zip")),
        (zipped({"a.txt": b"no workbook"}), (None, None, "broken-xlsx")),
        ("Имя;Класс\r\nЛев;5А\r\n".encode(), (1, None, "missing-column")),
        ("Фамилия;Класс\r\nЛев;5А\r\n".encode(), (1, "Имя", "missing-column")),
        ("Фамилия;Имя;Класс;класс\r\n".encode(), (1, "Класс", "duplicate-column")),
        ("Фамилия;Имя;Класс\r\nЛев;5А;5А;\r\nа;б;5А;лишнее".encode(), (3, None, "wrong-number-of-cells")),
        ("Фамилия;Имя;Класс".encode("utf-16"), (None, None, "wrong-encoding")),
        (b"\x98;\xff", (1, None, "wrong-encoding")),
    ],
)
async def test_a_file_that_is_no_list(
    database: Database, settings: Settings, now: datetime, school: UUID, file: bytes, place: Place
) -> None:
    await _refused(database, settings, now, school, file, place)


async def test_a_workbook_that_is_a_bomb(database: Database, settings: Settings, now: datetime, school: UUID) -> None:
    bomb = zipped({"xl/worksheets/sheet1.xml": b"0" * 250_000_000})
    await _refused(database, settings, now, school, bomb, (None, None, "too-large"))


async def test_a_school_that_is_not_there(database: Database, settings: Settings, now: datetime) -> None:
    await _refused(database, settings, now, uuid4(), workbook([GOOD]), (None, None, "unknown-school"))


async def test_a_school_without_a_year(database: Database, settings: Settings, now: datetime, school: UUID) -> None:
    await run(database, "UPDATE school_year SET starts = '2020-09-01', ends = '2021-08-31'")
    await _refused(database, settings, now, school, workbook([GOOD]), (None, None, "no-school-year"))


async def test_a_snils_of_somebody_else(database: Database, settings: Settings, now: datetime, school: UUID) -> None:
    first = GOOD | {"Родитель 1": "Новикова Яна", "СНИЛС родителя 1": SNILS}
    await import_roster(database, settings.keys, workbook([first]), school_id=school, now=now)
    other = GOOD | {"Фамилия": "Орлов", "Родитель 1": "Орлова Вера", "СНИЛС родителя 1": SNILS}
    place = (2, "СНИЛС родителя 1", "snils-of-another-person")
    await _refused(database, settings, now, school, workbook([other]), place)


def _written(value: object) -> str:
    return value.strftime("%d.%m.%Y") if isinstance(value, date) else str(value or "")


async def _refused(
    database: Database, settings: Settings, now: datetime, school: UUID, file: bytes, place: Place
) -> None:
    before = await everything(database)
    with pytest.raises(ImportRefused) as refused:
        await import_roster(database, settings.keys, file, school_id=school, now=now)
    assert place in [(item.row, item.column, item.code) for item in refused.value.problems]
    assert await everything(database) == before


async def test_a_workbook_with_entities(database: Database, settings: Settings, now: datetime, school: UUID) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook([GOOD]))) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheet = parts["xl/workbook.xml"]
    parts["xl/workbook.xml"] = bomb + sheet[sheet.find(b"<workbook") :]
    await _refused(database, settings, now, school, zipped(parts), (None, None, "broken-xlsx"))
