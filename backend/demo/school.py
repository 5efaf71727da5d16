"""The demo school's rows: people, classes, groups, who teaches what."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import SQLModel

from backend.attendance.models import AttendanceSetting
from backend.core.ids import new_id
from backend.demo import accounts, names
from backend.demo.names import Family, Person
from backend.identity.models import Account
from backend.school.models import (
    Enrolment,
    GroupMember,
    Guardianship,
    Period,
    School,
    SchoolClass,
    SchoolRole,
    SchoolYear,
    Student,
    StudyGroup,
    Subject,
    TeachingLoad,
)
from push.models import Recipient

TIMEZONE = "Europe/Moscow"
CLASSES = (
    (1, "А"),
    (2, "А"),
    (3, "А"),
    (4, "А"),
    (5, "А"),
    (5, "Б"),
    (6, "А"),
    (7, "А"),
    (8, "А"),
    (9, "А"),
    (10, "А"),
    (11, "А"),
)
CLASS_SIZE = 25
ENGLISH = "Английский язык"
SUBJECTS_JUNIOR = (
    "Русский язык",
    "Математика",
    "Литературное чтение",
    "Окружающий мир",
    "Физкультура",
    "Рисование",
    "Музыка",
)
SUBJECTS_SENIOR = (
    "Русский язык", "Литература", "Математика", ENGLISH, "История", "География", "Биология", "Информатика",
    "Физика", "Химия", "Физкультура", "Труд",
)  # fmt: skip


@dataclass
class Taught:
    """A subject of a class as the timetable needs it: who teaches which groups."""

    subject: str
    subject_id: UUID
    groups: list[tuple[UUID, UUID]]  # (group, teacher)


@dataclass
class DemoSchool:
    """Rows to insert, table by table, and what the timetable and the past are made from."""

    rows: dict[type[SQLModel], list[dict[str, Any]]] = field(default_factory=dict)
    taught: dict[UUID, list[Taught]] = field(default_factory=dict)
    members: dict[UUID, list[UUID]] = field(default_factory=dict)

    def add(self, model: type[SQLModel], **values: Any) -> UUID:
        row = {"id": values.pop("id", None) or new_id(), **values} if "id" in model.model_fields else values
        self.rows.setdefault(model, []).append(row)
        identity = row.get("id")
        return identity if isinstance(identity, UUID) else accounts.SCHOOL_ID


def school_year_of(today: date) -> tuple[date, date]:
    """The school year around a day; the demo has no summer gap, so that it works at any date."""
    start = today.year if today.month >= 9 else today.year - 1
    return date(start, 9, 1), date(start + 1, 8, 31)


def build_school(now: datetime, today: date, password_hash: str) -> DemoSchool:
    """The whole school, the same people each time."""
    chance = random.Random(5)
    school = DemoSchool()
    school.add(
        School, id=accounts.SCHOOL_ID, short_name="Демо-школа № 5", full_name="Школа № 5 (демонстрационная)",
        timezone=TIMEZONE, address="ул. Примерная, 5", phone="+74950000000", created_at=now,
    )  # fmt: skip
    # Parents' phones of the demo show an absence at once.
    school.add(AttendanceSetting, school_id=accounts.SCHOOL_ID, delay_minutes=0)
    starts, ends = school_year_of(today)
    year_id = _year(school, starts, ends)
    staff = _Staff(school, chance, now, starts, password_hash)
    subjects = {
        name: school.add(Subject, school_id=accounts.SCHOOL_ID, name=name)
        for name in sorted({*SUBJECTS_JUNIOR, *SUBJECTS_SENIOR})
    }
    for grade, letter in CLASSES:
        _Class(school, chance, staff, year_id, starts, grade, letter).build(subjects, now, password_hash)
    return school


def _year(school: DemoSchool, starts: date, ends: date) -> UUID:
    year = starts.year
    year_id = school.add(SchoolYear, school_id=accounts.SCHOOL_ID, name=f"{year}/{year + 1}", starts=starts, ends=ends)
    bounds = [starts, date(year, 11, 1), date(year + 1, 1, 1), date(year + 1, 3, 26)]
    lasts = [date(year, 10, 31), date(year, 12, 31), date(year + 1, 3, 25), ends]
    for number, (first, last) in enumerate(zip(bounds, lasts, strict=True), 1):
        school.add(
            Period,
            school_id=accounts.SCHOOL_ID,
            year_id=year_id,
            name=f"{number} четверть",
            starts=first,
            ends=last,
        )
    return year_id


class _Staff:
    """Teachers by subject, made when they are first needed."""

    def __init__(
        self, school: DemoSchool, chance: random.Random, now: datetime, starts: date, password_hash: str
    ) -> None:
        self._school = school
        self._chance = chance
        self._now = now
        self._starts = starts
        self._by_subject: dict[str, UUID] = {}
        people = {
            accounts.ADMINISTRATOR: (names.person("Сидоров", "Олег", "Павел", "male"), "administrator"),
            accounts.DEPUTY: (names.person("Орлов", "Ирина", "Виктор", "female"), "deputy"),
            accounts.TEACHER: (names.person("Соколов", "Елена", "Андрей", "female"), "teacher"),
        }
        for account, (person, role) in people.items():
            add_account(school, person, now, login=account.login, account_id=account.id, password_hash=password_hash)
            self._role(account.id, role)

    def teacher(self, subject: str) -> UUID:
        if subject not in self._by_subject:
            self._by_subject[subject] = self.newcomer()
        return self._by_subject[subject]

    def newcomer(self) -> UUID:
        account_id = add_account(self._school, names.adult(self._chance), self._now)
        self._role(account_id, "teacher")
        return account_id

    def _role(self, account_id: UUID, role: str) -> None:
        self._school.add(
            SchoolRole,
            account_id=account_id,
            school_id=accounts.SCHOOL_ID,
            role=role,
            starts=self._starts,
            ends=None,
        )


class _Class:
    """One class with its group, its English groups, its students and their parents."""

    def __init__(
        self,
        school: DemoSchool,
        chance: random.Random,
        staff: _Staff,
        year_id: UUID,
        starts: date,
        grade: int,
        letter: str,
    ) -> None:
        self.school, self.chance, self.staff = school, chance, staff
        self.year_id, self.starts, self.grade, self.letter = year_id, starts, grade, letter
        self.name = f"{grade}{letter}"

    def build(self, subjects: dict[str, UUID], now: datetime, password_hash: str) -> None:
        teacher = accounts.TEACHER.id if self.name == "5А" else self.staff.newcomer()
        class_id = self.school.add(
            SchoolClass, id=uuid5(accounts.NAMESPACE, f"class {self.name}"), school_id=accounts.SCHOOL_ID,
            year_id=self.year_id, grade=self.grade, letter=self.letter, class_teacher_id=teacher,
        )  # fmt: skip
        group_id = self._group(class_id, self.name, whole=True)
        students = self._students(class_id, now, password_hash)
        self.school.members[group_id] = students
        taught = []
        for subject in SUBJECTS_JUNIOR if self.grade < 5 else SUBJECTS_SENIOR:
            groups = [(group_id, self._teacher_of(subject, teacher))]
            if subject == ENGLISH:
                groups = self._english_groups(class_id, students)
            for group, account in groups:
                self.school.add(
                    TeachingLoad, school_id=accounts.SCHOOL_ID, teacher_id=account, subject_id=subjects[subject],
                    group_id=group, starts=self.starts, ends=None,
                )  # fmt: skip
            taught.append(Taught(subject, subjects[subject], groups))
        self.school.taught[class_id] = taught

    def _teacher_of(self, subject: str, class_teacher: UUID) -> UUID:
        if self.grade < 5 and subject not in {"Физкультура", "Музыка"}:
            return class_teacher
        if self.name == "5А" and subject == "Математика":
            return accounts.TEACHER.id
        return self.staff.teacher(subject)

    def _group(self, class_id: UUID, name: str, *, whole: bool) -> UUID:
        return self.school.add(
            StudyGroup,
            school_id=accounts.SCHOOL_ID,
            year_id=self.year_id,
            class_id=class_id,
            whole_class=whole,
            name=name,
        )

    def _english_groups(self, class_id: UUID, students: list[UUID]) -> list[tuple[UUID, UUID]]:
        half = len(students) // 2
        groups = []
        for number, part in enumerate((students[:half], students[half:]), 1):
            group_id = self._group(class_id, f"{self.name} англ. {number}", whole=False)
            self.school.members[group_id] = part
            for student in part:
                self.school.add(
                    GroupMember, school_id=accounts.SCHOOL_ID, student_id=student, group_id=group_id,
                    starts=self.starts, ends=None,
                )  # fmt: skip
            groups.append((group_id, self.staff.teacher(f"{ENGLISH} {number}")))
        return groups

    def _students(self, class_id: UUID, now: datetime, password_hash: str) -> list[UUID]:
        families = [names.family(self.chance) for _ in range(CLASS_SIZE)]
        students = []
        for number, family in enumerate(families):
            known = number == 0 and self.name in {"5А", "2А"}
            student_id = self._known(now, password_hash) if known else self._unknown(family, now)
            self.school.add(
                Enrolment, school_id=accounts.SCHOOL_ID, student_id=student_id, class_id=class_id,
                starts=self.starts, ends=None,
            )  # fmt: skip
            students.append(student_id)
        return students

    def _unknown(self, family: Family, now: datetime) -> UUID:
        student_id = self._student(family.child, None, new_id())
        self._guardian(student_id, add_account(self.school, family.mother, now), "mother", 1)
        if self.chance.random() < 0.6:
            self._guardian(student_id, add_account(self.school, family.father, now), "father", 2)
        return student_id

    def _known(self, now: datetime, password_hash: str) -> UUID:
        """Ivan and Sofia, whose parents and who himself have logins."""
        if self.name == "5А":
            child = names.person("Петров", "Иван", "Сергей", "male")
            for account, person in (
                (accounts.STUDENT, child),
                (accounts.FATHER, names.person("Петров", "Сергей", "Николай", "male")),
            ):
                add_account(
                    self.school,
                    person,
                    now,
                    login=account.login,
                    account_id=account.id,
                    password_hash=password_hash,
                )
            student_id = self._student(child, accounts.STUDENT.id, accounts.IVAN_ID)
        else:
            child = names.person("Петров", "Софья", "Сергей", "female")
            mother = names.person("Петров", "Анна", "Виктор", "female")
            add_account(
                self.school,
                mother,
                now,
                login=accounts.MOTHER.login,
                account_id=accounts.MOTHER.id,
                password_hash=password_hash,
            )
            student_id = self._student(child, None, accounts.SOFIA_ID)
        self._guardian(student_id, accounts.MOTHER.id, "mother", 1)
        self._guardian(student_id, accounts.FATHER.id, "father", 2)
        return student_id

    def _student(self, person: Person, account_id: UUID | None, student_id: UUID) -> UUID:
        born = date(self.starts.year - 6 - self.grade, self.chance.randint(1, 12), self.chance.randint(1, 28))
        return self.school.add(
            Student, id=student_id, school_id=accounts.SCHOOL_ID, account_id=account_id, family_name=person.family,
            given_name=person.given, patronymic=person.patronymic, birth_date=born, sex=person.sex, grade=self.grade,
        )  # fmt: skip

    def _guardian(self, student_id: UUID, account_id: UUID, kind: str, order: int) -> None:
        self.school.add(
            Guardianship, school_id=accounts.SCHOOL_ID, student_id=student_id, account_id=account_id, kind=kind,
            may_view=True, may_file_absence=True, receives_push=True, contact_order=order, starts=self.starts,
            ends=None,
        )  # fmt: skip


def add_account(
    school: DemoSchool,
    person: Person,
    now: datetime,
    *,
    login: str = "",
    account_id: UUID | None = None,
    password_hash: str | None = None,
) -> UUID:
    account_id = account_id or new_id()
    school.add(
        Account, id=account_id, login=login or f"demo.{account_id.hex[-12:]}", family_name=person.family,
        given_name=person.given, patronymic=person.patronymic, password_hash=password_hash,
        password_state="set" if password_hash else "none", created_at=now,
    )  # fmt: skip
    # Without quiet hours: whoever looks at the demo late at night wants to see a phone light up.
    school.add(Recipient, account_id=account_id, language="ru", quiet_from=time(), quiet_until=time())
    return account_id
