"""The tables of the push engine (docs/architecture.md tells the way of an alert through them)."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import binary, json, timestamp, uuids


class Recipient(SQLModel, table=True):
    """What delivery must know of a person: language, quiet hours, when a summary comes, and rules of preference
    (`[{"child": id | null, "kind": name | null, "mode": "instant" | "summary" | "feed"}]`)."""

    account_id: UUID = Field(primary_key=True)
    language: str
    quiet_from: time = time(21)
    quiet_until: time = time(7)
    summary_at: time = time(18)
    rules: list[dict[str, Any]] = json(default=[])


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
    key_print: bytes | None = binary(default=None)


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
    timezone: str
    silent_until: datetime | None = timestamp(default=None)
    feed_only: bool = False


class AlertRead(SQLModel, table=True):
    __tablename__ = "alert_read"

    account_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    read_at: datetime = timestamp()
    recorded_at: datetime = timestamp(default=None)


class AlertWithdrawn(SQLModel, table=True):
    __tablename__ = "alert_withdrawn"

    alert_id: UUID = Field(primary_key=True)
    account_id: UUID
    withdrawn_at: datetime = timestamp()
    recorded_at: datetime = timestamp(default=None)


class AlertSeen(SQLModel, table=True):
    """What the app says of an alert on one device: it has come, and the person has opened it."""

    __tablename__ = "alert_seen"

    alert_id: UUID = Field(primary_key=True)
    installation_id: UUID = Field(primary_key=True)
    account_id: UUID
    received_at: datetime = timestamp()
    opened_at: datetime | None = timestamp(default=None)


class Broadcast(SQLModel, table=True):
    """One alert for more people than one transaction should write, 5,000 of them. A worker expands it in chunks."""

    id: UUID = Field(primary_key=True)
    alert: dict[str, Any] = json()
    thread: str
    entity: str
    accounts: list[UUID] = uuids()
    children: list[UUID] = uuids()
    done: int = 0


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
    sent_at: datetime | None = timestamp(default=None)
    maybe_shown: bool = False


class SummaryItem(SQLModel, table=True):
    """An alert that a device hears of in its summary, not in the alert's own thread."""

    __tablename__ = "summary_item"

    installation_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    thread: str
    due_at: datetime = timestamp()


class Clearing(SQLModel, table=True):
    """An item that hangs on a screen and should not. Leaves when a message has carried the news."""

    installation_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    thread: str = Field(primary_key=True)
    revision: int


class Dispatch(SQLModel, table=True):
    """The other side of the ledger: to how many devices an alert was fanned out."""

    alert_id: UUID = Field(primary_key=True)
    devices: int
    dispatched_at: datetime = timestamp()


class PushWorker(SQLModel, table=True):
    """A worker that lives, as its heartbeat says."""

    __tablename__ = "push_worker"

    name: str = Field(primary_key=True)
    started_at: datetime = timestamp(default=None)
    seen_at: datetime = timestamp(default=None)


class PushPause(SQLModel, table=True):
    """FCM asked for patience, for the project or one platform. Every worker obeys."""

    __tablename__ = "push_pause"

    scope: str = Field(primary_key=True)
    until: datetime = timestamp()
    code: str


class DevicePace(SQLModel, table=True):
    """How much an Android device has been sent lately, and a pause that FCM asked for it alone."""

    __tablename__ = "device_pace"

    installation_id: UUID = Field(primary_key=True)
    short_start: datetime = timestamp()
    short_count: int
    long_start: datetime = timestamp()
    long_count: int
    paused_until: datetime | None = timestamp(default=None)


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
