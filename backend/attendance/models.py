"""Who was not there (the teacher's fact), and what parents said of it beforehand (their notice)."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import smallint, timestamp


class AttendanceCheck(SQLModel, table=True):
    """The teacher has gone through the list: whoever has no code was present."""

    __tablename__ = "attendance_check"

    lesson_id: UUID = Field(primary_key=True)
    school_id: UUID
    checked_by: UUID
    checked_at: datetime = timestamp()


class AttendanceVersion(SQLModel, table=True):
    """A student's code in a lesson; the highest version counts."""

    __tablename__ = "attendance_version"

    lesson_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    school_id: UUID
    code: str
    minutes: int | None = smallint(default=None)
    set_by: UUID
    set_at: datetime = timestamp()


class AbsenceNotice(SQLModel, table=True):
    """A parent's word that a child will not come, with the reason, which is health data."""

    __tablename__ = "absence_notice"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    student_id: UUID
    filed_by: UUID
    first_day: date
    last_day: date
    reason: str
    comment: str | None = None
    created_at: datetime = timestamp()


class AbsenceNoticeDay(SQLModel, table=True):
    """A day that a notice covers: one notice a day, by the key."""

    __tablename__ = "absence_notice_day"

    student_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    notice_id: UUID
    school_id: UUID
