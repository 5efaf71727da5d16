"""Meetings of classes, of the school, of single families: who is invited, who comes, what is to be reminded of."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import smallint, timestamp


class Meeting(SQLModel, table=True):
    """`audience`: one class, several, the school, or the families of `meeting_student`. `class_id`: whose teacher leads
    it. `place` is empty where there is only a link."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    class_id: UUID | None = None
    audience: str = "class"
    called_by: UUID
    title: str
    agenda: str | None = None
    place: str
    link: str | None = None
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    created_at: datetime = timestamp()
    version: int = 1
    changed_at: datetime | None = timestamp(default=None)
    cancelled_at: datetime | None = timestamp(default=None)
    cancelled_by: UUID | None = None
    cancel_reason: str | None = None
    minutes: str | None = None
    minutes_by: UUID | None = None
    minutes_at: datetime | None = timestamp(default=None)


class MeetingClass(SQLModel, table=True):
    """One of several classes that a meeting is for."""

    __tablename__ = "meeting_class"

    meeting_id: UUID = Field(primary_key=True)
    class_id: UUID = Field(primary_key=True)
    school_id: UUID


class MeetingStudent(SQLModel, table=True):
    """A student whose family is invited by name."""

    __tablename__ = "meeting_student"

    meeting_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    school_id: UUID


class MeetingStaff(SQLModel, table=True):
    """A colleague who is invited."""

    __tablename__ = "meeting_staff"

    meeting_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    school_id: UUID


class MeetingAnswer(SQLModel, table=True):
    """What somebody has answered; the last word holds."""

    __tablename__ = "meeting_answer"

    meeting_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    school_id: UUID
    coming: bool
    answered_at: datetime = timestamp()


class MeetingReminder(SQLModel, table=True):
    """A reminder to come."""

    __tablename__ = "meeting_reminder"

    meeting_id: UUID = Field(primary_key=True)
    hours_before: int = smallint(primary_key=True)
    school_id: UUID
    due_at: datetime = timestamp()
