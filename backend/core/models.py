"""Tables that belong to no room."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import bigint, binary, timestamp


class Lease(SQLModel, table=True):
    """Who leads what until when, by the database's clock."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = timestamp()


class JobRun(SQLModel, table=True):
    """A job's run for one scheduled time: the row makes a second scheduler harmless."""

    __tablename__ = "job_run"

    job: str = Field(primary_key=True)
    scheduled_for: datetime = timestamp(primary_key=True)
    finished_at: datetime = timestamp()


class IdempotentAnswer(SQLModel, table=True):
    """What a POST with an Idempotency-Key answered, kept 7 days (DESIGN.md section 4)."""

    __tablename__ = "idempotent_answer"

    account_id: UUID = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: bytes = binary()
    answer: bytes | None = binary(default=None)
    created_at: datetime = timestamp()


class Version(SQLModel, table=True):
    """How often what is shown of a child, a group or a school has changed (core/versions.py)."""

    entity: UUID = Field(primary_key=True)
    number: int = bigint()
