"""What people did, for the model: no alert, no row, only who did what when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tests.simulation.school import Child, Form, Lesson


@dataclass(frozen=True)
class Act:
    at: datetime


@dataclass(frozen=True)
class Work:
    id: UUID
    lesson: Lesson
    kind: str


@dataclass(frozen=True)
class Marked(Act):
    """A mark as it was saved; `value` None removes it. `due_on`: the term of a dot."""

    work: Work
    child: Child
    value: str | None
    due_on: date | None = None


@dataclass(frozen=True)
class Asked(Act):
    """A late correction waits for the deputy."""

    work: Work
    author: UUID


@dataclass(frozen=True)
class Approved(Act):
    """The deputy lets a late correction be."""

    asked: Asked
    mark: Marked


@dataclass(frozen=True)
class Listed(Act):
    """A lesson's attendance: code and minutes of whoever was not simply there."""

    lesson: Lesson
    noted: dict[Child, tuple[str, int | None]]


@dataclass(frozen=True)
class Filed(Act):
    """`lessons`: by number; none: whole days."""

    notice: UUID
    form: Form
    child: Child
    filer: UUID
    first: date
    last: date
    lessons: Sequence[int] = ()


@dataclass(frozen=True)
class Decided(Act):
    notice: UUID
    accepted: bool


@dataclass(frozen=True)
class Extended(Act):
    notice: UUID
    last: date


@dataclass(frozen=True)
class Cancelled(Act):
    notice: UUID


@dataclass(frozen=True)
class Given(Act):
    """Homework for a class, or for some of its children."""

    homework: UUID
    lesson: Lesson
    due_on: date
    children: Sequence[Child] = ()


@dataclass(frozen=True)
class Edited(Act):
    homework: UUID
    fields: frozenset[str]


@dataclass(frozen=True)
class TakenBack(Act):
    homework: UUID


@dataclass(frozen=True)
class Ticked(Act):
    homework: UUID
    child: Child


@dataclass(frozen=True)
class LessonChanged(Act):
    """`change`: cancelled, or room."""

    lesson: Lesson
    change: str
    room: str


@dataclass(frozen=True)
class Remarked(Act):
    """`subject` is empty outside of lessons."""

    remark: UUID
    child: Child
    praise: bool
    subject: str


@dataclass(frozen=True)
class MeetingCalled(Act):
    meeting: UUID
    form: Form
    title: str
    place: str
    starts: datetime


@dataclass(frozen=True)
class MeetingMoved(Act):
    meeting: UUID
    starts: datetime


@dataclass(frozen=True)
class MeetingDropped(Act):
    meeting: UUID


@dataclass(frozen=True)
class MeetingAnswered(Act):
    meeting: UUID
    account: UUID
    coming: bool


@dataclass(frozen=True)
class Published(Act):
    """`form` None: to the whole school. `students`: to them as well as to parents."""

    announcement: UUID
    title: str
    out: datetime
    form: Form | None
    students: bool


@dataclass(frozen=True)
class Signed(Act):
    child: Child
    account: UUID
