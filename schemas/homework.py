"""Homework."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.base import Input, Link, LongText, Output
from schemas.files import AttachedFile, FileIds

Minutes = Annotated[int, Meta(ge=1, le=600)]
Links = Annotated[list[Link], Meta(max_length=10)]
Students = Annotated[list[UUID], Meta(min_length=1, max_length=200)]


class GiveHomework(Input):
    """For the lesson's group, or for `students` of it. `minutes`: how long it should take."""

    due_on: date
    text: LongText
    mandatory: bool = True
    minutes: Minutes | None = None
    links: Links = []
    files: FileIds = []
    students: Students | None = None


class ChangeHomework(Input):
    """What is left out stays. `version`: the one that was edited."""

    version: int
    due_on: date | UnsetType = UNSET
    text: LongText | UnsetType = UNSET
    mandatory: bool | UnsetType = UNSET
    minutes: Minutes | UnsetType | None = UNSET
    links: Links | UnsetType = UNSET
    files: FileIds | UnsetType = UNSET


class Homework(Output):
    """As its teacher sees it. `students` null: for the whole group. `done`: how many have ticked it."""

    id: UUID
    lesson_id: UUID
    due_on: date
    text: str
    mandatory: bool
    minutes: int | None
    links: list[str]
    files: list[AttachedFile]
    students: list[UUID] | None
    done: int
    version: int
    created_at: datetime
    edited_at: datetime | None


class ChildHomework(Output):
    """As the family sees it. `individual`: given to single students, this one among them. `editedAt`: of the last
    edit. `done`: the student has ticked it, which is no grade."""

    id: UUID
    subject_id: UUID
    subject: str
    due_on: date
    text: str
    mandatory: bool
    minutes: int | None
    links: list[str]
    files: list[AttachedFile]
    individual: bool
    done: bool
    created_at: datetime
    edited_at: datetime | None


class ChildHomeworkList(Output):
    first_day: date
    last_day: date
    items: list[ChildHomework]


class TickHomework(Input):
    done: bool
