"""The tables of the push engine (docs/architecture.md tells the way of an alert through them)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import binary, json, timestamp, uuids


class Recipient(SQLModel, table=True):
    """What delivery must know of a person: the language. Written by whoever composes the engine."""

    account_id: UUID = Field(primary_key=True)
    language: str


class Installation(SQLModel, table=True):
    """The app on one device: where FCM reaches it, and the key that only it can open."""

    id: UUID = Field(primary_key=True)
    platform: str
    app_version: str
    locale: str
    timezone: str
    permission: str
    target_kind: str | None
    target: str | None
    registered_at: datetime = timestamp()
    target_lost: str | None = None
    key_id: str | None = None
    key_wrapped: bytes | None = binary(default=None)
    key_expires_at: datetime | None = timestamp(default=None)


class InstallationAccount(SQLModel, table=True):
    """Who is signed in on an installation, by which session: when that ends, so does this."""

    __tablename__ = "installation_account"

    account_id: UUID = Field(primary_key=True)
    installation_id: UUID = Field(primary_key=True)
    session_id: UUID
    added_at: datetime = timestamp()


class Alert(SQLModel, table=True):
    """The inbox row of one recipient. Appended, never rewritten."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    account_id: UUID
    child_id: UUID | None
    kind: str
    entity: str
    body: dict[str, Any] = json()
    target: dict[str, Any] = json()
    thread: str
    lane: str
    occurred_at: datetime = timestamp()
    expires_at: datetime = timestamp()


class AlertRead(SQLModel, table=True):
    __tablename__ = "alert_read"

    account_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    read_at: datetime = timestamp()


class AlertWithdrawn(SQLModel, table=True):
    __tablename__ = "alert_withdrawn"

    alert_id: UUID = Field(primary_key=True)
    withdrawn_at: datetime = timestamp()


class Fanout(SQLModel, table=True):
    """A queue: one row per alert to deliver, or per thread whose trays must be looked at again
    (`alert_id` null). Rows leave by DELETE."""

    id: int | None = Field(default=None, primary_key=True)
    alert_id: UUID | None
    account_id: UUID
    thread: str
    lane: str


class Tray(SQLModel, table=True):
    """What a person sees as one item on one screen. It is due while `due_at` is set."""

    installation_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    thread: str = Field(primary_key=True)
    lane: str
    wanted: int
    sent: int = 0
    pending: list[UUID] = uuids()
    digest: bytes | None = binary(default=None)
    due_at: datetime | None = timestamp(default=None)
    waiting_since: datetime | None = timestamp(default=None)
    attempt: int = 0
    loud_at: datetime | None = timestamp(default=None)
    lease_by: str | None = None
    lease_until: datetime | None = timestamp(default=None)


class Delivery(SQLModel, table=True):
    """The one end of one alert on one device. Appended."""

    alert_id: UUID = Field(primary_key=True)
    installation_id: UUID = Field(primary_key=True)
    account_id: UUID
    outcome: str
    revision: int
    message_name: str | None
    code: str | None
    settled_at: datetime = timestamp()
