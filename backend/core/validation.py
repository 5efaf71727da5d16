"""Request bodies: decoded strictly into their Struct, and when that fails, every wrong field is named at once."""

import json
import re
from collections.abc import Collection, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec

from backend.core.errors import Invalid
from schemas.base import LINK, PLAIN

OUT_OF_RANGE = re.compile(r"Expected `(?:str|array|int|float|decimal)` (of|>|<|matching|that)")
_CODES = (
    (re.compile(r"Object missing required field"), "required"),
    (re.compile(r"Object contains unknown field"), "unknown-field"),
    (re.compile(r"Invalid (RFC3339|ISO8601)|Invalid (date|datetime|time)|Expected `datetime` with"), "bad-date"),
    (re.compile(r"Invalid enum value"), "not-one-of"),
    (re.compile(re.escape(f"matching regex {PLAIN!r}")), "bad-character"),
    (re.compile(re.escape(f"matching regex {LINK!r}")), "bad-link"),
    (OUT_OF_RANGE, "out-of-range"),
    (re.compile(r"Invalid UUID|Expected"), "wrong-type"),
)
_MOST_ERRORS = 100
# What JSON can spell and PostgreSQL's text cannot hold: NUL, and half of a pair of surrogates.
_SPELLED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


T = TypeVar("T")


def decode_body(body: bytes, annotation: type[T]) -> T:
    """Decodes a JSON body.

    Raises:
        Invalid: maps the JSON pointer of every wrong place to what is wrong there.
    """
    if _SPELLED.search(body):
        _refuse_unstorable(body)
    try:
        return msgspec.json.decode(body, type=annotation)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        fallback = _code_of(error) if isinstance(error, msgspec.ValidationError) else "not-json"
    fields: dict[str, str] = {}
    try:
        _collect(annotation, msgspec.json.decode(body), "", fields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        fallback = "not-json"
    raise Invalid(fields or {"": fallback})


def named_problems(
    named: Sequence[UUID], known: Collection[UUID], pointer: str, code: str, field: str = ""
) -> dict[str, str]:
    """What is wrong with a list of ids in a body, by JSON pointer: `code` for what is not known, `repeated` for what is
    named once more.

    Args:
        pointer: of the list.
        field: of its items where they are objects, with a slash in front.
    """
    first = {one: place for place, one in reversed(list(enumerate(named)))}
    return {
        f"{pointer}/{place}{field}": "repeated" if one in known else code
        for place, one in enumerate(named)
        if one not in known or first[one] != place
    }


def _refuse_unstorable(body: bytes) -> None:
    """Names the places of what no text of ours may hold, wherever it stands; msgspec would call half a pair no JSON."""
    fields: dict[str, str] = {}

    def look(value: Any, pointer: str) -> None:
        if isinstance(value, str) and _UNSTORABLE.search(value):
            fields[pointer] = "bad-character"
        elif isinstance(value, dict):
            for name, part in value.items():
                # A pointer must be writable, too.
                place = pointer if _UNSTORABLE.search(name) else f"{pointer}/{_escape(name)}"
                look(name, place)
                look(part, place)
        elif isinstance(value, list):
            for number, part in enumerate(value):
                look(part, f"{pointer}/{number}")

    try:
        look(json.loads(body), "")
    except (ValueError, RecursionError):
        return  # the caller meets the same and words it
    if fields:
        raise Invalid(dict(list(fields.items())[:_MOST_ERRORS]))


def _collect(annotation: Any, value: Any, pointer: str, fields: dict[str, str]) -> None:
    """Converts each part on its own, so that one wrong part does not hide the next."""
    if len(fields) >= _MOST_ERRORS:
        return
    inner = _inner(annotation)
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and isinstance(value, dict):
        _collect_struct(inner, value, pointer, fields)
    elif get_origin(inner) is list and isinstance(value, list):
        before = len(fields)
        (item,) = get_args(inner)
        for number, part in enumerate(value):
            _collect(item, part, f"{pointer}/{number}", fields)
        if len(fields) == before:
            _convert(annotation, value, pointer, fields)
    else:
        _convert(annotation, value, pointer, fields)


def _collect_struct(struct: type[msgspec.Struct], value: dict[str, Any], pointer: str, fields: dict[str, str]) -> None:
    known = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    if struct.__struct_config__.forbid_unknown_fields:
        for name in sorted(value.keys() - known.keys())[: _MOST_ERRORS - len(fields)]:
            fields[f"{pointer}/{_escape(name)}"] = "unknown-field"
    for name, field in known.items():
        if name in value:
            _collect(field.type, value[name], f"{pointer}/{name}", fields)
        elif field.required:
            fields[f"{pointer}/{name}"] = "required"


def _convert(annotation: Any, value: Any, pointer: str, fields: dict[str, str]) -> None:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError as error:
        fields[pointer] = _code_of(error)


def _inner(annotation: Any) -> Any:
    """The type inside Annotated[...], `X | None` and `X | UnsetType`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part not in (type(None), msgspec.UnsetType)]
        return _inner(parts[0]) if len(parts) == 1 else annotation
    return annotation


def _code_of(error: msgspec.ValidationError) -> str:
    text = str(error)
    return next((code for pattern, code in _CODES if pattern.search(text)), "wrong-type")


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
