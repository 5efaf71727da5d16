"""Control of the journal: whether lessons are filled in time, and what a class teacher looks at every week."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from schemas.base import Output


class TeacherTimeliness(Output):
    """A teacher's lessons of the week that are over. A lesson is filled when its list was gone through: on the same
    day, the next one, later, or not at all. The rest counts what filled lessons lack."""

    teacher_id: UUID
    teacher: str
    lessons: int
    same_day: int
    next_day: int
    late: int
    missing: int
    without_topic: int
    without_homework: int


class SchoolControl(Output):
    school_id: UUID
    first_day: date
    last_day: date
    teachers: list[TeacherTimeliness]


class GapLesson(Output):
    """A lesson of the class that is over and lacks something."""

    lesson_id: UUID
    day: date
    number: int
    subject: str
    group_name: str
    teacher: str
    lacks: list[Literal["attendance", "topic", "homework"]]


class MissingMark(Output):
    """Who was there and has no mark for a test or a control work."""

    student_id: UUID
    student: str
    subject: str
    work_id: UUID
    day: date


class AbsentStudent(Output):
    """`days` in a row, up to the last one, without a lesson attended. `unexplained`: nobody has said why."""

    student_id: UUID
    student: str
    days: int
    last_day: date
    unexplained: bool


class Drop(Output):
    """A subject's average of the week, far below that of the period before it."""

    student_id: UUID
    student: str
    subject: str
    before: Decimal
    now: Decimal


class ClassTrend(Output):
    """The mean of the students' averages: of the week, of the week before, of the period."""

    week: Decimal | None
    week_before: Decimal | None
    period: Decimal | None


class WeeklyCheck(Output):
    class_id: UUID
    name: str
    first_day: date
    last_day: date
    gaps: list[GapLesson]
    missing_marks: list[MissingMark]
    absent_in_a_row: list[AbsentStudent]
    drops: list[Drop]
    trend: ClassTrend
