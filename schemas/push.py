"""Devices and the inbox."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Output


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
    value: Annotated[str, Meta(min_length=43, max_length=44, examples=["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="])]
    expires_at: datetime


class RegisterDevice(Input):
    platform: Literal["android", "ios", "web"]
    app_version: Annotated[str, Meta(min_length=1, max_length=40, examples=["1.0.3"])]
    locale: Annotated[str, Meta(min_length=2, max_length=35, examples=["ru-RU"])]
    timezone: Annotated[str, Meta(min_length=1, max_length=64, examples=["Europe/Moscow"])]
    permission: Literal["granted", "denied", "unknown"]
    target: Target | None = None
    key: DeviceKey | None = None


class Device(Output):
    installation_id: UUID
    platform: str
    app_version: str
    permission: str
    reachable: bool
    encrypted: bool


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


class MarkRead(Input):
    alert_ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]


class Unread(Output):
    unread: int
