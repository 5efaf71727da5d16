"""The operations of the OpenAPI document, and a small valid request for each."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from backend.openapi_document import document
from tests.world import World

# Where a moment is not the first one of its body.
_LATER = {"endsAt": timedelta(hours=1)}


@dataclass(frozen=True)
class Operation:
    """An operation as it is described."""

    name: str
    method: str
    path: str
    described: dict[str, Any] = field(repr=False)

    @property
    def room(self) -> str:
        return str(self.described["tags"][0])

    def parameters(self, place: str) -> dict[str, dict[str, Any]]:
        return {
            item["name"]: item["schema"]
            for item in self.described.get("parameters", [])
            if item["in"] == place and item["required"]
        }

    @property
    def streams(self) -> bool:
        """Whether its answer has no end."""
        return "text/event-stream" in self.described["responses"].get("200", {}).get("content", {})

    @property
    def path_ids(self) -> list[str]:
        return [name for name, schema in self.parameters("path").items() if schema.get("format") == "uuid"]

    @property
    def media(self) -> str:
        """What its body is, where it has one."""
        return str(next(iter(self.described["requestBody"]["content"])))

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of the body."""
        if "requestBody" not in self.described:
            return None
        return resolved(self.described["requestBody"]["content"][self.media]["schema"])

    @property
    def body_ids(self) -> list[str]:
        """The ids that a body must have, by the names that they have in addresses."""
        if self.body is None or "properties" not in self.body:
            return []
        return [snake(name) for name in self.body["required"] if self.body["properties"][name].get("format") == "uuid"]

    def url(self, ids: Mapping[str, UUID], world: World) -> str:
        """The address with the given ids, and whatever else it must have."""
        values = {name: ids.get(name) or sample(schema, name, ids, world) for name, schema in self._placed("path")}
        query = "&".join(f"{name}={sample(schema, name, ids, world)}" for name, schema in self._placed("query"))
        return self.path.format(**values) + (f"?{query}" if query else "")

    def request_body(self, ids: Mapping[str, UUID], world: World) -> dict[str, Any]:
        """A body with the given ids, and only what it must have, as httpx takes it."""
        if self.body is None:
            return {}
        value = sample(self.body, "", ids, world)
        return {"content": value if isinstance(value, str) else json.dumps(value)}

    def _placed(self, place: str) -> list[tuple[str, dict[str, Any]]]:
        return list(self.parameters(place).items())


@cache
def operations() -> dict[str, Operation]:
    """operation id -> operation, of the whole document."""
    return {
        described["operationId"]: Operation(described["operationId"], method.upper(), path, described)
        for path, methods in described_api()["paths"].items()
        for method, described in methods.items()
    }


@cache
def described_api() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document())
    return found


def snake(name: str) -> str:
    """studentId -> student_id"""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = described_api()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def sample(schema: dict[str, Any], name: str, ids: Mapping[str, UUID], world: World) -> Any:
    """The smallest value that a schema allows; an id that is known by its name is that id."""
    schema = resolved(schema)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return sample(schema[choice][0], name, ids, world)
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            properties = schema.get("properties", {})
            return {key: sample(properties[key], key, ids, world) for key in schema.get("required", [])}
        case "array":
            return [sample(schema["items"], name.removesuffix("s"), ids, world)] * schema.get("minItems", 0)
        case "string":
            return _text(schema, name, ids, world)
        case "integer":
            return int(schema.get("minimum", 1))
        case "boolean":
            return True
    raise AssertionError(f"no sample for {schema}: teach tests/openapi/operations.py")


def _text(schema: dict[str, Any], name: str, ids: Mapping[str, UUID], world: World) -> str:
    match schema.get("format"):
        case "uuid":
            return str(ids.get(snake(name)) or uuid4())
        case "date":
            return str(world.today + timedelta(days=1))
        case "date-time":
            return (world.clock.now + timedelta(days=1) + _LATER.get(name, timedelta())).isoformat()
    if "examples" in schema:
        return str(schema["examples"][0])
    return "a" * int(schema.get("minLength", 1))
