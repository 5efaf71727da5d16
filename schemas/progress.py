"""How a child is doing: the progress table, statistics, dynamics, the way to a goal, the place in the class. Charts are
data; clients draw them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from schemas.attendance import AttendanceCode, AttendanceCounters
from schemas.base import Output
from schemas.diary import DiaryDay
from schemas.finals import FinalValue, YearKind
from schemas.journal import MarkValue, WorkKind

Step = Literal["week", "month"]


class ProgressMark(Output):
    """`counted`: whether it enters the average (numbers of works that count)."""

    work_id: UUID
    slot: int
    day: date
    kind: WorkKind
    topic: str | None
    value: MarkValue
    due_on: date | None
    weight: Decimal
    counted: bool
    comment: str | None
    set_at: datetime


class ProgressAbsence(Output):
    day: date
    code: AttendanceCode
    symbol: str | None
    minutes: int | None


class PeriodFinal(Output):
    """The final of a closed period; `kind` year, exam, certificate: `periodId` is the year."""

    kind: Literal["period"] | YearKind
    period_id: UUID
    value: FinalValue


class SubjectProgress(Output):
    """A row of the table. `finals`: of all periods so far, and of the year."""

    subject_id: UUID
    subject: str
    marks: list[ProgressMark]
    absences: list[ProgressAbsence]
    average: Decimal | None
    finals: list[PeriodFinal]


class PeriodOfTable(Output):
    id: UUID
    name: str
    starts: date
    ends: date
    closed: bool


class Progress(Output):
    """The table of one period, with the year's other periods to go to."""

    first_day: date
    last_day: date
    period_id: UUID | None
    periods: list[PeriodOfTable]
    subjects: list[SubjectProgress]
    average: Decimal | None


class SubjectStatistics(Output):
    subject_id: UUID
    subject: str
    average: Decimal | None
    marks: int
    counts: dict[MarkValue, int]


class KindStatistics(Output):
    kind: WorkKind
    average: Decimal | None
    marks: int


class Statistics(Output):
    """`average` is the mean of the subjects' averages: each subject counts the same."""

    first_day: date
    last_day: date
    average: Decimal | None
    marks: int
    counts: dict[MarkValue, int]
    subjects: list[SubjectStatistics]
    kinds: list[KindStatistics]
    attendance: AttendanceCounters


class Point(Output):
    """`average` is of the step alone, `running` of all from the first day on; null where no mark counts."""

    starts: date
    ends: date
    average: Decimal | None
    running: Decimal | None
    marks: int


class Line(Output):
    """`subjectId` null: all subjects."""

    subject_id: UUID | None
    subject: str | None
    points: list[Point]


class Dynamics(Output):
    first_day: date
    last_day: date
    step: Step
    lines: list[Line]


class WayToGoal(Output):
    """`count` marks of `value` in works of this kind reach the goal; null: they never do."""

    kind: WorkKind
    weight: Decimal
    value: int
    count: int | None


class GoalPlan(Output):
    subject_id: UUID
    goal: Decimal
    average: Decimal | None
    reached: bool
    ways: list[WayToGoal]


class Bucket(Output):
    """How many of the class have an average from `above` (not included, but for 0) to `upTo`."""

    above: Decimal
    up_to: Decimal
    students: int


class Rating(Output):
    """The own place and an anonymous spread. `shown` false: the school shows none, or fewer than five students have
    marks; then all else is empty."""

    shown: bool
    period: str | None
    average: Decimal | None
    place: int | None
    students: int
    class_average: Decimal | None
    spread: list[Bucket]


class DayOfChild(Output):
    child_id: UUID
    given_name: str
    class_name: str | None
    today: date
    day: DiaryDay


class ChildrenDay(Output):
    """The day of each of one's children, each by its own school's date where no day is named."""

    items: list[DayOfChild]
