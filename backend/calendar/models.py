"""Calendars that somebody subscribes to."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import binary, timestamp


class CalendarFeed(SQLModel, table=True):
    """`child_id`: of one child; else of everything that is the account's own. `digest`: a keyed hash of the secret."""

    __tablename__ = "calendar_feed"

    id: UUID = Field(primary_key=True)
    account_id: UUID
    child_id: UUID | None = None
    digest: bytes = binary()
    made_at: datetime = timestamp()
    last_read_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)
