"""Rows of a class list to entries with every value understood, or a problem at its cell."""

from dataclasses import dataclass, field
from datetime import date

from backend.core import values
from backend.core.values import ClassName, PersonName, fold, tidy
from backend.exchange.problems import Problems
from backend.exchange.roster.columns import (
    BIRTH,
    CLASS,
    EMAIL,
    FAMILY,
    GIVEN,
    LOGIN,
    PARENTS,
    PATRONYMIC,
    PHONE,
    SNILS,
    TEACHER,
    of_parent,
    parent,
)
from backend.exchange.tables import Row
from backend.identity.logins import wanted as wanted_login


@dataclass(frozen=True, slots=True)
class Contact:
    """A person's details; the SNILS as eleven digits, the phone as E.164."""

    phone: str | None
    email: str | None
    snils: str | None


@dataclass(frozen=True, slots=True)
class Adult:
    number: int
    name: PersonName
    contact: Contact


@dataclass(frozen=True, slots=True)
class Entry:
    row: int
    name: PersonName
    birth: date | None
    class_name: ClassName
    login: str | None
    contact: Contact
    parents: list[Adult]
    teacher: str | None
    others: dict[str, str] = field(default_factory=dict)


class Cells:
    """Takes the values out of one row; what cannot be understood becomes a problem."""

    def __init__(self, row: Row, file: str, problems: Problems) -> None:
        self._row, self._file, self._problems = row, file, problems

    def text(self, column: str, *, required: bool = False) -> str:
        value = self._row.cells.get(column)
        if value is None and required:
            self.wrong(column, "missing-value", f"{column} must not be blank.")
        return tidy(str(value)) if value is not None else ""

    def wrong(self, column: str, code: str, message: str) -> None:
        self._problems.add(self._file, self._row.number, column, code, message)

    def birth(self, today: date) -> date | None:
        value = self._row.cells.get(BIRTH)
        if value is None:
            return None
        day = values.russian_day(value)
        if day is None:
            self.wrong(BIRTH, "bad-date", "The date must look like 01.09.2015.")
        elif not today.year - 25 <= day.year <= today.year - 3:
            self.wrong(BIRTH, "bad-date", "Born on that day nobody is a student now.")
        return day

    def class_name(self) -> ClassName | None:
        text = self.text(CLASS, required=True)
        name = values.class_name(text) if text else None
        if text and name is None:
            self.wrong(CLASS, "bad-class-name", f"“{text[:40]}” is not a class like 5А, grade 1 to 11.")
        return name

    def contact(self, phone: str, email: str, snils: str) -> Contact:
        return Contact(self._phone(phone), self._email(email), self._snils(snils))

    def _phone(self, column: str) -> str | None:
        text = self.text(column)
        number = values.phone(text, bare_mobile=True) if text else None
        if text and number is None:
            self.wrong(column, "bad-phone", "The phone must look like +7 912 345-67-89, one in a cell.")
        return number

    def _email(self, column: str) -> str | None:
        text = self.text(column)
        address = values.email(text) if text else None
        if text and address is None:
            self.wrong(column, "bad-email", "The address must look like name@example.ru, one in a cell.")
        return address

    def _snils(self, column: str) -> str | None:
        text = self.text(column)
        # Excel drops the zeros in front of a number.
        digits = values.snils(text.zfill(11) if text.isdigit() else text) if text else None
        if text and digits is None:
            self.wrong(column, "bad-snils", "The SNILS must look like 112-233-445 95; its check digits are wrong.")
        return digits

    def adult(self, number: int) -> Adult | None:
        column = parent(number)
        contact = self.contact(*(of_parent(what, number) for what in (PHONE, EMAIL, SNILS)))
        text = self.text(column)
        if not text:
            if contact.phone or contact.email or contact.snils:
                self.wrong(column, "missing-value", f"{column} has details but no name.")
            return None
        name = values.person_name(text)
        if name is None:
            self.wrong(column, "bad-name", "The name must look like Иванова Мария Сергеевна.")
            return None
        return Adult(number, name, contact)


def read_entries(rows: list[Row], file: str, today: date, problems: Problems) -> list[Entry]:
    """All rows that are understood. The others are in `problems`, as are contradictions between rows."""
    entries = []
    for row in rows:
        cells = Cells(row, file, problems)
        family, given = cells.text(FAMILY, required=True), cells.text(GIVEN, required=True)
        login = cells.text(LOGIN)
        if login and wanted_login(login) is None:
            cells.wrong(LOGIN, "bad-login", "A login has 3 to 90 characters and no spaces.")
        birth, class_name = cells.birth(today), cells.class_name()
        contact = cells.contact(PHONE, EMAIL, SNILS)
        parents = [adult for number in PARENTS if (adult := cells.adult(number))]
        if class_name is not None:
            name = PersonName(family, given, cells.text(PATRONYMIC) or None)
            teacher = cells.text(TEACHER) or None
            others = {title: text for title, text in row.others.items() if values.snils(text) is None}
            login_ = wanted_login(login)
            entries.append(Entry(row.number, name, birth, class_name, login_, contact, parents, teacher, others))
    _check_together(entries, file, problems)
    return entries


def _check_together(entries: list[Entry], file: str, problems: Problems) -> None:
    """Each login, student and class teacher once; one SNILS, one person."""
    seen: dict[tuple[object, ...], int] = {}
    teachers: dict[ClassName, str] = {}

    def once(row: int, column: str, what: str, *key: object) -> None:
        first = seen.setdefault((what, *key), row)
        if first != row:
            problems.add(file, row, column, f"duplicate-{what}", f"The same {what} is in row {first}.")

    for entry in entries:
        if entry.login:
            once(entry.row, LOGIN, "login", entry.login)
        if entry.birth is not None or entry.login is None:
            once(entry.row, FAMILY, "student", fold(str(entry.name)), entry.birth)
        first = teachers.setdefault(entry.class_name, entry.teacher) if entry.teacher else None
        if first is not None and fold(first) != fold(entry.teacher or ""):
            message = f"Class {entry.class_name} has another class teacher further up."
            problems.add(file, entry.row, TEACHER, "two-class-teachers", message)
    _check_snils(entries, file, problems)


def _check_snils(entries: list[Entry], file: str, problems: Problems) -> None:
    owners: dict[str, tuple[PersonName, int]] = {}
    for entry in entries:
        people = [(SNILS, entry.name, entry.contact.snils)]
        people += [(of_parent(SNILS, adult.number), adult.name, adult.contact.snils) for adult in entry.parents]
        for column, person, snils in people:
            owner, row = owners.setdefault(snils, (person, entry.row)) if snils else (person, entry.row)
            if fold(str(owner)) != fold(str(person)):
                message = f"The same SNILS stands beside another name in row {row}."
                problems.add(file, entry.row, column, "snils-of-another-person", message)
