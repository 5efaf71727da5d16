"""What FCM accepts as a message, and how it words its refusals.

Source: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages and google.rpc.BadRequest.
"""

import re
from typing import Any

MAX_PAYLOAD = 4096
_TARGETS = ("token", "fid", "topic", "condition")
_FIELDS: dict[str, type] = {
    "name": str, "data": dict, "notification": dict, "android": dict, "webpush": dict, "apns": dict,
    "fcm_options": dict, "token": str, "fid": str, "topic": str, "condition": str,
}  # fmt: skip
_ANDROID = {
    "collapse_key", "priority", "ttl", "restricted_package_name", "data", "notification", "fcm_options",
    "direct_boot_ok", "bandwidth_constrained_ok", "restricted_satellite_ok",
}  # fmt: skip
_WEBPUSH = {"headers", "data", "notification", "fcm_options"}
_APNS = {"headers", "payload", "fcm_options", "live_activity_token"}
_RESERVED_DATA = re.compile(r"^(from|message_type|google\..*|gcm\..*)$")
_TARGET = re.compile(r"^[A-Za-z0-9_:.-]{20,4096}$")


class Refused(Exception):
    """A 400 INVALID_ARGUMENT that names the field."""

    def __init__(self, field: str, description: str) -> None:
        self.field = field
        self.description = description
        super().__init__(description)


def check_message(envelope: Any) -> dict[str, Any]:
    """Returns the message of a `messages:send` body.

    Raises:
        Refused: as FCM would, for the first thing that is wrong.
    """
    if not isinstance(envelope, dict) or not isinstance(envelope.get("message"), dict):
        raise Refused("message", "Request must contain a message")
    for name in envelope.keys() - {"message", "validate_only", "validateOnly"}:
        raise Refused(name, f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    message: dict[str, Any] = envelope["message"]
    for name, value in message.items():
        _check_field(name, value)
    targets = [name for name in _TARGETS if name in message]
    if len(targets) != 1:
        raise Refused("message", "Recipient of the message is not set.")
    if targets[0] in {"token", "fid"} and not _TARGET.match(message[targets[0]]):
        raise Refused(f"message.{targets[0]}", "The registration token is not a valid FCM registration token")
    _check_size(message)
    return message


def _check_field(name: str, value: Any) -> None:
    expected = _FIELDS.get(name)
    if expected is None:
        raise Refused(
            "message",
            f"Invalid JSON payload received. Unknown name \"{name}\" at 'message': Cannot find field.",
        )
    if not isinstance(value, expected):
        raise Refused(f"message.{name}", f"Invalid value at 'message.{name}'")
    if isinstance(value, dict):
        _check_block(name, value)


def _check_block(name: str, value: dict[str, Any]) -> None:
    if name == "data":
        _check_data("message.data", value)
    if name == "android":
        _check_android(value)
    if name == "webpush":
        _known("message.webpush", value, _WEBPUSH)
    if name == "apns":
        _known("message.apns", value, _APNS)
        _check_strings("message.apns.headers", value.get("headers", {}))
        if not isinstance(value.get("payload", {}), dict):
            raise Refused("message.apns.payload", "Invalid value at 'message.apns.payload'")


def _check_android(value: dict[str, Any]) -> None:
    _known("message.android", value, _ANDROID)
    if str(value.get("priority", "normal")).lower() not in {"normal", "high"}:
        raise Refused("message.android.priority", "Invalid value at 'message.android.priority'")
    ttl = value.get("ttl", "0s")
    if not isinstance(ttl, str) or not re.match(r"^\d+(\.\d{1,9})?s$", ttl) or float(ttl[:-1]) > 28 * 86_400:
        raise Refused("message.android.ttl", "TTL must be from 0s to 2419200s")


def _check_data(field: str, data: dict[str, Any]) -> None:
    _check_strings(field, data)
    for key in data:
        if _RESERVED_DATA.match(key):
            raise Refused(f"{field}[{key}]", f"Invalid data payload key: {key}")


def _check_strings(field: str, values: Any) -> None:
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Refused(field, f"Invalid value at '{field}' (TYPE_STRING)")


def _known(field: str, value: dict[str, Any], names: set[str]) -> None:
    for name in value.keys() - names:
        raise Refused(field, f"Invalid JSON payload received. Unknown name \"{name}\" at '{field}': Cannot find field.")


def _check_size(message: dict[str, Any]) -> None:
    size = sum(len(key.encode()) + len(value.encode()) for key, value in message.get("data", {}).items())
    size += sum(len(str(value).encode()) for value in message.get("notification", {}).values())
    if size > MAX_PAYLOAD:
        raise Refused("message.data", f"Message is too big: {size} bytes, at most {MAX_PAYLOAD}")
