"""What is to be done by when."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import smallint, timestamp


class Homework(SQLModel, table=True):
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
