"""Who was not there (the teacher's fact), and what parents said of it beforehand (their notice)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger
from sqlmodel import Field, SQLModel

from push.columns import smallint, timestamp


class AttendanceCheck(SQLModel, table=True):
    """The teacher has gone through the list: whoever has no code was present."""

    __tablename__ = "attendance_check"

    lesson_id: UUID = Field(primary_key=True)
    school_id: UUID
    checked_by: UUID | None
    checked_at: datetime = timestamp()


class AttendanceVersion(SQLModel, table=True):
    """A student's code in a lesson, the teacher's fact; the highest version counts.

    `symbol` is as the school writes it, `counts` whether it counts as a missed lesson, `visible_from` when families
    see it. Without `set_by` it came by the feed of another journal.
    """

    __tablename__ = "attendance_version"

    lesson_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    school_id: UUID
    code: str
    minutes: int | None = smallint(default=None)
    set_by: UUID | None
    set_at: datetime = timestamp()
    symbol: str | None = None
    counts: bool = True
    visible_from: datetime = timestamp()


class AttendanceDue(SQLModel, table=True):
    """A code that families have not been told of yet; `told` is what they knew before."""

    __tablename__ = "attendance_due"

    lesson_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    school_id: UUID
    told: str | None
    due_at: datetime = timestamp()


class ExcuseVersion(SQLModel, table=True):
    """Why a child was not there, apart from the fact; the newest of a day counts. `lessons` null: the whole day."""

    __tablename__ = "excuse_version"

    student_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    version: int = Field(primary_key=True)
    school_id: UUID
    state: str | None
    lessons: list[int] | None = Field(default=None, sa_type=ARRAY(SmallInteger))
    reason: str | None = None
    comment: str | None = None
    set_by: UUID
    set_at: datetime = timestamp()


class AttendanceSetting(SQLModel, table=True):
    """How long a slip may be put right before families hear of it, and how far back and ahead a notice may begin;
    without a row, by these defaults."""

    __tablename__ = "attendance_setting"

    school_id: UUID = Field(primary_key=True)
    delay_minutes: int = smallint(default=5)
    notice_days_back: int = smallint(default=3)
    notice_days_ahead: int = smallint(default=60)


class AttendanceSymbol(SQLModel, table=True):
    """How a school writes what happened; without rows, by the defaults of `rules.py`."""

    __tablename__ = "attendance_symbol"

    school_id: UUID = Field(primary_key=True)
    symbol: str = Field(primary_key=True)
    code: str
    name: str
    counts: bool
    position: int = smallint()


class AbsenceNotice(SQLModel, table=True):
    """A parent's word that a child will not come, with the reason, which is health data.

    `lessons` null: whole days. `answer` is the school's, where it declined.
    """

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
    lessons: list[int] | None = Field(default=None, sa_type=ARRAY(SmallInteger))
    state: str = "filed"
    answer: str | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = timestamp(default=None)


class AbsenceNoticeDay(SQLModel, table=True):
    """A day, or some of its lessons, that a notice covers; no lesson is covered twice, by a constraint."""

    __tablename__ = "absence_notice_day"

    student_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    notice_id: UUID = Field(primary_key=True)
    school_id: UUID
    lessons: list[int] | None = Field(default=None, sa_type=ARRAY(SmallInteger))


class AbsenceNoticeChange(SQLModel, table=True):
    """What became of a notice, step by step. Appended."""

    __tablename__ = "absence_notice_change"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    notice_id: UUID
    change: str
    last_day: date
    made_by: UUID
    made_at: datetime = timestamp()
