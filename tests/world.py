"""The tests' small world: a school with a class, its people, and strangers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlmodel import SQLModel

from backend.attendance.models import AttendanceSetting
from backend.core.clock import school_date
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.settings import Settings
from backend.identity.models import Account, AuthSession
from backend.identity.tokens import issue_access
from backend.school.models import (
    Enrolment,
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
from backend.timetable.models import Lesson
from push.models import Recipient

if TYPE_CHECKING:
    from tests.conftest import MovableClock

TIMEZONE = "Europe/Moscow"
STARTS = date(2026, 9, 1)
ENDS = date(2027, 5, 31)


def carried(body: object, headers: dict[str, str]) -> dict[str, Any]:
    """How httpx takes a body: JSON, or the bytes of a CSV as they are."""
    if isinstance(body, bytes):
        return {"content": body, "headers": {"content-type": "text/csv", **headers}}
    return {"json": body, "headers": headers}


def errors(answer: httpx.Response) -> dict[str, str]:
    """Pointer -> code of what was refused."""
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


@dataclass
class Someone:
    """A person with an account; calls the API as themselves."""

    id: UUID
    world: World
    token: str

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **headers}
        return await self.world.client.request(method, path, **carried(body, headers))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        return await self.call("POST", path, body, **headers)

    async def put(self, path: str, body: object = None) -> httpx.Response:
        return await self.call("PUT", path, body)

    async def patch(self, path: str, body: object = None) -> httpx.Response:
        return await self.call("PATCH", path, body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.call("DELETE", path)


@dataclass
class SchoolHere:
    """One school's ids."""

    id: UUID
    year_id: UUID
    class_id: UUID
    group_id: UUID
    mathematics: UUID
    russian: UUID
    period_id: UUID


