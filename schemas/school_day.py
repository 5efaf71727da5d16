"""What a class's day holds beside lessons, what it learns, and what a child carries."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Name, Output, ShortText
from schemas.timetable import AnyWeekday, ClockTime

StayKind = Literal["extracurricular", "additional", "exercise", "meal", "break", "walk"]
HoursAWeek = Annotated[
    Decimal,
    Meta(
        description="above 0, at most 40, two decimal places",
        extra_json_schema={
            "pattern": r"^(40(\.00?)?|[1-3]?[1-9](\.[0-9]{1,2})?|[1-3]0(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$"
        },
    ),
]


class StayEntry(Input):
    kind: StayKind
    name: Name
    starts: ClockTime
    ends: ClockTime
    weekday: AnyWeekday = 0


class SetStay(Input):
    items: Annotated[list[StayEntry], Meta(max_length=200)]


class Stay(Output):
    """What a class's days hold beside lessons."""

    class_id: UUID
    items: list[StayEntry]


class StayPart(Output):
    """A part of a child's day, a lesson or something beside lessons, in the order of time."""

    kind: Literal["lesson"] | StayKind
    name: str
    starts_at: datetime
    ends_at: datetime
    cancelled: bool


class StayDay(Output):
    day: date
    parts: list[StayPart]


class Topic(Input):
    title: ShortText
    hours: Annotated[int, Meta(ge=1, le=300)] = 1


class SubjectPlan(Input):
    subject_id: UUID
    hours_a_week: HoursAWeek
    advanced: bool = False
    topics: Annotated[list[Topic], Meta(max_length=300)] = []


class SetCurriculum(Input):
    """`profile`: what a class learns in depth, from grade 10."""

    subjects: Annotated[list[SubjectPlan], Meta(max_length=60)]
    profile: ShortText | None = None


class SubjectCurriculum(Output):
    """`lessonsHeld` and `lessonsPlanned` of this year's lessons on dates, for the child's or the class's groups."""

    subject_id: UUID
    subject: str
    hours_a_week: Decimal
    advanced: bool
    topics: list[Topic]
    lessons_held: int
    lessons_planned: int


class Curriculum(Output):
    class_name: str
    profile: str | None
    subjects: list[SubjectCurriculum]


class BookEntry(Input):
    subject_id: UUID
    grade: Annotated[int, Meta(ge=1, le=11)]
    title: ShortText
    grams: Annotated[int, Meta(ge=1, le=5000)]


class SetTextbooks(Input):
    books: Annotated[list[BookEntry], Meta(max_length=500)]


class Textbooks(Output):
    school_id: UUID
    books: list[BookEntry]


class BackpackItem(Output):
    subject: str
    title: str
    grams: int


class Backpack(Output):
    """What is needed on a day. `limitGrams`: what the sanitary rules allow a child of the grade to carry in books."""

    day: date
    items: list[BackpackItem]
    grams: int
    limit_grams: int
