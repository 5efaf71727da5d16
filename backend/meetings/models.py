"""Meetings of a class's parents."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import timestamp


class Meeting(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    school_id: UUID
    class_id: UUID
    called_by: UUID
    title: str
    agenda: str | None = None
    place: str
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    created_at: datetime = timestamp()
