"""A school of 1,000 students in 34 classes, two guardians and a student account each, all with a phone: what the
simulation and its model both know of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

TIMEZONE = "Europe/Moscow"
ZONE = ZoneInfo(TIMEZONE)
MONDAY = date(2026, 11, 16)
SUBJECTS = (
    "Алгебра", "Биология", "География", "Информатика", "История", "Литература", "Русский язык", "Физика", "Химия",
    "Английский язык",
)  # fmt: skip
# Number -> from, to.
BELLS = {
    number: (time(*starts), time(*ends))
    for number, (starts, ends) in enumerate(
        [((8, 30), (9, 15)), ((9, 25), (10, 10)), ((10, 30), (11, 15)), ((11, 35), (12, 20)), ((12, 30), (13, 15)),
         ((13, 25), (14, 10))], 1,
    )
}  # fmt: skip
# The link of one guardian ends with this day, Wednesday.
LINK_ENDS = MONDAY + timedelta(days=2)
_STUDENTS, _FORMS = 1_000, 34
_LETTERS = "АБВГ"
_NAMES = ("Иван", "Анна", "Пётр", "Мария", "Олег", "Вера", "Юрий", "Нина")
# Classes whose teacher writes late in the evening, and somebody in each who wants no quiet hours.
LATE_FORMS = (11, 12, 13)


@dataclass(frozen=True)
class Guardian:
    """`last_day`: of the link, where it ends."""

    account: UUID
    receives_push: bool = True
    last_day: date | None = None

    def is_told(self, day: date) -> bool:
        return self.receives_push and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, eq=False)
class Child:
    id: UUID
    account: UUID
    name: str
    guardians: tuple[Guardian, ...]

    def parents(self, day: date) -> list[UUID]:
        """The guardians who are told of the child on a day."""
        return [guardian.account for guardian in self.guardians if guardian.is_told(day)]

    def family(self, day: date) -> list[UUID]:
        return [self.account, *self.parents(day)]


@dataclass(frozen=True, eq=False)
class Form:
    """A class. `place`: which of the school's."""

    place: int
    id: UUID
    group: UUID
    grade: int
    letter: str
    teacher: UUID
    children: tuple[Child, ...]

    @property
    def name(self) -> str:
        return f"{self.grade}{self.letter}"


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson on its date, as the plan says."""

    id: UUID
    form: Form
    day: date
    number: int
    subject: str
    teacher: UUID

    @property
    def starts(self) -> datetime:
        return on(self.day, BELLS[self.number][0])

    @property
    def ends(self) -> datetime:
        return on(self.day, BELLS[self.number][1])


@dataclass(frozen=True)
class Phone:
    """What only the device knows: where it is reached, and its key."""

    installation: UUID
    token: str
    key: bytes


@dataclass
class School:
    """`phones`, by account: of families; who works here has none. `restless`: who wants no quiet hours. `lessons` come
    with the first night."""

    id: UUID = field(default_factory=uuid7)
    year: UUID = field(default_factory=uuid7)
    director: UUID = field(default_factory=uuid7)
    deputy: UUID = field(default_factory=uuid7)
    subjects: dict[str, UUID] = field(default_factory=lambda: {name: uuid7() for name in SUBJECTS})
    teachers: tuple[UUID, ...] = field(default_factory=lambda: tuple(uuid7() for _ in range(50)))
    forms: tuple[Form, ...] = ()
    phones: dict[UUID, Phone] = field(default_factory=dict)
    restless: set[UUID] = field(default_factory=set)
    lessons: dict[tuple[UUID, date, int], Lesson] = field(default_factory=dict)

    @property
    def children(self) -> Iterator[Child]:
        return (child for form in self.forms for child in form.children)

    def lesson(self, form: Form, day: date, number: int) -> Lesson:
        return self.lessons[form.group, day, number]

    def day_of(self, form: Form, day: date) -> list[Lesson]:
        """The lessons of a class on a day, in order."""
        return [found for number in BELLS if (found := self.lessons.get((form.group, day, number)))]

    @cached_property
    def labels(self) -> dict[UUID, str]:
        """What accounts are called where people read."""
        names = {self.director: "director", self.deputy: "deputy"}
        names |= {teacher: f"teacher {place}" for place, teacher in enumerate(self.teachers)}
        for form in self.forms:
            for child in form.children:
                names[child.account] = f"{form.name} {child.name}"
                names |= {one.account: f"{form.name} {child.name}, parent" for one in child.guardians}
        return names


def on(day: date, at: time) -> datetime:
    """A moment by the school's clock."""
    return datetime.combine(day, at, ZONE)


def planned(form: int, weekday: int) -> Iterator[tuple[int, str, int]]:
    """(number, subject, teacher) of a class's weekday, Monday is 1: five or six lessons."""
    for number in range(1, 6 + (form + weekday) % 2):
        subject = (form + 5 * weekday + number) % len(SUBJECTS)
        yield number, SUBJECTS[subject], subject * 5 + form // 7


def make_school() -> School:
    """The school with its people and phones, of which nothing is written down yet."""
    school = School()
    left = _STUDENTS
    forms = []
    for place in range(_FORMS):
        size = left // (_FORMS - place)
        children = tuple(_child(school, place, number) for number in range(size))
        left -= size
        grade, letter = place // len(_LETTERS) + 1, _LETTERS[place % len(_LETTERS)]
        forms.append(Form(place, uuid7(), uuid7(), grade, letter, school.teachers[place], children))
    school.forms = tuple(forms)
    for child in school.children:
        for account in (child.account, *(guardian.account for guardian in child.guardians)):
            school.phones[account] = Phone(uuid4(), f"{account.hex}:APA91b{uuid4().hex * 4}", uuid4().bytes * 2)
    school.restless = {school.forms[place].children[0].guardians[1].account for place in LATE_FORMS}
    return school


def _child(school: School, form: int, number: int) -> Child:
    """Every fiftieth child has a guardian who may not be told; one has a guardian whose link ends within the week."""
    hushed = (form * 7 + number) % 50 == 0
    ends = LINK_ENDS if (form, number) == (LATE_FORMS[1], 1) else None
    guardians = (Guardian(uuid7()), Guardian(uuid7(), receives_push=not hushed, last_day=ends))
    return Child(uuid7(), uuid7(), f"{_NAMES[number % len(_NAMES)]} {form}-{number}", guardians)
