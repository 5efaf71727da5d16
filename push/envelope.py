"""A tray's revision and a device -> an FCM message. Encrypted where the device has a key, else neutral.

The format is described, with the reasons, in docs/envelope.md.
"""

import binascii
import hmac
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from firebase_admin import messaging

VERSION = "1"
BLOCK = 256
# FCM's limit for a payload is 4096 bytes; the rest is for platform blocks, base64 and names of fields.
SEALED_LIMIT = 2560


class Address(msgspec.Struct, frozen=True):
    """Where a message goes."""

    installation_id: UUID
    account_id: UUID
    platform: str
    target_kind: str
    target: str
    key_id: str | None
    key: bytes | None


class Cleared(msgspec.Struct, array_like=True, frozen=True):
    """An item that is to leave the screen unless it is of a higher revision by now."""

    tag: str
    revision: int


class Content(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True, frozen=True):
    """What the app finds inside an opened envelope. `account_id`: whom it is for, where several share a device."""

    account_id: UUID
    alert_ids: list[UUID]
    revision: int
    issued_at: datetime
    lifetime_seconds: int
    kind: str = ""
    child_id: UUID | None = None
    channel: str = ""
    target: dict[str, object] = {}
    title: str = ""
    body: str = ""
    quiet: bool = False
    cleared: list[Cleared] = []
    unread: int | None = None

    @property
    def shows(self) -> bool:
        """Whether it draws an item; else it only takes others away."""
        return bool(self.alert_ids)


class Neutral(msgspec.Struct, frozen=True):
    """The text that names nobody."""

    title: str
    body: str


class Envelopes:
    """Seals contents for devices.

    Args:
        tag_key: keys the tags on the wire, so that they tell nothing.
        clock: for expiry headers.
    """

    def __init__(self, tag_key: bytes, clock: Callable[[], datetime]) -> None:
        self._keyed = hmac.new(tag_key, digestmod="sha256")
        self._clock = clock

    def tag(self, installation_id: UUID, account_id: UUID, thread: str) -> str:
        """Names the item on the screen: the same tag replaces it. An HMAC, for threads name children."""
        named = self._keyed.copy()
        named.update(installation_id.bytes + account_id.bytes + thread.encode())
        return urlsafe(named.digest()[:16]).decode()

    def build(self, address: Address, thread: str, content: Content, neutral: Neutral) -> bytes:
        """The body of `messages:send`, as firebase-admin validates and encodes it.

        Raises:
            ValueError: firebase-admin refuses the message.
        """
        tag = self.tag(address.installation_id, address.account_id, thread)
        expiration = str(int(self._clock().timestamp()) + content.lifetime_seconds)
        shape = Shape(address.platform, address.target_kind, content.shows, content.quiet, neutral)
        if address.key is None or address.key_id is None:
            data = {"v": VERSION, "t": tag} | _neutral_data(content, neutral)
            return encode(shape, data, address.target, content.lifetime_seconds, expiration, content.unread)
        nonce, sealed = seal(address.key, address.key_id, tag, content)
        return _template(shape) % {
            b"t": tag.encode(), b"k": address.key_id.encode(), b"n": nonce, b"c": sealed,
            b"target": address.target.encode(), b"expiration": expiration.encode(),
            b"lifetime": b"%d" % content.lifetime_seconds,
        }  # fmt: skip


class Shape(msgspec.Struct, frozen=True):
    """What makes the messages of two sendings alike but for their values."""

    platform: str
    target_kind: str
    shows: bool
    quiet: bool
    neutral: Neutral


def encode(
    shape: Shape, data: dict[str, str], target: str, lifetime: int, expiration: str, badge: int | None = None
) -> bytes:
    """A message by firebase-admin: validated, and in the JSON of FCM.

    Args:
        data: with the tag as `t`.
        lifetime: seconds.
        expiration: for APNs, seconds since 1970.
    """
    message = messaging.Message(data=data)
    if shape.platform == "android":
        # High priority that shows nothing costs the app its standing with the system.
        priority = "high" if shape.shows else "normal"
        message.android = messaging.AndroidConfig(priority=priority, ttl=timedelta(seconds=lifetime))
    elif shape.platform == "ios":
        message.apns = _apns(shape, data["t"], expiration, badge)
    else:
        urgency = "high" if shape.shows and not shape.quiet else "normal"
        message.webpush = messaging.WebpushConfig(headers={"TTL": str(lifetime), "Urgency": urgency})
    # Set afterwards: passing `token` to the constructor warns, although FCM still takes it.
    setattr(message, shape.target_kind, target)
    return b'{"message":' + str(message).encode() + b"}"


