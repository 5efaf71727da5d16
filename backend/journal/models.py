"""Works given to groups, marks and finals as append-only versions, and what surrounds them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlmodel import Field, SQLModel

from push.columns import bigint, binary, smallint, timestamp


class Work(SQLModel, table=True):
    """What was given: a control work, an answer at the board, homework ... with its type's weight.

    `publish_at`: its marks show and alert from then on. Without `created_by` it came by the feed of another journal.
    """

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
    created_by: UUID | None
    created_at: datetime = timestamp()
    publish_at: datetime | None = timestamp(default=None)


class MarkVersion(SQLModel, table=True):
    """A student's result in a work. The highest version counts; `value` null means removed.

    The key carries optimistic locking: two writers of the same version cannot both succeed. `slot` numbers several
    marks in one work, `day` is the work's, `due_on` a dot's term; without `set_by` it was the system. Salt, digest and
    link are the database's (migration 0004).
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
    set_by: UUID | None
    set_at: datetime = timestamp()
    due_on: date | None = None
    visible_from: datetime = timestamp()
    salt: bytes = binary()
    digest: bytes = binary()
    link: int = bigint()


class MarkDue(SQLModel, table=True):
    """A mark that families have not been told of yet; `told` is what they knew before."""

    __tablename__ = "mark_due"

    work_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    slot: int = smallint(primary_key=True)
    school_id: UUID
    told: str | None
    told_due_on: date | None
    due_at: datetime = timestamp()


class CorrectionRequest(SQLModel, table=True):
    """A correction after the window: the deputy decides."""

    __tablename__ = "correction_request"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    work_id: UUID
    student_id: UUID
    slot: int = smallint()
    version: int
    value: str | None
    comment: str | None
    due_on: date | None
    reason: str
    asked_by: UUID
    asked_at: datetime = timestamp()
    decided_by: UUID | None = None
    decided_at: datetime | None = timestamp(default=None)
    approved: bool | None = None
    answer: str | None = None


class JournalSetting(SQLModel, table=True):
    """How a school keeps its journal; without a row, by the defaults of `rules.py`."""

    __tablename__ = "journal_setting"

    school_id: UUID = Field(primary_key=True)
    mark_delay_minutes: int = smallint()
    rating_shown: bool


class WorkWeight(SQLModel, table=True):
    """What a type of work counts at a school."""

    __tablename__ = "work_weight"

    school_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    weight: Decimal = Field(sa_type=Numeric(4, 2))


class PeriodClosing(SQLModel, table=True):
    """That a period was closed for a class, or opened again; the newest counts."""

    __tablename__ = "period_closing"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    period_id: UUID
    class_id: UUID
    closed: bool
    reason: str | None
    made_by: UUID
    made_at: datetime = timestamp()


class FinalVersion(SQLModel, table=True):
    """A final of a period (`scope_id` is the period) or of a year. The highest version counts."""

    __tablename__ = "final_version"

    student_id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    scope_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    school_id: UUID
    value: str | None
    comment: str | None
    reason: str | None
    set_by: UUID
    set_at: datetime = timestamp()


class Remark(SQLModel, table=True):
    """A remark or praise; it can be taken back, not rewritten."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    student_id: UUID
    lesson_id: UUID | None
    day: date
    kind: str
    body: str
    author_id: UUID
    given_at: datetime = timestamp()
    taken_back_by: UUID | None = None
    taken_back_at: datetime | None = timestamp(default=None)


class RemarkAnswer(SQLModel, table=True):
    """That a guardian has seen a remark, and what they answered, which is said once."""

    __tablename__ = "remark_answer"

    remark_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    school_id: UUID
    acknowledged_at: datetime = timestamp()
    body: str | None = None
    answered_at: datetime | None = timestamp(default=None)


class BehaviourVersion(SQLModel, table=True):
    """A student's behaviour in a week, named by its Monday. The highest version counts."""

    __tablename__ = "behaviour_version"

    student_id: UUID = Field(primary_key=True)
    week: date = Field(primary_key=True)
    version: int = Field(primary_key=True)
    school_id: UUID
    value: str | None
    comment: str | None
    set_by: UUID
    set_at: datetime = timestamp()


class JournalHead(SQLModel, table=True):
    """The newest link of a school's chain."""

    __tablename__ = "journal_head"

    school_id: UUID = Field(primary_key=True)
    link: int = bigint()
    hash: bytes = binary()


class JournalLink(SQLModel, table=True):
    """One statement's marks in a school's chain."""

    __tablename__ = "journal_link"

    school_id: UUID = Field(primary_key=True)
    link: int = bigint(primary_key=True)
    hash: bytes = binary()
    made_at: datetime = timestamp()


class JournalLeaf(SQLModel, table=True):
    """One mark in a link, as a salted hash that stays when the mark is destroyed."""

    __tablename__ = "journal_leaf"

    school_id: UUID = Field(primary_key=True)
    link: int = bigint(primary_key=True)
    digest: bytes = binary(primary_key=True)
    destroyed_at: datetime | None = timestamp(default=None)
