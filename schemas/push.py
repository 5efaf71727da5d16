"""Devices and the inbox."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, field

from schemas.base import ClockTime, Input, Moment, Output, Text


class Target(Input):
    """Where FCM reaches the app: a registration token, or a Firebase installation id."""

    kind: Literal["token", "fid"]
    value: Annotated[
        str,
        Meta(
            min_length=10,
            max_length=2048,
            examples=["bk3RNwTe3H0:APA91bHun4MxP5egoKMwt2KZFBaFUH"],
            pattern=r"^[A-Za-z0-9_:.-]+$(?!\n)",
        ),
    ]


class DeviceKey(Input):
    """A key that the app made for itself: 32 bytes in base64. What we send is sealed with it."""

    id: Annotated[str, Meta(min_length=1, max_length=40, examples=["k1"], pattern=r"^[A-Za-z0-9_-]+$(?!\n)")]
    value: Annotated[
        Text, Meta(min_length=43, max_length=44, examples=["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="])
    ]
    expires_at: Moment


class RegisterDevice(Input):
    platform: Literal["android", "ios", "web"]
    app_version: Annotated[Text, Meta(min_length=1, max_length=40, examples=["1.0.3"])]
    locale: Annotated[Text, Meta(min_length=2, max_length=35, examples=["ru-RU"])]
    timezone: Annotated[Text, Meta(min_length=1, max_length=64, examples=["Europe/Moscow"])]
    permission: Literal["granted", "denied", "unknown"]
    target: Target | None = None
    key: DeviceKey | None = None


class Device(Output):
    """`last_seen_at`: when its app registered last. `lost`: why pushes do not reach it, where FCM said so."""

    installation_id: UUID
    platform: str
    app_version: str
    permission: str
    reachable: bool
    encrypted: bool
    last_seen_at: datetime
    lost: str | None


class Devices(Output):
    items: list[Device]


class InboxAlert(Output):
    """An alert as the app's feed shows it. `target` is the deep link."""

    id: UUID
    kind: str
    child_id: UUID | None
    title: str
    text: str
    body: dict[str, Any]
    target: dict[str, Any]
    occurred_at: datetime
    read: bool
    withdrawn: bool


class Inbox(Output):
    """Newest first. `next` is the cursor of the following page, null at the end."""

    items: list[InboxAlert]
    next: str | None


AlertIds = Annotated[list[UUID], Meta(max_length=200)]


class MarkRead(Input):
    alert_ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]


class MarkAllRead(Input):
    """Of one child, or of all. `until`: the newest alert that the screen showed; later ones stay unread."""

    until: UUID
    child_id: UUID | None = None


class UnreadOfChild(Output):
    """`child_id` null: what is about no child."""

    child_id: UUID | None
    unread: int


class Unread(Output):
    unread: int
    by_child: list[UnreadOfChild]


class Changes(Output):
    """What changed since a cursor: new alerts, and older ones that were read or withdrawn.

    Clients upsert by id; some come twice. An alert about a child who is not in `children` is to be removed.
    `more`: ask again at once, with `next`.
    """

    items: list[InboxAlert]
    next: str
    more: bool
    children: list[UUID]
    unread: Unread


class Acknowledge(Input):
    """What reached the app, and what the person opened. Opening counts as reading."""

    installation_id: UUID
    received: AlertIds = []
    opened: AlertIds = []


class QuietHours(Input):
    """From and until, by the clock of the school. From 21:00 until 07:00 where nothing is chosen."""

    from_: Annotated[ClockTime, Meta(examples=["21:00:00"])] = field(name="from")
    until: Annotated[ClockTime, Meta(examples=["07:00:00"])]


class PreferenceRule(Input):
    """How alerts come: at once, in the daily summary, or in the feed only. Null stands for every child or kind.

    A rule of a child counts more than one of a kind, and one of both counts most.
    """

    mode: Literal["instant", "summary", "feed"]
    child_id: UUID | None = None
    kind: Annotated[Text, Meta(min_length=1, max_length=60, examples=["mark-set"])] | None = None


class Preferences(Input):
    """How a person wants to be told. Urgent alerts pass quiet hours, but not a rule.

    `summary_at`: when the summary comes. `quiet_hours` null: none.
    """

    quiet_hours: QuietHours | None
    summary_at: Annotated[ClockTime, Meta(examples=["18:00:00"])]
    rules: Annotated[list[PreferenceRule], Meta(max_length=200)]
