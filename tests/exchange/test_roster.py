"""What a Russian class list becomes."""

import io
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from backend.core.db import Database
from backend.core.secrets import decrypt
from backend.core.settings import Settings
from backend.exchange.oneroster import import_oneroster
from backend.exchange.report import Counts, ImportReport
from backend.exchange.roster import import_roster, template
from tests.exchange.files import SAMPLE, everything, one, packed, rows_of, run, small_school, table, workbook

DAY = timedelta(days=1)
YESTERDAY = date(2026, 11, 17)
SNILS = "112-233-445 95"
GUARDIANS = (
    "SELECT s.given_name, a.login, a.phone, g.contact_order FROM guardianship g JOIN student s ON s.id = student_id "
    "JOIN account a ON a.id = g.account_id WHERE g.ends IS NULL ORDER BY 1, 4"
)


@pytest.fixture
async def school(database: Database, now: datetime) -> UUID:
    """The small school, with Иванов Иван and Сидорова Анна in 5А."""
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    return UUID(str(await one(database, "SELECT id FROM school")))


def ivanov(**further: Any) -> dict[str, Any]:
    row = {"Фамилия": "Иванов", "Имя": "Иван", "Отчество": None, "Дата рождения": date(2015, 4, 9), "Класс": "5А"}
    return row | further


async def test_a_list_onto_the_file_of_a_stranger(database: Database, settings: Settings, now: datetime) -> None:
    await import_oneroster(database, SAMPLE, now=now)
    school = await one(database, "SELECT id FROM school")
    students = await rows_of(database, "SELECT family_name, given_name, birth_date FROM student ORDER BY id LIMIT 30")
    rows = [
        {"Фамилия": family, "Имя": given, "Дата рождения": born, "Класс": f"5{letter}", "Родитель 1": f"{family} Анна"}
        | {"Телефон родителя 1": 89161234567, "Классный руководитель": "Marsha.Bergnaum.DBCABD37"}
        for (family, given, born), letter in zip(students, "АБВ" * 10, strict=True)
    ]
    report = await import_roster(database, settings.keys, workbook(rows), school_id=school, now=now)
    assert report.of("school_class") == Counts(created=3)
    assert report.of("student").created == 0
    assert report.of("enrolment") == Counts(created=30)
    assert report.of("guardianship") == Counts(created=30)
    assert len(report.accounts) == 30
    assert {account.role for account in report.accounts} == {"parent"}
    assert (
        await one(database, "SELECT count(*) FROM membership JOIN study_group g ON g.id = group_id WHERE whole_class")
        == 30
    )
    assert await one(database, "SELECT count(*) FROM fanout") == 0
    assert (
        await one(
            database, "SELECT count(*) FROM account LEFT JOIN recipient ON account_id = id WHERE account_id IS NULL"
        )
        == 0
    )
    again = await import_roster(database, settings.keys, workbook(rows), school_id=school, now=now + DAY)
    assert not again.changed
    # Neither does the next night's file take away what the list has brought.
    assert not (await import_oneroster(database, SAMPLE, now=now + DAY)).changed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
async def test_every_spelling_of_csv(
    database: Database, settings: Settings, now: datetime, school: UUID, encoding: str, delimiter: str
) -> None:
    rows = [ivanov() | {"Дата рождения": "09.04.2015", "Родитель 1": "Иванова Нина Петровна"}]
    report = await _list(database, settings, now, school, table(rows, delimiter=delimiter).encode(encoding))
    assert report.of("student") == Counts(unchanged=1)
    assert [account.login for account in report.accounts] == ["ivanova.nina"]


