"""Homework."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, LongText, Output


class GiveHomework(Input):
    due_on: date
    text: LongText
    mandatory: bool = True
    minutes: Annotated[int, Meta(ge=1, le=600)] | None = None


class Homework(Output):
    id: UUID
    lesson_id: UUID
    due_on: date
    text: str
    mandatory: bool
    minutes: int | None
    created_at: datetime
