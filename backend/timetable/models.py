"""Lessons on dates, and what they are planned from."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric
from sqlmodel import Field, SQLModel

from push.columns import json, smallint, timestamp


class Lesson(SQLModel, table=True):
    """One lesson of one group on one day.

    `changed`: by date, so that the weekly plan leaves it alone. `replaces_teacher_id` and `replaces_subject_id`: whose
    place a substitute takes. A moved lesson stays, cancelled, where it was, and names the one it became.
    """

    id: UUID = Field(primary_key=True)
    school_id: UUID
    group_id: UUID
    subject_id: UUID
    teacher_id: UUID
    day: date
    number: int = smallint()
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    room: str | None = None
    topic: str | None = None
    state: str = "planned"
    changed: bool = False
    remote: bool = False
    weekly_id: UUID | None = None
    replaces_teacher_id: UUID | None = None
    replaces_subject_id: UUID | None = None
    moved_to: UUID | None = None
    note: str | None = None


class Bell(SQLModel, table=True):
    """When a lesson is; weekday 0 stands for all that have no bells of their own."""

    school_id: UUID = Field(primary_key=True)
    shift: int = smallint(primary_key=True)
    weekday: int = smallint(primary_key=True)
    number: int = smallint(primary_key=True)
    starts: time
    ends: time


class WeeklyLesson(SQLModel, table=True):
    """A lesson that a group has every week, Monday is 1."""

    __tablename__ = "weekly_lesson"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    group_id: UUID
    subject_id: UUID
    teacher_id: UUID
    weekday: int = smallint()
    number: int = smallint()
    room: str | None = None
    starts: date
    ends: date | None = None


class CalendarSpan(SQLModel, table=True):
    """Days that are not as the week says, of the school or of one class."""

    __tablename__ = "calendar_span"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    class_id: UUID | None = None
    kind: str
    name: str
    starts: date
    ends: date
    as_weekday: int | None = smallint(default=None)


class LessonChange(SQLModel, table=True):
    """What was changed by date; append-only."""

    __tablename__ = "lesson_change"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    lesson_id: UUID
    change: str
    old: dict[str, Any] = json()
    new: dict[str, Any] = json()
    reason: str | None = None
    made_by: UUID
    made_at: datetime = timestamp()


class StayItem(SQLModel, table=True):
    """What a class's day holds beside lessons; weekday 0 stands for every school day."""

    __tablename__ = "stay_item"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    class_id: UUID
    weekday: int = smallint()
    kind: str
    name: str
    starts: time
    ends: time


class CurriculumItem(SQLModel, table=True):
    """How much a class learns of a subject."""

    __tablename__ = "curriculum_item"

    class_id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    school_id: UUID
    hours_a_week: Decimal = Field(sa_type=Numeric(4, 2))
    advanced: bool


class CurriculumTopic(SQLModel, table=True):
    """What a subject is about, in its order."""

    __tablename__ = "curriculum_topic"

    class_id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    position: int = smallint(primary_key=True)
    school_id: UUID
    title: str
    hours: int = smallint()


class Textbook(SQLModel, table=True):
    """What a subject needs in the backpack of a grade, with its weight."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    subject_id: UUID
    grade: int = smallint()
    title: str
    grams: int = smallint()
