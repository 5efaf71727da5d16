"""One class list onto one school, in one transaction."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.settings import Keys
from backend.core.values import ClassName
from backend.core.versions import touch
from backend.exchange.links import Links
from backend.exchange.problems import Problems
from backend.exchange.report import ImportReport, Progress, silent
from backend.exchange.roster.columns import CLASS_LIST, TEACHER
from backend.exchange.roster.entries import Entry, read_entries
from backend.exchange.roster.matching import find_student, find_teacher
from backend.exchange.roster.people import People
from backend.exchange.roster.reach import OwnClasses
from backend.exchange.roster.snapshot import Snapshot, take_snapshot
from backend.exchange.spans import Rule, Wanted, settle
from backend.exchange.tables import COMMAND_LIMITS, Row, TableLimits, read_table
from backend.exchange.transaction import contradiction, import_transaction
from backend.school import roster
from backend.school.models import Enrolment, Guardianship, SchoolClass, Student, StudyGroup

_SOURCE = "class-list"
_RIGHTS = {"kind": "parent", "may_view": True, "may_file_absence": True, "receives_push": True}


@dataclass(frozen=True, slots=True)
class ListRows:
    """A list as it was read: its rows, and what is wrong with single cells."""

    name: str
    rows: list[Row]
    problems: Problems

    @classmethod
    def read(cls, file: Path | bytes, name: str, limits: TableLimits = COMMAND_LIMITS) -> "ListRows":
        """Takes a while, so it is for a thread. Raises ImportRefused for what is no list."""
        problems = Problems()
        return cls(name, read_table(file, name, CLASS_LIST, problems, limits), problems)


async def import_roster(
    database: Database,
    keys: Keys,
    file: Path | bytes,
    *,
    school_id: UUID,
    now: datetime,
    name: str | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Adds a Russian class list, XLSX or CSV, to a school's current year. Never alerts anybody.

    Args:
        keys: seal and index the SNILS.
        name: what the problems call the file, where it is given as bytes.

    Raises:
        ImportRefused: with everything that is wrong; nothing was written.
    """
    name = name or (file.name if isinstance(file, Path) else "list")
    progress(0, 5, "reading")
    rows = await asyncio.to_thread(ListRows.read, file, name)
    try:
        async with import_transaction(database, dry_run=dry_run) as session:
            return await take_rows(
                session, keys, rows, school_id=school_id, now=now, dry_run=dry_run, progress=progress
            )
    except IntegrityError as error:
        raise contradiction(name, error) from error


