"""That a guardian has looked through a child's week."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import timestamp


class WeekSignature(SQLModel, table=True):
    """A guardian's signature under a child's week, which is named by its Monday. Each signs for themselves, once."""

    __tablename__ = "week_signature"

    student_id: UUID = Field(primary_key=True)
    week: date = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    school_id: UUID
    signed_at: datetime = timestamp()