async def test_headers_are_read_as_people_write_them(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    row = {
        " ФАМИЛИЯ ": "иванов", "имя": "Иван", "дата  рождения": "09.04.2015", "КЛАСС": "5-а",
        "родитель1": "Иванова Алёна", "Эл. почта родителя 1": "a@example.ru", "СНИЛС родителя 1": SNILS,
    }  # fmt: skip
    file = workbook([row], above=["Список класса 5А", ""])
    report = await _list(database, settings, now, school, file)
    assert report.of("student") == Counts(unchanged=1)
    assert await one(database, "SELECT email FROM account WHERE login = 'ivanova.alena'") == "a@example.ru"


async def test_a_new_student_with_everything(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    row = {
        "Фамилия": "Щёголев", "Имя": "Пётр", "Отчество": "Ильич", "Дата рождения": "01.02.2015", "Класс": "11Б",
        "Телефон": "9161234567", "E-mail": "p@example.ru", "СНИЛС": 11223344595,
        "Классный руководитель": "Петрова Мария", "Любимый предмет": "химия",
    }  # fmt: skip
    report = await _list(database, settings, now, school, workbook([row]))
    (account,) = report.accounts
    assert (account.login, account.display_name, account.role) == ("shchegolev.petr", "Щёголев Пётр Ильич", "student")
    assert await rows_of(
        database, "SELECT phone, email, password_state FROM account WHERE id = :id", id=account.account_id
    ) == [("+79161234567", "p@example.ru", "none")]
    sealed = await one(database, "SELECT snils_sealed FROM account WHERE id = :id", id=account.account_id)
    opened = decrypt(settings.keys.data, sealed, b"account.snils:" + account.account_id.bytes)
    assert opened == b"11223344595"
    assert await rows_of(
        database,
        "SELECT grade, letter, login FROM school_class JOIN account a ON a.id = class_teacher_id WHERE grade = 11",
    ) == [(11, "Б", "petrova")]
    assert await one(database, "SELECT kept FROM external_id WHERE source = 'class-list'") == {
        "Любимый предмет": "химия"
    }
    assert await one(database, "SELECT starts FROM enrolment WHERE ends IS NULL") == date(2026, 9, 1)


async def test_the_template_holds_nobody_and_takes_what_is_filled_in(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    assert (await _list(database, settings, now, school, template())).accounts == []
    book = load_workbook(io.BytesIO(template()))
    sheet = book.active
    assert sheet is not None
    columns = {cell.value: number for number, cell in enumerate(sheet[1], 1)}
    filled = {
        "Фамилия": "Ёлкин",
        "Имя": "Пётр",
        "Дата рождения": "09.04.2015",
        "Класс": "5А",
        "Родитель 1": "Ёлкина Ольга Ивановна",
    }
    for name, value in filled.items():
        sheet.cell(2, columns[name]).value = value
    content = io.BytesIO()
    book.save(content)
    report = await _list(database, settings, now, school, content.getvalue())
    assert {account.display_name for account in report.accounts} == {"Ёлкин Пётр", "Ёлкина Ольга Ивановна"}


async def test_a_dry_run_writes_nothing(database: Database, settings: Settings, now: datetime, school: UUID) -> None:
    before = await everything(database)
    rows = [ivanov(Фамилия="Новиков", Логин=None)]
    report = await import_roster(database, settings.keys, workbook(rows), school_id=school, now=now, dry_run=True)
    assert report.of("account").created == 1
    assert await everything(database) == before


async def test_another_class_ends_the_first(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    report = await _list(database, settings, now, school, workbook([ivanov(Класс="5Б")]))
    assert report.of("enrolment") == Counts(created=1, ended=1)
    history = (
        "SELECT c.letter, e.starts, e.ends FROM enrolment e JOIN school_class c ON c.id = class_id "
        "JOIN student s ON s.id = student_id WHERE family_name = 'Иванов' ORDER BY e.starts"
    )
    assert await rows_of(database, history) == [
        ("А", date(2026, 9, 1), YESTERDAY),
        ("Б", date(2026, 11, 18), None),
    ]
    # A slip found on the same day is put right, not recorded as a move.
    await _list(database, settings, now, school, workbook([ivanov(Класс="5В")]))
    assert [letter for letter, *_ in await rows_of(database, history)] == ["А", "В"]


async def test_students_are_matched_by_login(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    row = ivanov(Логин="IVANOV", Отчество="Ильич") | {"Дата рождения": "10.04.2015"}
    report = await _list(database, settings, now, school, workbook([row]))
    assert report.of("student") == Counts(updated=1)
    assert await rows_of(database, "SELECT patronymic, birth_date FROM student WHERE given_name = 'Иван'") == [
        ("Ильич", date(2015, 4, 10))
    ]


async def test_a_login_of_another_school_is_nobody_here(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    row = {"Фамилия": "Петрова", "Имя": "Мария", "Дата рождения": "01.02.2015", "Класс": "5А", "Логин": "petrova"}
    report = await _list(database, settings, now, school, workbook([row]))
    assert [account.login for account in report.accounts] == ["petrova2"]
    assert "petrova2 was given" in report.warnings[0]


async def test_a_namesake_of_another_birthday_is_another_child(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    report = await _list(database, settings, now, school, workbook([ivanov() | {"Дата рождения": "01.01.2014"}]))
    assert report.of("student") == Counts(created=1)


async def test_a_list_without_birth_dates_matches_inside_the_class(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    report = await _list(database, settings, now, school, workbook([ivanov() | {"Дата рождения": None}]))
    assert report.of("student") == Counts(unchanged=1)


async def test_siblings_without_snils_are_two_accounts(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    rows = _siblings()
    report = await _list(database, settings, now, school, workbook(rows))
    assert [account.login for account in report.accounts if account.role == "parent"] == [
        "ivanova.vera",
        "ivanova.vera2",
    ]
    assert not (await _list(database, settings, now, school, workbook(rows))).changed


async def test_siblings_with_snils_share_the_parent(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    rows = [row | {"СНИЛС родителя 1": SNILS} for row in _siblings()]
    await _list(database, settings, now, school, workbook(rows))
    assert (
        await one(
            database, "SELECT count(DISTINCT account_id) FROM guardianship WHERE kind = 'parent' AND ends IS NULL"
        )
        == 2
    )
    assert not (await _list(database, settings, now, school, workbook(rows))).changed


async def test_the_parent_is_known_by_snils_across_schools(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    mother = {"Родитель 1": "Иванова Вера Павловна", "СНИЛС родителя 1": SNILS}
    await _list(database, settings, now, school, workbook([ivanov() | mother]))
    await import_oneroster(database, packed(small_school()), now=now, source="another")
    other = await one(database, "SELECT id FROM school WHERE id <> :id", id=school)
    report = await _list(database, settings, now, other, workbook([ivanov() | mother]))
    assert report.accounts == []
    assert report.of("guardianship") == Counts(created=1)


async def test_a_phone_or_a_name_alone_matches_nobody(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    anna = {"Фамилия": "Сидорова", "Имя": "Анна", "Дата рождения": date(2015, 6, 1), "Класс": "5А"}
    row = anna | {"Родитель 1": "Иванова Ольга", "Телефон родителя 1": "+7 916 123-45-67"}
    report = await _list(database, settings, now, school, workbook([row]))
    assert [account.login for account in report.accounts] == ["ivanova.olga"]


async def test_a_guardian_of_the_same_child_is_known_by_name(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    row = ivanov() | {"Родитель 1": "Иванова Ольга Петровна", "СНИЛС родителя 1": SNILS}
    report = await _list(database, settings, now, school, workbook([row]))
    assert report.accounts == []
    assert report.of("account") == Counts(updated=1, unchanged=1)
    assert await rows_of(database, GUARDIANS) == [("Иван", "mama", "+79161234567", 1)]
    assert not (await _list(database, settings, now, school, workbook([row]))).changed


async def test_a_guardianship_ended_by_hand_stays_ended(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    await run(database, "UPDATE guardianship SET ends = '2026-11-01'")
    row = ivanov() | {"Родитель 1": "Иванова Ольга"}
    report = await _list(database, settings, now, school, workbook([row]))
    assert await rows_of(database, GUARDIANS) == []
    assert "stays ended" in report.warnings[0]


async def test_who_left_and_is_listed_again_is_back(
    database: Database, settings: Settings, now: datetime, school: UUID
) -> None:
    await run(database, "UPDATE student SET left_on = '2026-11-01'")
    await run(database, "UPDATE enrolment SET ends = '2026-11-01'")
    report = await _list(database, settings, now, school, workbook([ivanov()]))
    assert report.of("enrolment") == Counts(created=1)
    assert await one(database, "SELECT left_on FROM student WHERE family_name = 'Иванов'") is None
    assert await one(database, "SELECT starts FROM enrolment WHERE ends IS NULL") == date(2026, 11, 18)


def _siblings() -> list[dict[str, Any]]:
    parent = {"Родитель 1": "Иванова Вера Павловна"}
    sister = {"Фамилия": "Иванова", "Имя": "Ася", "Дата рождения": date(2016, 1, 2), "Класс": "4А"}
    return [ivanov() | parent, sister | parent]


async def _list(database: Database, settings: Settings, now: datetime, school: UUID, file: bytes) -> ImportReport:
    return await import_roster(database, settings.keys, file, school_id=school, now=now, name="list.xlsx")
