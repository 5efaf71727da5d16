"""Lessons on dates."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import smallint, timestamp


class Lesson(SQLModel, table=True):
    """One lesson of one group on one day."""

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
