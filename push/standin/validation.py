"""What FCM accepts as a message, and how it words its refusals.

Source: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages and ErrorCode, google.rpc.BadRequest,
and for the headers and the size of APNs https://developer.apple.com/documentation/usernotifications.
"""

import json
import re
from typing import Any

from push.standin.condition import BadCondition, parse_condition
from push.standin.errors import FCM_ERROR, apns_error, bad_request, status_error
from push.standin.messages import Response
from push.standin.schema import ENVELOPE, Violations, read

# Keys and values in UTF-8, in bytes.
MAX_PAYLOAD = 4096
MAX_TOPIC_PAYLOAD = 2048
MAX_COLLAPSE_ID = 64
MAX_TTL_SECONDS = 28 * 86_400
TARGETS = ("token", "fid", "topic", "condition")
TOPIC = re.compile(r"[a-zA-Z0-9-_.~%]{1,900}")
# Google publishes no grammar of either; these are the letters that tokens and installation ids are made of.
_TOKEN = re.compile(r"[A-Za-z0-9_:.-]{20,4096}")
_FID = re.compile(r"[A-Za-z0-9_-]{20,200}")
# The reference of the message and that of the error codes differ; this is what either forbids.
_RESERVED_DATA = re.compile(r"from|message_type|gcm|gcm\..*|google.*")
_LABEL = re.compile(r"[a-zA-Z0-9-_.~%]{1,50}")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_APNS_HEADERS = {
    "apns-priority": (re.compile(r"1|5|10"), "BadPriority"),
    "apns-expiration": (re.compile(r"\d{1,12}"), "BadExpirationDate"),
    "apns-push-type": (
        re.compile(r"alert|background|location|voip|complication|fileprovider|mdm|liveactivity|pushtotalk|widgets"),
        "InvalidPushType",
    ),
}
_WEBPUSH_HEADERS = {"ttl": re.compile(r"\d{1,9}"), "urgency": re.compile(r"very-low|low|normal|high")}


class Refused(Exception):
    """A 400 INVALID_ARGUMENT.

    Attributes:
        violations: (field, description).
        details: what goes with the violations, as google.rpc details. An unreadable body has none; a message that was
            read and is not acceptable has an FcmError.
    """

    def __init__(self, violations: Violations, details: tuple[dict[str, object], ...] = ()) -> None:
        self.violations = violations
        self.details = details
        super().__init__("\n".join(description for _, description in violations))

    def response(self) -> Response:
        details = [*self.details, bad_request(self.violations)]
        return status_error(400, "INVALID_ARGUMENT", str(self), details)


def check_message(envelope: Any) -> dict[str, Any]:
    """Returns the message of a decoded `messages:send` body, its fields in snake_case.

    Raises:
        Refused: as FCM would: every field that cannot be read, else the first thing that is not acceptable.
    """
    return check_envelope(envelope)["message"]  # type: ignore[no-any-return]


def check_envelope(envelope: Any) -> dict[str, Any]:
    """The same for the whole body: `message`, and `validate_only` where it was given.

    Raises:
        Refused: see `check_message`.
    """
    if not isinstance(envelope, dict):
        raise Refused([("", "Invalid JSON payload received. Unexpected token. Root element must be a message.")])
    found: Violations = []
    known = read(ENVELOPE, envelope, "", found)
    message = known.get("message")
    if isinstance(message, dict):
        targets = [name for name in TARGETS if name in message]
        for other in targets[1:]:
            what = f"oneof field 'target' is already set. Cannot set '{other}'"
            found.append(("message", f"Invalid value at 'message' (oneof), {what}"))
    if found:
        raise Refused(found)
    if not message:
        raise _refuse("message", "Request must contain a message" if message is None else _NO_TARGET)
    _check_target(message)
    _check_data(message)
    _check_android(message)
    _check_apns(message)
    _check_webpush(message)
    _check_sizes(message)
    return known


_NO_TARGET = "Recipient of the message is not set."


def _refuse(field: str, description: str, *more: dict[str, object]) -> Refused:
    return Refused([(field, description)], (FCM_ERROR | {"errorCode": "INVALID_ARGUMENT"}, *more))


