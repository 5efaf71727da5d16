"""Credentials by which another journal writes for a school."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import binary, timestamp


class FeedCredential(SQLModel, table=True):
    """`roster_source` is the import whose ids rows may name; `digest` a keyed hash of the secret."""

    __tablename__ = "feed_credential"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    name: str
    roster_source: str
    digest: bytes = binary()
    made_by: UUID
    made_at: datetime = timestamp()
    last_used_at: datetime | None = timestamp(default=None)
    revoked_by: UUID | None = None
    revoked_at: datetime | None = timestamp(default=None)
