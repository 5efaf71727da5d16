"""What is to be done by when, by whom, and who says that it is done."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from push.columns import json, smallint, timestamp


class Homework(SQLModel, table=True):
    """`individual`: for those of `HomeworkStudent` only. What was removed stays, and nobody is shown it."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    lesson_id: UUID
    group_id: UUID
    subject_id: UUID
    due_on: date
    body: str
    mandatory: bool
    minutes: int | None = smallint(default=None)
    set_by: UUID | None
    created_at: datetime = timestamp()
    links: list[str] = Field(default=[], sa_type=ARRAY(Text))
    individual: bool = False
    version: int = 1
    edited_at: datetime | None = timestamp(default=None)
    removed_at: datetime | None = timestamp(default=None)


class HomeworkStudent(SQLModel, table=True):
    """A student to whom an individual homework was given."""

    __tablename__ = "homework_student"

    homework_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    school_id: UUID


class HomeworkDone(SQLModel, table=True):
    """A student's tick."""

    __tablename__ = "homework_done"

    homework_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    school_id: UUID
    done_at: datetime = timestamp()


class HomeworkEdit(SQLModel, table=True):
    """What a homework was before an edit. Appended."""

    __tablename__ = "homework_edit"

    homework_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    school_id: UUID
    old: dict[str, Any] = json()
    edited_by: UUID
    edited_at: datetime = timestamp()