def _check_target(message: dict[str, Any]) -> None:
    kind = next((name for name in TARGETS if message.get(name)), None)
    if kind is None:
        raise _refuse("message", _NO_TARGET)
    target = message[kind]
    if kind == "token" and not _TOKEN.fullmatch(target):
        raise _refuse("message.token", "The registration token is not a valid FCM registration token")
    if kind == "fid" and not _FID.fullmatch(target):
        raise _refuse("message.fid", "The Firebase installation ID is not a valid FCM registration")
    if kind == "topic" and not TOPIC.fullmatch(target):
        raise _refuse("message.topic", f"Malformed topic name: {target[:100]}")
    if kind == "condition":
        try:
            parse_condition(target)
        except BadCondition as bad:
            raise _refuse("message.condition", f"Invalid condition expression provided: {bad}") from None


def _blocks(message: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The message and its blocks for platforms, by their paths."""
    names = ("android", "android_v2", "apns", "webpush")
    return [("message", message), *((f"message.{name}", message[name]) for name in names if name in message)]


def _check_data(message: dict[str, Any]) -> None:
    for path, block in _blocks(message):
        for key in block.get("data", {}):
            if _RESERVED_DATA.fullmatch(key):
                raise _refuse(f"{path}.data", f"Invalid data payload key: {key}")
        label = block.get("fcm_options", {}).get("analytics_label")
        if label and not _LABEL.fullmatch(label):
            raise _refuse(f"{path}.fcm_options.analytics_label", "Invalid analytics label")


def _check_android(message: dict[str, Any]) -> None:
    for name in ("android", "android_v2"):
        block = message.get(name, {})
        if not 0 <= float(block.get("ttl", "0s")[:-1]) <= MAX_TTL_SECONDS or block.get("ttl", "").startswith("-"):
            raise _refuse(f"message.{name}.ttl", f"Invalid TTL: from 0s to {MAX_TTL_SECONDS}s")
    notification = message.get("android", {}).get("notification", {})
    if "color" in notification and not _COLOR.fullmatch(notification["color"]):
        raise _refuse("message.android.notification.color", "Invalid color: #rrggbb")


def _check_apns(message: dict[str, Any]) -> None:
    for name, value in message.get("apns", {}).get("headers", {}).items():
        field, header = f"message.apns.headers[{name}]", name.lower()
        if header == "apns-collapse-id" and len(value.encode()) > MAX_COLLAPSE_ID:
            raise _refuse(field, f"Over {MAX_COLLAPSE_ID} bytes", apns_error(400, "BadCollapseId"))
        pattern, reason = _APNS_HEADERS.get(header, (None, ""))
        if pattern is not None and not pattern.fullmatch(value):
            raise _refuse(field, f"Invalid value: {value[:100]}", apns_error(400, reason))


def _check_webpush(message: dict[str, Any]) -> None:
    block = message.get("webpush", {})
    for name, value in block.get("headers", {}).items():
        pattern = _WEBPUSH_HEADERS.get(name.lower())
        if pattern is not None and not pattern.fullmatch(value):
            raise _refuse(f"message.webpush.headers[{name}]", f"Invalid value: {value[:100]}")
    link = block.get("fcm_options", {}).get("link")
    if link and not link.startswith("https://"):
        raise _refuse("message.webpush.fcm_options.link", "Link must be an HTTPS URL")


def _check_sizes(message: dict[str, Any]) -> None:
    limit = MAX_TOPIC_PAYLOAD if "topic" in message or "condition" in message else MAX_PAYLOAD
    data, notification = message.get("data", {}), message.get("notification", {})
    android, webpush = message.get("android", {}), message.get("webpush", {})
    shown = _size(notification | android.get("notification", {}))
    if _size(android.get("data", data)) + shown > limit:
        raise _refuse("message", f"Android message is too big: over {limit} bytes")
    if _size(webpush.get("data", data)) + _size(notification | webpush.get("notification", {})) > limit:
        raise _refuse("message.webpush", f"Web push message is too big: over {limit} bytes")
    # FCM puts `data` beside `aps` in what Apple gets.
    payload = message.get("apns", {}).get("payload")
    if payload is not None and len(_json(data | payload)) > MAX_PAYLOAD:
        what = f"APNs payload is too big: over {MAX_PAYLOAD} bytes"
        raise _refuse("message.apns.payload", what, apns_error(413, "PayloadTooLarge"))


def _size(fields: dict[str, Any]) -> int:
    return sum(
        len(key.encode()) + len(value.encode() if isinstance(value, str) else _json(value))
        for key, value in fields.items()
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
