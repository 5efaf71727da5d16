"""Works given to groups, and the marks of students as append-only versions."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlmodel import Field, SQLModel

from push.columns import smallint, timestamp


class Work(SQLModel, table=True):
    """What was given: a control work, an answer at the board, homework ... with its type's weight."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    lesson_id: UUID
    group_id: UUID
    subject_id: UUID
    kind: str
    topic: str | None = None
    weight: Decimal = Field(sa_type=Numeric(4, 2))
    counted: bool
    day: date
    created_by: UUID
    created_at: datetime = timestamp()


class MarkVersion(SQLModel, table=True):
    """A student's result in a work. The highest version counts; `value` null means removed.

    The key carries optimistic locking: two writers of the same version cannot both succeed. `day` is the work's.
    """

    __tablename__ = "mark_version"

    work_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    slot: int = smallint(primary_key=True)
    version: int = Field(primary_key=True)
    school_id: UUID
    day: date
    value: str | None
    comment: str | None = None
    reason: str | None = None
    set_by: UUID
    set_at: datetime = timestamp()