@dataclass
class World:
    database: Database
    settings: Settings
    client: httpx.AsyncClient
    clock: MovableClock
    school: SchoolHere = field(init=False)
    elsewhere: SchoolHere = field(init=False)
    teacher: Someone = field(init=False)  # mathematics in 5А
    other_teacher: Someone = field(init=False)  # Russian in 5А
    class_teacher: Someone = field(init=False)  # of 5А, teaches nothing
    deputy: Someone = field(init=False)
    director: Someone = field(init=False)
    administrator: Someone = field(init=False)
    mother: Someone = field(init=False)  # of Ivan and of Sofia
    father: Someone = field(init=False)  # of Ivan
    former: Someone = field(init=False)  # was Ivan's guardian until yesterday
    student: Someone = field(init=False)  # Ivan
    neighbour: Someone = field(init=False)  # mother of Pyotr, a classmate
    stranger: Someone = field(init=False)  # mother of Oleg in the other school
    foreign_teacher: Someone = field(init=False)  # class teacher and teacher in the other school
    ivan: UUID = field(init=False)
    pyotr: UUID = field(init=False)
    sofia: UUID = field(init=False)
    oleg: UUID = field(init=False)
    lesson: UUID = field(init=False)  # mathematics of 5А today, third lesson
    russian_lesson: UUID = field(init=False)  # Russian of 5А today, fourth lesson
    tomorrows_lesson: UUID = field(init=False)
    foreign_lesson: UUID = field(init=False)
    september: dict[str, UUID] = field(default_factory=dict)  # ids of `tests.school.september`, likewise

    @classmethod
    async def make(
        cls, database: Database, settings: Settings, client: httpx.AsyncClient, clock: MovableClock
    ) -> World:
        world = cls(database, settings, client, clock)
        rows: list[list[SQLModel]] = [[], [], [], [], [], [], []]
        world._people(rows)
        world._schools(rows)
        async with database.transaction() as session:
            for layer in rows:
                session.add_all(layer)
                await session.flush()
        return world

    @property
    def today(self) -> date:
        return school_date(self.clock.now, TIMEZONE)

    def _people(self, rows: list[list[SQLModel]]) -> None:
        names = {
            "teacher": "Мария", "other_teacher": "Нина", "class_teacher": "Елена", "deputy": "Ирина",
            "director": "Павел", "administrator": "Олег", "mother": "Анна", "father": "Сергей", "former": "Глеб",
            "student": "Иван", "neighbour": "Ольга", "stranger": "Юлия", "foreign_teacher": "Вера",
        }  # fmt: skip
        for login, given in names.items():
            setattr(self, login, self._someone(rows, login, given))

    def _someone(self, rows: list[list[SQLModel]], login: str, given: str) -> Someone:
        now = self.clock.now
        account = Account(
            id=new_id(), login=login, family_name="Петров", given_name=given, password_hash="none",
            password_state="set", created_at=now,
        )  # fmt: skip
        session = AuthSession(
            id=new_id(), account_id=account.id, seed=bytes(32), generation=1, rotated_at=now, created_at=now,
            device_name="test",
        )  # fmt: skip
        rows[0] += [account, Recipient(account_id=account.id, language="ru")]
        rows[1].append(session)
        token, _ = issue_access(self.settings.keys.tokens, account.id, session.id, now)
        return Someone(account.id, self, token)

    async def reissue(self) -> None:
        """Fresh access tokens for everybody, after the clock was moved past the old ones' ten minutes."""
        async with self.database.transaction() as session:
            sessions = (await session.execute(select(AuthSession))).scalars().all()
        for someone in vars(self).values():
            if isinstance(someone, Someone):
                mine = next(row.id for row in sessions if row.account_id == someone.id)
                someone.token, _ = issue_access(self.settings.keys.tokens, someone.id, mine, self.clock.now)

    def _schools(self, rows: list[list[SQLModel]]) -> None:
        self.school = self._school(rows, "Школа № 5", self.class_teacher.id)
        self.elsewhere = self._school(rows, "Школа № 6", self.foreign_teacher.id)
        for role in ("teacher", "other_teacher", "class_teacher"):
            self._role(rows, self.school, getattr(self, role), "teacher")
        for role in ("deputy", "director", "administrator"):
            self._role(rows, self.school, getattr(self, role), role)
        self._role(rows, self.elsewhere, self.foreign_teacher, "teacher")
        self.ivan = self._student(rows, self.school, "Иван", self.student.id)
        self.pyotr = self._student(rows, self.school, "Пётр", None)
        self.sofia = self._student(rows, self.elsewhere, "Софья", None)
        self.oleg = self._student(rows, self.elsewhere, "Олег", None)
        self._guardian(rows, self.school, self.ivan, self.mother)
        self._guardian(rows, self.school, self.ivan, self.father)
        self._guardian(rows, self.school, self.ivan, self.former, ends=self.today - timedelta(days=1))
        self._guardian(rows, self.school, self.pyotr, self.neighbour)
        self._guardian(rows, self.elsewhere, self.sofia, self.mother)
        self._guardian(rows, self.elsewhere, self.oleg, self.stranger)
        here, there = self.school, self.elsewhere
        self._load(rows, here, self.teacher, here.mathematics)
        self._load(rows, here, self.other_teacher, here.russian)
        self._load(rows, there, self.foreign_teacher, there.mathematics)
        self.lesson = self._lesson(rows, here, self.teacher, here.mathematics, self.today, 3)
        self.russian_lesson = self._lesson(rows, here, self.other_teacher, here.russian, self.today, 4)
        tomorrow = self.today + timedelta(days=1)
        self.tomorrows_lesson = self._lesson(rows, here, self.teacher, here.mathematics, tomorrow, 1)
        self.foreign_lesson = self._lesson(rows, there, self.foreign_teacher, there.mathematics, self.today, 3)

    def _school(self, rows: list[list[SQLModel]], name: str, class_teacher: UUID) -> SchoolHere:
        here = SchoolHere(*(new_id() for _ in range(7)))
        now = self.clock.now
        # Absences are told at once; tests of the delay set it.
        rows[2].append(AttendanceSetting(school_id=here.id, delay_minutes=0))
        rows[1].append(School(id=here.id, short_name=name, full_name=name, timezone=TIMEZONE, created_at=now))
        rows[2].append(SchoolYear(id=here.year_id, school_id=here.id, name="2026/2027", starts=STARTS, ends=ENDS))
        rows[2] += [
            Subject(id=here.mathematics, school_id=here.id, name="Математика"),
            Subject(id=here.russian, school_id=here.id, name="Русский язык"),
        ]
        quarter = Period(
            id=here.period_id, school_id=here.id, year_id=here.year_id, name="2 четверть", starts=date(2026, 11, 1),
            ends=date(2026, 12, 31),
        )  # fmt: skip
        rows[3].append(quarter)
        rows[3].append(
            SchoolClass(
                id=here.class_id, school_id=here.id, year_id=here.year_id, grade=5, letter="А",
                class_teacher_id=class_teacher,
            )
        )  # fmt: skip
        rows[4].append(
            StudyGroup(
                id=here.group_id, school_id=here.id, year_id=here.year_id, class_id=here.class_id, whole_class=True,
                name="5А",
            )
        )  # fmt: skip
        return here

    def _role(self, rows: list[list[SQLModel]], here: SchoolHere, someone: Someone, role: str) -> None:
        rows[2].append(SchoolRole(account_id=someone.id, school_id=here.id, role=role, starts=STARTS))

    def _student(self, rows: list[list[SQLModel]], here: SchoolHere, given: str, account: UUID | None) -> UUID:
        student = Student(id=new_id(), school_id=here.id, account_id=account, family_name="Петров", given_name=given)
        rows[4].append(student)
        rows[5].append(
            Enrolment(id=new_id(), school_id=here.id, student_id=student.id, class_id=here.class_id, starts=STARTS)
        )
        return student.id

    def _guardian(
        self, rows: list[list[SQLModel]], here: SchoolHere, child: UUID, adult: Someone, ends: date | None = None
    ) -> None:
        rows[5].append(
            Guardianship(
                id=new_id(), school_id=here.id, student_id=child, account_id=adult.id, kind="parent", may_view=True,
                may_file_absence=True, receives_push=True, contact_order=1, starts=STARTS, ends=ends,
            )
        )  # fmt: skip

    def _load(self, rows: list[list[SQLModel]], here: SchoolHere, teacher: Someone, subject: UUID) -> None:
        rows[5].append(
            TeachingLoad(
                id=new_id(), school_id=here.id, teacher_id=teacher.id, subject_id=subject, group_id=here.group_id,
                starts=STARTS,
            )
        )  # fmt: skip

    def _lesson(
        self, rows: list[list[SQLModel]], here: SchoolHere, teacher: Someone, subject: UUID, day: date, number: int
    ) -> UUID:
        starts_at = datetime.combine(day, self.clock.now.time(), self.clock.now.tzinfo) + timedelta(hours=number - 3)
        lesson = Lesson(
            id=new_id(), school_id=here.id, group_id=here.group_id, subject_id=subject, teacher_id=teacher.id, day=day,
            number=number, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=45), room="12",
        )  # fmt: skip
        rows[5].append(lesson)
        return lesson.id

    async def add(self, *rows: SQLModel) -> None:
        """Writes further rows."""
        async with self.database.transaction() as session:
            session.add_all(rows)

    async def classmates(self, number: int) -> list[UUID]:
        """Further children in 5А, with a parent each who is told."""
        rows: list[list[SQLModel]] = [[] for _ in range(6)]
        students = [self._student(rows, self.school, f"Ученик {place}", None) for place in range(number)]
        for student in students:
            self._guardian(rows, self.school, student, self.neighbour)
        await self.add(*rows[4])
        await self.add(*rows[5])
        return students

    async def lesson_on(self, day: date, number: int) -> UUID:
        """A further lesson of mathematics in 5А."""
        rows: list[list[SQLModel]] = [[] for _ in range(6)]
        lesson = self._lesson(rows, self.school, self.teacher, self.school.mathematics, day, number)
        await self.add(*rows[5])
        return lesson

    async def give_work(self, lesson: UUID | None = None, kind: str = "test") -> str:
        """A work given by the teacher; returns its id."""
        answer = await self.teacher.post("/v1/works", {"lessonId": str(lesson or self.lesson), "kind": kind})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def set_mark(self, value: str | None, work: str | None = None, **more: Any) -> httpx.Response:
        """Ivan's mark, set by the teacher, in a new work where none is named."""
        work = work or await self.give_work()
        marks = [{"studentId": str(self.ivan), "value": value, **more}]
        return await self.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
