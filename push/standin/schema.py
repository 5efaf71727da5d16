"""The shape of a `messages:send` body: which fields there are and of what type, checked as Google's JSON reader does.

Fields may be written in snake_case and in camelCase; null is as good as absent.
Source: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages and
https://protobuf.dev/programming-guides/json/; the words follow Google's answers.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Violations = list[tuple[str, str]]
_TYPES = "type.googleapis.com/"
_DURATION = re.compile(r"-?\d{1,12}(\.\d{1,9})?s")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Scalar:
    """A value without parts. `name` is its type in Google's words."""

    name: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Many:
    """A repeated field."""

    of: Scalar


@dataclass(frozen=True)
class StringMap:
    """`map<string, string>`."""


@dataclass(frozen=True)
class Free:
    """A JSON object of any content (`google.protobuf.Struct`)."""


class Block:
    """A message type with its fields by their names in the proto file."""

    def __init__(self, name: str, /, **fields: "Kind") -> None:
        self.name = name
        self._fields = {spelling: (field, kind) for field, kind in fields.items() for spelling in _spellings(field)}

    def find(self, name: str) -> "tuple[str, Kind] | None":
        """The field of this name, by its name in the proto file, and its type."""
        return self._fields.get(name)


Kind = Scalar | Many | StringMap | Free | Block


def _spellings(field: str) -> set[str]:
    first, *rest = field.split("_")
    return {field, first + "".join(part.capitalize() for part in rest)}


def _enum(name: str, *values: str) -> Scalar:
    return Scalar(f"{_TYPES}google.firebase.fcm.v1.{name}", lambda value: str(value).upper() in values)


STRING = Scalar("TYPE_STRING", lambda value: isinstance(value, str))
BOOL = Scalar("TYPE_BOOL", lambda value: isinstance(value, bool))
INT = Scalar("TYPE_INT32", lambda value: isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31)
FLOAT = Scalar("TYPE_FLOAT", lambda value: isinstance(value, int | float) and not isinstance(value, bool))
DURATION = Scalar(
    f"{_TYPES}google.protobuf.Duration", lambda value: isinstance(value, str) and bool(_DURATION.fullmatch(value))
)
TIMESTAMP = Scalar(
    f"{_TYPES}google.protobuf.Timestamp", lambda value: isinstance(value, str) and bool(_TIMESTAMP.fullmatch(value))
)
_MAP, _FREE, _STRINGS = StringMap(), Free(), Many(STRING)

_PRIORITIES = ("UNSPECIFIED", "MIN", "LOW", "DEFAULT", "HIGH", "MAX")
_COLOR = Block("Color", red=FLOAT, green=FLOAT, blue=FLOAT, alpha=FLOAT)
_LIGHT = Block("LightSettings", color=_COLOR, light_on_duration=DURATION, light_off_duration=DURATION)
_ANDROID_NOTIFICATION = Block(
    "AndroidNotification",
    title=STRING, body=STRING, icon=STRING, color=STRING, sound=STRING, tag=STRING, click_action=STRING,
    body_loc_key=STRING, body_loc_args=_STRINGS, title_loc_key=STRING, title_loc_args=_STRINGS, channel_id=STRING,
    ticker=STRING, sticky=BOOL, event_time=TIMESTAMP, local_only=BOOL, default_sound=BOOL,
    default_vibrate_timings=BOOL, default_light_settings=BOOL, vibrate_timings=Many(DURATION),
    notification_priority=_enum("NotificationPriority", *(f"PRIORITY_{name}" for name in _PRIORITIES)),
    visibility=_enum("Visibility", "VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"),
    notification_count=INT, light_settings=_LIGHT, image=STRING, bypass_proxy_notification=BOOL,
    proxy=_enum("Proxy", "PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"),
)  # fmt: skip
_LABELLED = Block("FcmOptions", analytics_label=STRING)
_ANDROID_COMMON: dict[str, Kind] = {
    "collapse_key": STRING, "ttl": DURATION, "restricted_package_name": STRING, "data": _MAP, "fcm_options": _LABELLED,
    "direct_boot_ok": BOOL, "bandwidth_constrained_ok": BOOL, "restricted_satellite_ok": BOOL,
}  # fmt: skip
_ANDROID = Block(
    "AndroidConfig",
    priority=_enum("AndroidMessagePriority", "NORMAL", "HIGH"),
    notification=_ANDROID_NOTIFICATION,
    **_ANDROID_COMMON,
)
# A preview of 2026, whose inner types are left open here.
_ANDROID_V2 = Block("AndroidConfigV2", remote_notification=_FREE, background_sync=_FREE, **_ANDROID_COMMON)
_WEBPUSH = Block(
    "WebpushConfig", headers=_MAP, data=_MAP, notification=_FREE,
    fcm_options=Block("WebpushFcmOptions", link=STRING, analytics_label=STRING),
)  # fmt: skip
_APNS = Block(
    "ApnsConfig", headers=_MAP, payload=_FREE, live_activity_token=STRING,
    fcm_options=Block("ApnsFcmOptions", analytics_label=STRING, image=STRING),
)  # fmt: skip
_MESSAGE = Block(
    "Message",
    name=STRING, data=_MAP, notification=Block("Notification", title=STRING, body=STRING, image=STRING),
    android=_ANDROID, android_v2=_ANDROID_V2, webpush=_WEBPUSH, apns=_APNS, fcm_options=_LABELLED,
    token=STRING, fid=STRING, topic=STRING, condition=STRING,
)  # fmt: skip
ENVELOPE = Block("SendMessageRequest", message=_MESSAGE, validate_only=BOOL)


def read(block: Block, value: dict[str, Any], path: str, found: Violations) -> dict[str, Any]:
    """A block with its fields by their names in the proto file. What is wrong is added to `found`."""
    known: dict[str, Any] = {}
    for name, item in value.items():
        field = block.find(name)
        if field is None:
            where = f" at '{path}'" if path else ""
            found.append((path, f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'))
        elif item is not None:
            known[field[0]] = _read(field[1], item, path, field[0], found)
    return known


def _read(kind: Kind, item: Any, parent: str, name: str, found: Violations) -> Any:
    path = f"{parent}.{name}" if parent else name
    if isinstance(kind, Many):
        for index, one in enumerate(item if isinstance(item, list) else [item]):
            _check_scalar(kind.of, one, f"{path}[{index}]", found)
        return item
    if isinstance(item, list):
        what = f"Unknown name \"{name}\" at '{parent}': Proto field is not repeating, cannot start list."
        found.append((parent, f"Invalid JSON payload received. {what}"))
    elif isinstance(kind, Scalar):
        _check_scalar(kind, item, path, found)
    elif not isinstance(item, dict):
        found.append((path, _invalid(path, _type_name(kind), item)))
    elif isinstance(kind, StringMap):
        for index, one in enumerate(item.values()):
            _check_scalar(STRING, one, f"{path}[{index}].value", found)
    elif isinstance(kind, Block):
        return read(kind, item, path, found)
    return item


def _check_scalar(kind: Scalar, value: Any, path: str, found: Violations) -> None:
    if not kind.fits(value):
        found.append((path, _invalid(path, kind.name, value)))


def _type_name(kind: Kind) -> str:
    if isinstance(kind, Block):
        return f"{_TYPES}google.firebase.fcm.v1.{kind.name}"
    return "Map" if isinstance(kind, StringMap) else f"{_TYPES}google.protobuf.Struct"


def _invalid(path: str, type_name: str, value: Any) -> str:
    return f"Invalid value at '{path}' ({type_name}), {json.dumps(value, ensure_ascii=False)[:200]}"
