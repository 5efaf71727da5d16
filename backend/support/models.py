"""Requests to support, and what was written about them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import timestamp


class SupportRequest(SQLModel, table=True):
    """A request as it stands. Without an account it is of somebody who could not sign in."""

    __tablename__ = "support_request"

    id: UUID = Field(primary_key=True)
    number: str
    account_id: UUID | None = None
    school_id: UUID | None = None
    handler: str
    kind: str
    subject: str
    email: str | None = None
    email_confirmed_at: datetime | None = timestamp(default=None)
    phone: str | None = None
    app_version: str | None = None
    platform: str | None = None
    language: str
    state: str = "new"
    version: int = 1
    created_at: datetime = timestamp()
    changed_at: datetime = timestamp()


class SupportChange(SQLModel, table=True):
    """Something that was written, and the state from then on; appended."""

    __tablename__ = "support_change"

    id: UUID = Field(primary_key=True)
    request_id: UUID
    side: str
    state: str
    body: str | None = None
    made_by: UUID | None = None
    made_at: datetime = timestamp()