async def take_rows(
    session: AsyncSession,
    keys: Keys,
    rows: ListRows,
    *,
    school_id: UUID,
    now: datetime,
    own: OwnClasses | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Writes a list in the caller's `import_transaction`.

    Args:
        own: the classes that the list may speak of; None: all of the school.

    Raises:
        ImportRefused: with everything that is wrong; the transaction must be rolled back.
    """
    report = ImportReport(dry_run)
    schools = await roster.schools(session, [school_id])
    zone = schools[school_id].timezone if school_id in schools else "UTC"
    today = school_date(now, zone)
    school = await take_snapshot(session, rows.name, school_id, today)
    entries = read_entries(rows.rows, rows.name, today, rows.problems)
    people = People(school, rows.name, keys, rows.problems, report)
    await people.prepare(session, entries)
    await _List(session, school, people, now, own).take(entries, progress)
    touch(session, [school_id])
    return report


class _List:
    """The entries on their way into one school."""

    def __init__(
        self, session: AsyncSession, school: Snapshot, people: People, now: datetime, own: OwnClasses | None
    ) -> None:
        self._session, self._school, self._people, self._now, self._own = session, school, people, now, own
        self._file, self._problems, self._report = people.file, people.problems, people.report
        self._classes = {class_name: row.id for class_name, row in school.classes.items()}
        self._created: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._unchanged = 0
        self._students: dict[int, UUID] = {}
        self._guardians: list[Wanted] = []

    async def take(self, entries: list[Entry], progress: Progress) -> None:
        matched = self._match(entries)
        for entry in entries:
            self._take(entry, matched[entry.row])
        teachers = self._teachers(entries)
        if self._own is not None:
            self._own.check(entries, matched, teachers, self._people.owners, self._school, self._file, self._problems)
        self._problems.refuse()
        steps: tuple[tuple[str, Callable[[], Coroutine[Any, Any, None]]], ...] = (
            ("classes", lambda: self._write_classes(entries, teachers)),
            ("accounts", lambda: self._people.write(self._session, self._now)),
            ("students", self._write_students),
            ("enrolments and guardians", lambda: self._write_spans(entries)),
        )
        for done, (what, step) in enumerate(steps, 1):
            progress(done, len(steps) + 1, what)
            await step()
        progress(len(steps) + 1, len(steps) + 1, "done")

    def _match(self, entries: list[Entry]) -> dict[int, Student | None]:
        matched = {entry.row: find_student(entry, self._school, self._file, self._problems) for entry in entries}
        first: dict[UUID, int] = {}
        for row, student in matched.items():
            if student is not None and first.setdefault(student.id, row) != row:
                message = f"Row {first[student.id]} means the same student."
                self._problems.add(self._file, row, None, "duplicate-student", message)
        return matched

    def _take(self, entry: Entry, student: Student | None) -> None:
        account_id = self._people.student(entry, student)
        wanted: dict[str, Any] = {"account_id": account_id, "grade": entry.class_name.grade, "left_on": None}
        if entry.name.patronymic:
            wanted["patronymic"] = entry.name.patronymic
        if entry.birth:
            wanted["birth_date"] = entry.birth
        if student is None:
            id_ = new_id()
            row = {
                "patronymic": None,
                "birth_date": None,
                **wanted,
                "id": id_,
                "school_id": self._school.school.id,
            }
            self._created.append(row | {"family_name": entry.name.family, "given_name": entry.name.given})
        else:
            id_ = student.id
            differing = {name: value for name, value in wanted.items() if getattr(student, name) != value}
            if differing:
                self._changed.append({"id": id_, **differing})
            else:
                self._unchanged += 1
        self._students[entry.row] = id_
        for adult in entry.parents:
            account = self._people.adult(entry, adult, student)
            self._guardians.append(self._wanted(entry, (id_, account), _RIGHTS | {"contact_order": adult.number}))

    def _wanted(self, entry: Entry, key: tuple[UUID, UUID], values: dict[str, Any]) -> Wanted:
        place = f"{self._file}, row {entry.row}"
        return Wanted(key, self._school.school.id, self._school.today, None, place, values=values, says_end=False)

    def _teachers(self, entries: list[Entry]) -> dict[ClassName, UUID]:
        found: dict[ClassName, UUID] = {}
        asked: set[tuple[ClassName, str]] = set()
        for entry in entries:
            if entry.teacher and (entry.class_name, entry.teacher) not in asked:
                asked.add((entry.class_name, entry.teacher))
                teacher = find_teacher(
                    entry.teacher, self._school.staff, (self._file, entry.row, TEACHER), self._problems
                )
                if teacher is not None:
                    found[entry.class_name] = teacher.id
        return found

    async def _write_classes(self, entries: list[Entry], teachers: dict[ClassName, UUID]) -> None:
        place = {"school_id": self._school.school.id, "year_id": self._school.year.id}
        classes: list[dict[str, Any]] = []
        groups: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        named = dict.fromkeys(entry.class_name for entry in entries)
        for name in named:
            known = self._school.classes.get(name)
            id_ = self._classes.setdefault(name, new_id())
            if known is None:
                row = {"id": id_, "grade": name.grade, "letter": name.letter, **place}
                classes.append(row | {"class_teacher_id": teachers.get(name)})
            elif name in teachers and known.class_teacher_id != teachers[name]:
                changed.append({"id": id_, "class_teacher_id": teachers[name]})
            if id_ not in self._school.whole_groups:
                groups.append({"id": new_id(), "class_id": id_, "whole_class": True, "name": str(name), **place})
        await roster.add(self._session, SchoolClass, classes)
        await roster.change(self._session, SchoolClass, changed)
        await roster.add(self._session, StudyGroup, groups)
        count = self._report.of("school_class")
        count.created, count.updated = len(classes), len(changed)
        count.unchanged = len(named) - len(classes) - len(changed)
        self._report.of("study_group").created = len(groups)
        self._report.of("study_group").unchanged = len(named) - len(groups)

    async def _write_students(self) -> None:
        await roster.change(self._session, Student, self._changed)
        await roster.add(self._session, Student, self._created)
        count = self._report.of("student")
        count.created, count.updated, count.unchanged = (
            len(self._created),
            len(self._changed),
            self._unchanged,
        )

    async def _write_spans(self, entries: list[Entry]) -> None:
        year, today, schools = self._school.year, self._school.today, [self._school.school.id]
        enrolments = []
        for entry in entries:
            want = self._wanted(entry, (self._students[entry.row], self._classes[entry.class_name]), {})
            # The journal of the year so far is theirs too, unless another class says otherwise.
            want.starts = year.starts
            enrolments.append(want)
        links = Links(_SOURCE)
        # A class list is silent about everybody whom it does not name, so it decides about nobody else.
        in_class = Rule(
            model=Enrolment,
            kind="enrolment",
            link="enrolment",
            judged=lambda *_: False,
            apart=lambda key: key[0],
            since=year.starts - timedelta(days=1),
            returns=True,
        )
        await settle(self._session, links, self._report, in_class, enrolments, schools, today)
        guardians = Rule(model=Guardianship, kind="guardianship", link="guardianship", judged=lambda *_: False)
        await settle(self._session, links, self._report, guardians, self._guardians, schools, today)
        students = {str(self._students[entry.row]): entry.others for entry in entries if entry.others}
        await links.load(self._session, "student", list(students))
        for external, others in students.items():
            before = links.find("student", external)
            links.put("student", external, UUID(external), (before.kept if before else {}) | others)
        await links.save(self._session)