# Values that stand where a message's own will be: none needs escaping in JSON, and neither do those that
# replace them (base64, decimals, and targets and key ids, whose letters schemas/push.py limits).
_SLOTS = {name: f"<{name}>" for name in ("t", "k", "n", "c", "target", "expiration")}
_SLOT_LIFETIME = 1_234_567


@lru_cache(maxsize=256)
def _template(shape: Shape) -> bytes:
    """The sealed message of a shape, encoded once: 40 us less for each message (docs/decisions/0012)."""
    data = {"v": VERSION} | {name: _SLOTS[name] for name in ("t", "k", "n", "c")}
    encoded = encode(shape, data, _SLOTS["target"], _SLOT_LIFETIME, _SLOTS["expiration"]).decode()
    encoded = encoded.replace("%", "%%").replace(str(_SLOT_LIFETIME), "%(lifetime)s")
    for name, slot in _SLOTS.items():
        encoded = encoded.replace(slot, f"%({name})s")
    return encoded.encode()


def seal(key: bytes, key_id: str, tag: str, content: Content) -> tuple[bytes, bytes]:
    """The nonce and the sealed content, as they stand on the wire.

    AES-256-GCM; the associated data binds version, key and tag; padded so that lengths tell little.
    """
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, _padded(content), f"{VERSION}|{key_id}|{tag}".encode())
    return urlsafe(nonce), urlsafe(sealed)


def _neutral_data(content: Content, neutral: Neutral) -> dict[str, str]:
    data = {"r": str(content.revision)}
    if content.shows:
        data |= {"title": neutral.title, "body": neutral.body, "a": str(content.alert_ids[-1])}
    if content.quiet:
        data["q"] = "1"
    if content.cleared:
        data["x"] = msgspec.json.encode(content.cleared).decode()
    return data


def _apns(shape: Shape, tag: str, expiration: str, badge: int | None) -> messaging.APNSConfig:
    headers = {"apns-expiration": expiration}
    if not shape.shows:
        headers |= {"apns-push-type": "background", "apns-priority": "5"}
        return messaging.APNSConfig(
            headers=headers, payload=messaging.APNSPayload(messaging.Aps(content_available=True))
        )
    headers |= {"apns-push-type": "alert", "apns-priority": "10", "apns-collapse-id": tag}
    aps = messaging.Aps(
        alert=messaging.ApsAlert(title=shape.neutral.title, body=shape.neutral.body),
        mutable_content=True,
        thread_id=tag,
        badge=badge,
        sound=None if shape.quiet else "default",
        custom_data={"interruption-level": "passive" if shape.quiet else "active"},
    )
    return messaging.APNSConfig(headers=headers, payload=messaging.APNSPayload(aps))


def _padded(content: Content) -> bytes:
    """JSON, filled with spaces (which JSON ignores) to a multiple of 256 bytes, never over the limit."""
    clear = msgspec.json.encode(content)
    while len(clear) > SEALED_LIMIT:
        content = _shorter(content, len(clear) - SEALED_LIMIT)
        clear = msgspec.json.encode(content)
    return clear + b" " * (-len(clear) % BLOCK)


def _shorter(content: Content, excess: int) -> Content:
    """Drops the oldest alert ids first, then characters (never parts of one) of the text."""
    if len(content.alert_ids) > 10:
        return msgspec.structs.replace(content, alert_ids=content.alert_ids[-10:])
    # A character is at most 4 bytes, or 12 escaped; cut what surely suffices in few steps.
    if len(content.body) > 1:
        kept = max(len(content.body) - max(excess // 4, 1) - 1, 0)
        return msgspec.structs.replace(content, body=content.body[:kept] + "…")
    return msgspec.structs.replace(content, title=content.title[: len(content.title) // 2], target={})


_URLSAFE = bytes.maketrans(b"+/", b"-_")


def urlsafe(value: bytes) -> bytes:
    """Base64 for URLs, without padding (RFC 4648 section 5)."""
    return binascii.b2a_base64(value, newline=False).translate(_URLSAFE, b"=")
