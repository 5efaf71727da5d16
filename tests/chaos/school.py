"""A small school: classes with a teacher each, children, and two parents a child. Names are made up, so that one
that leaks into a log is found there."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from backend.attendance.models import AttendanceSetting
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
from tests.chaos.options import Options

# Every word that must not be found in a log begins with one of these.
SEEDED = ("Зоряслав", "Тайноведов", "Скрытознание", "Тихомолвка", "Zoryaslav")
SUBJECTS = tuple(f"Скрытознание {number}" for number in (1, 2, 3))
_LESSONS_A_DAY = 6
# Every third child has an account, and a phone, of its own.
_WITH_ACCOUNT = 3

Layers = list[list[SQLModel]]


@dataclass(frozen=True)
class Person:
    """Somebody with an account, signed in."""

    id: UUID
    session_id: UUID

    def token(self, settings: Settings) -> str:
        """A fresh access token: it lives for ten minutes only."""
        return issue_access(settings.keys.tokens, self.id, self.session_id, datetime.now(UTC))[0]


@dataclass(frozen=True)
class Child:
    id: UUID
    given_name: str
    parents: tuple[Person, Person]
    account: Person | None

    @property
    def told(self) -> frozenset[UUID]:
        """Whom a mark or homework of this child tells."""
        own = {self.account.id} if self.account else set()
        return frozenset({parent.id for parent in self.parents} | own)


@dataclass
class Classroom:
    id: UUID
    group_id: UUID
    teacher: Person
    children: list[Child] = field(default_factory=list)
    lessons: list[UUID] = field(default_factory=list)


@dataclass
class SchoolHere:
    id: UUID
    timezone: str
    today: date
    classrooms: list[Classroom] = field(default_factory=list)

    @property
    def families(self) -> list[Child]:
        return [child for classroom in self.classrooms for child in classroom.children]

    @property
    def people(self) -> list[Person]:
        """Whom alerts go to."""
        own = [child.account for child in self.families if child.account is not None]
        return [parent for child in self.families for parent in child.parents] + own


async def build_school(settings: Settings, options: Options) -> SchoolHere:
    """Writes the rows as the application's role. It is about noon there, so that no run meets midnight."""
    now = datetime.now(UTC)
    timezone = _where_it_is_noon(now)
    here = SchoolHere(new_id(), timezone, now.astimezone(ZoneInfo(timezone)).date())
    builder = _Builder(here, now)
    for number in range(options.classes):
        builder.classroom(number, options.children)
    database = Database(settings.database_url, pool=1, name="chaos")
    try:
        async with database.transaction() as session:
            for layer in builder.layers:
                session.add_all(layer)
                await session.flush()
    finally:
        await database.close()
    return here


def _where_it_is_noon(now: datetime) -> str:
    ahead = 12 - now.hour
    # These zones count westwards.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


class _Builder:
    """Rows, layer by layer as they stand on each other."""

    def __init__(self, here: SchoolHere, now: datetime) -> None:
        self.layers: Layers = [[] for _ in range(7)]
        self._here, self._now = here, now
        self._starts, self._ends = here.today - timedelta(days=100), here.today + timedelta(days=100)
        self._year, self._subjects = new_id(), [new_id() for _ in SUBJECTS]
        self._add(1, School(id=here.id, short_name="Тихомолвка", full_name="Тихомолвка", timezone=here.timezone,
                            created_at=now))  # fmt: skip
        self._add(2, AttendanceSetting(school_id=here.id, delay_minutes=0))
        self._add(2, SchoolYear(id=self._year, school_id=here.id, name="year", starts=self._starts, ends=self._ends))
        for subject, name in zip(self._subjects, SUBJECTS, strict=True):
            self._add(2, Subject(id=subject, school_id=here.id, name=name))
        self._add(3, Period(id=new_id(), school_id=here.id, year_id=self._year, name="period", starts=self._starts,
                            ends=self._ends))  # fmt: skip

    def classroom(self, number: int, children: int) -> None:
        """A class, its teacher, today's lessons (all of them over) and its families."""
        here, teacher = self._here, self._person(f"teacher-{number}")
        made = Classroom(new_id(), new_id(), teacher)
        here.classrooms.append(made)
        self._add(2, SchoolRole(account_id=teacher.id, school_id=here.id, role="teacher", starts=self._starts))
        self._add(3, SchoolClass(id=made.id, school_id=here.id, year_id=self._year, grade=5 + number, letter="Я",
                                 class_teacher_id=teacher.id))  # fmt: skip
        self._add(4, StudyGroup(id=made.group_id, school_id=here.id, year_id=self._year, class_id=made.id,
                                whole_class=True, name="group"))  # fmt: skip
        for subject in self._subjects:
            self._add(5, TeachingLoad(id=new_id(), school_id=here.id, teacher_id=teacher.id, subject_id=subject,
                                      group_id=made.group_id, starts=self._starts))  # fmt: skip
        for lesson in range(_LESSONS_A_DAY):
            made.lessons.append(self._lesson(made, lesson))
        for child in range(children):
            made.children.append(self._child(made, f"{number}-{child}", own_account=child % _WITH_ACCOUNT == 0))

    def _lesson(self, classroom: Classroom, number: int) -> UUID:
        first = datetime.combine(self._here.today, time(5), ZoneInfo(self._here.timezone))
        starts_at = first + timedelta(hours=number)
        lesson = Lesson(
            id=new_id(), school_id=self._here.id, group_id=classroom.group_id, teacher_id=classroom.teacher.id,
            subject_id=self._subjects[number % len(self._subjects)], day=self._here.today, number=number + 1,
            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=45), room="12",
        )  # fmt: skip
        self._add(5, lesson)
        return lesson.id

    def _child(self, classroom: Classroom, name: str, *, own_account: bool) -> Child:
        parents = (self._person(f"mother-{name}"), self._person(f"father-{name}"))
        account = self._person(f"student-{name}") if own_account else None
        child = Child(new_id(), f"Зоряслав {name}", parents, account)
        here = self._here
        self._add(4, Student(id=child.id, school_id=here.id, account_id=account.id if account else None,
                             family_name="Тайноведов", given_name=child.given_name))  # fmt: skip
        self._add(5, Enrolment(id=new_id(), school_id=here.id, student_id=child.id, class_id=classroom.id,
                               starts=self._starts))  # fmt: skip
        for order, parent in enumerate(parents, 1):
            self._add(5, Guardianship(
                id=new_id(), school_id=here.id, student_id=child.id, account_id=parent.id, kind="parent",
                may_view=True, may_file_absence=True, receives_push=True, contact_order=order, starts=self._starts,
            ))  # fmt: skip
        return child

    def _person(self, login: str) -> Person:
        """Quiet hours with equal ends: nothing is held back for a summary."""
        person = Person(new_id(), new_id())
        self._add(0, Account(id=person.id, login=f"Zoryaslav-{login}", family_name="Тайноведов",
                             given_name="Зоряслав", password_hash="none", password_state="set",
                             created_at=self._now))  # fmt: skip
        self._add(0, Recipient(account_id=person.id, language="ru", quiet_from=time(), quiet_until=time()))
        self._add(1, AuthSession(id=person.session_id, account_id=person.id, seed=bytes(32), generation=1,
                                 rotated_at=self._now, created_at=self._now, device_name="chaos"))  # fmt: skip
        return person

    def _add(self, layer: int, row: SQLModel) -> None:
        self.layers[layer].append(row)
