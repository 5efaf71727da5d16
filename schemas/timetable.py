"""Lessons as the timetable shows them, and what it is made from."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.base import Input, Output, ShortText, Text
from schemas.journal import Reason

ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["08:30"])]
Weekday = Annotated[int, Meta(ge=1, le=6, description="Monday is 1")]
AnyWeekday = Annotated[int, Meta(ge=0, le=6, description="Monday is 1; 0: every day without an own entry")]
Number = Annotated[int, Meta(ge=0, le=12)]
Shift = Annotated[int, Meta(ge=1, le=2)]
Room = Annotated[Text, Meta(min_length=1, max_length=50, examples=["12"])]
LessonState = Literal["planned", "cancelled"]
SpanKind = Literal["holidays", "day-off", "working", "quarantine", "quiet"]


class TaughtLesson(Output):
    """A lesson of the teacher's own day. `substitution`: in a colleague's place; `movedTo`: what it became."""

    id: UUID
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    subject: str
    group_id: UUID
    group_name: str
    room: str | None
    topic: str | None
    state: LessonState
    remote: bool
    substitution: bool
    moved_to: UUID | None
    note: str | None


class TeacherDay(Output):
    day: date
    lessons: list[TaughtLesson]


class TeacherWeek(Output):
    first_day: date
    last_day: date
    days: list[TeacherDay]


class BellTime(Input):
    number: Number
    starts: ClockTime
    ends: ClockTime
    shift: Shift = 1
    weekday: AnyWeekday = 0


class SetBells(Input):
    """All bells of the school. Lessons to come follow them at once."""

    bells: Annotated[list[BellTime], Meta(max_length=200)]


class Bells(Output):
    school_id: UUID
    bells: list[BellTime]


class AddSpan(Input):
    """Days that are not as the week says, both included: holidays, a day off, a working day (a Saturday that follows
    `asWeekday`'s plan), a quarantine. Without `classId` of the whole school."""

    kind: SpanKind
    name: ShortText
    starts: date
    ends: date
    class_id: UUID | None = None
    as_weekday: Weekday | None = None


class Span(Output):
    id: UUID
    kind: SpanKind
    name: str
    starts: date
    ends: date
    class_id: UUID | None
    as_weekday: int | None


class SpanAdded(Output):
    """`lessons`: how the lessons to come changed."""

    span: Span
    lessons: "Replanned"


class Replanned(Output):
    """What a change of the plan did to lessons on dates. `kept`: something is written about them, so they stay."""

    added: int
    changed: int
    removed: int
    kept: int


class PeriodOfYear(Output):
    id: UUID
    name: str
    starts: date
    ends: date


class Calendar(Output):
    """The school's year: its periods, and the days that are not as the week says."""

    name: str | None
    starts: date | None
    ends: date | None
    periods: list[PeriodOfYear]
    spans: list[Span]


class PlannedLesson(Input):
    """A lesson every week."""

    group_id: UUID
    subject_id: UUID
    teacher_id: UUID
    weekday: Weekday
    number: Number
    room: Room | None = None


class SetPlan(Input):
    """The weekly lessons from `starts` (today, if left out) on; what stood there ends the day before. Lessons on dates
    follow; what has something written about it, or was changed by date, stays."""

    lessons: Annotated[list[PlannedLesson], Meta(max_length=400)]
    starts: date | None = None
    shift: Shift | None = None
    days_a_week: Annotated[int, Meta(ge=5, le=6)] | None = None


class PlanLesson(Output):
    group_id: UUID
    group_name: str
    subject_id: UUID
    subject: str
    teacher_id: UUID
    teacher: str
    weekday: int
    number: int
    room: str | None
    starts: date
    ends: date | None


class Clash(Output):
    """Two lessons of one teacher, or in one room, at the same time: allowed, but perhaps not meant."""

    kind: Literal["teacher", "room"]
    weekday: int
    number: int
    who: str
    groups: list[str]


class Plan(Output):
    class_id: UUID | None
    shift: int
    days_a_week: int
    lessons: list[PlanLesson]
    clashes: list[Clash]


class PlanSet(Output):
    plan: Plan
    lessons: Replanned


class ChangeLesson(Input):
    """A change by date; what is left out stays. `moveTo` cancels the lesson where it is and puts it elsewhere.

    A cancelled lesson stays visible; `state` "planned" brings it back."""

    state: LessonState | UnsetType = UNSET
    teacher_id: UUID | UnsetType = UNSET
    subject_id: UUID | UnsetType = UNSET
    room: Room | UnsetType | None = UNSET
    remote: bool | UnsetType = UNSET
    note: ShortText | UnsetType | None = UNSET
    move_to: "Place | UnsetType" = UNSET
    reason: Reason | None = None


class Place(Input):
    day: date
    number: Number


class AddLesson(Input):
    subject_id: UUID
    teacher_id: UUID
    day: date
    number: Number
    room: Room | None = None
    remote: bool = False
    reason: Reason | None = None


class DatedLesson(Output):
    """A lesson on a date, as whoever plans it sees it."""

    id: UUID
    group_id: UUID
    group_name: str
    subject_id: UUID
    subject: str
    teacher_id: UUID
    teacher: str
    replaces_teacher_id: UUID | None
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    room: str | None
    state: LessonState
    remote: bool
    moved_to: UUID | None
    note: str | None


class FreeTeacher(Output):
    """Who could step in: has no lesson at that time. `sameSubject`: teaches the subject somewhere at the school."""

    account_id: UUID
    name: str
    same_subject: bool


class LessonToCover(Output):
    lesson: DatedLesson
    free: list[FreeTeacher]


class AbsenceOfTeacher(Output):
    teacher_id: UUID
    first_day: date
    last_day: date
    lessons: list[LessonToCover]


class Cover(Input):
    """Who takes the lesson; null cancels it."""

    lesson_id: UUID
    teacher_id: UUID | None


class Substitute(Input):
    covers: Annotated[list[Cover], Meta(min_length=1, max_length=300)]
    reason: Reason | None = None


class Substituted(Output):
    items: list[DatedLesson]
