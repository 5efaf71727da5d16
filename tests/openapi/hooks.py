"""Loaded by Schemathesis: signs in, and puts the world's ids and days beside random ones."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

import schemathesis
from schemathesis import AuthContext, Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import EnsureResourceAvailability, RejectedPositiveData

from tests.openapi.operations import snake

scene = json.loads(Path(os.environ["DIARY_FUZZ_SCENE"]).read_text())
KNOWN: dict[str, list[str]] = scene["known"]

# What the description could have said. Every other code is a rule that no schema can tell.
STRUCTURAL = {
    "required", "unknown-field", "wrong-type", "not-one-of", "out-of-range", "bad-date", "not-json", "bad-header",
    "bad-character", "bad-link",
}  # fmt: skip
EXCUSED = {
    ("cursor", "wrong-type"): "opaque: which ones are none only the server can tell",
    ("since", "wrong-type"): "opaque, too",
    ("reason", "required"): "only where a closed period is opened again",
    ("kind", "required"): "only where the work is new",
    ("dueOn", "required"): "only with a dot",
    ("blockedUntil", "required"): "only where somebody is kept from writing",
    ("answer", "required"): "only where a notice is declined",
    ("schoolId", "required"): "only from who has something to do with several schools",
    ("site", "bad-link"): "an address that a browser opens, which only parsing it tells",
}
# How often each thing was answered as created.
CREATED: Counter[str | None] = Counter()
# Where ids come from that the names of fields do not tell: (operation, place in its answer, parameter).
SOURCES = (
    ("getMe", "/children/0/id", "child_id"),
    ("getMe", "/studentId", "child_id"),
    ("getMe", "/roles/0/school/id", "school_id"),
    ("getTeacherDay", "/lessons/0/id", "lesson_id"),
    ("listDevices", "/items/0/installationId", "installation_id"),
)


@schemathesis.auth(refresh_interval=10**6, retry_on=[401])
class SignedIn:
    """The access token of one session; of the next one where the API has ended it."""

    tokens = cycle(scene["tokens"])

    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        return str(next(self.tokens))

    def set(self, case: Case[Any], data: str, _context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    # A stream has no end, and Schemathesis waits for it.
    raw_schema["paths"] = {
        path: methods for path, methods in raw_schema["paths"].items() if "text/event-stream" not in str(methods)
    }
    for operation in operations(raw_schema):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path" and parameter["name"] in KNOWN:
                parameter["schema"]["enum"] = KNOWN[parameter["name"]]
    for source, place, name in SOURCES:
        (found,) = (operation for operation in operations(raw_schema) if operation["operationId"] == source)
        links = found["responses"]["200"].setdefault("links", {})
        for target in operations(raw_schema):
            if any(parameter["name"] == name for parameter in target.get("parameters", [])):
                expression = f"$response.body#{place}"
                links[f"{target['operationId']}{place}"] = {
                    "operationId": target["operationId"], "parameters": {f"path.{name}": expression},
                }  # fmt: skip


def operations(raw_schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in raw_schema["paths"].values():
        yield from methods.values()


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    return likely("", body)


@schemathesis.hook
def map_query(context: HookContext, query: Any) -> Any:
    return likely("", query)


def likely(name: str, value: Any) -> Any:
    """The same body, with ids and days of the world for three of four random ones.

    To JSON Schema 5.0 is an integer. Our decoding is strict, and no client writes integers so.
    """
    if isinstance(value, dict):
        return {key: likely(key, part) for key, part in value.items()}
    if isinstance(value, list):
        return [likely(name, part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str) or not (kind := kind_of(value)):
        return value
    known = KNOWN.get(snake(name)) or KNOWN.get(kind)
    number = crc32(value.encode())
    return known[number // 4 % len(known)] if known and number % 4 else value


def kind_of(value: str) -> str:
    for kind, read in (("uuid", UUID), ("date", date.fromisoformat), ("date-time", datetime.fromisoformat)):
        try:
            read(value)
        except ValueError:
            continue
        return kind
    return ""


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    if response.status_code == 201 and response.headers["content-type"] == ["application/json"]:
        CREATED[response.json().get("id")] += 1


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """A refusal of described input counts only where the description is to blame."""
    if response.content == b"Invalid HTTP request received.":
        # The server's own word on what is no HTTP at all, before it knows an operation.
        return False
    if isinstance(failure, EnsureResourceAvailability):
        # A key that is sent again answers what it answered, also where that was removed since.
        return all(CREATED[str(value)] < 2 for value in case.path_parameters.values())
    if isinstance(failure, RejectedPositiveData) and response.status_code == 415:
        # What a file is, its content says, and no schema.
        return bool(response.json()["code"] != "file-type-refused")
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return True
    return any(is_unexcused(error, case) for error in response.json().get("errors", []))


def is_unexcused(error: dict[str, str], case: Case[Any]) -> bool:
    name = error["pointer"].replace(":", "/").rpartition("/")[2]
    if error["code"] not in STRUCTURAL or (name, error["code"]) in EXCUSED:
        return False
    value = case.body
    for part in error["pointer"].split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value.get(part) if isinstance(value, dict) else None
    # A text of blanks is none.
    return not (isinstance(value, str) and not value.strip())
