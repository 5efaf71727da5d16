"""Who writes to whom about which child, what was written, who does not want to hear it, and what was reported."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import json, timestamp


class MessageThread(SQLModel, table=True):
    """What an account of a child's family and a member of the staff write to each other about the child.

    `last_number` counts its messages; `family_read` and `staff_read` are the numbers up to which each side has read.
    """

    __tablename__ = "message_thread"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    student_id: UUID
    family_id: UUID
    staff_id: UUID
    created_at: datetime = timestamp()
    last_number: int = 0
    last_message_id: UUID | None = None
    family_read: int = 0
    staff_read: int = 0


class Message(SQLModel, table=True):
    """Never rewritten. One that was taken back has no text, and keeps its place."""

    id: UUID = Field(primary_key=True)
    thread_id: UUID
    number: int
    school_id: UUID
    author_id: UUID
    body: str | None
    urgent: bool
    written_at: datetime = timestamp()
    sent_at: datetime = timestamp()
    taken_back_at: datetime | None = timestamp(default=None)


class MessagePace(SQLModel, table=True):
    """How many messages somebody has sent in the hour that began with the first of them."""

    __tablename__ = "message_pace"

    account_id: UUID = Field(primary_key=True)
    since: datetime = timestamp()
    sent: int


class MessageMute(SQLModel, table=True):
    """Whose messages a person wants in the inbox only."""

    __tablename__ = "message_mute"

    account_id: UUID = Field(primary_key=True)
    muted_id: UUID = Field(primary_key=True)
    muted_at: datetime = timestamp()


class MessageReport(SQLModel, table=True):
    """A message that its reader has reported, with the text as it was then, and what the school's leaders made of it.

    `blocked_until`: the last day on which the author may not write to the reporter.
    """

    __tablename__ = "message_report"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    student_id: UUID
    message_id: UUID
    author_id: UUID
    body: str
    sent_at: datetime = timestamp()
    reported_by: UUID
    reported_at: datetime = timestamp()
    reason: str
    decision: str | None = None
    answer: str | None = None
    blocked_until: date | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = timestamp(default=None)


class OfficeHours(SQLModel, table=True):
    """When somebody of the staff wants to hear of messages, by the school's clock; without a row, always."""

    __tablename__ = "office_hours"

    account_id: UUID = Field(primary_key=True)
    school_id: UUID = Field(primary_key=True)
    hours: list[dict[str, Any]] = json()
