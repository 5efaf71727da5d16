"""How operations are described: documented errors, and a page to try them that works offline."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import openapi_ui_bundles
from litestar import Response, get
from litestar._openapi.schema_generation import SchemaCreator
from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Operation, Schema
from litestar.typing import FieldDefinition

from backend.core.access import Access
from backend.core.errors import NotFound
from schemas.problems import Problem

# What any operation may answer, whatever it is about.
_ALWAYS = (400, 413, 415, 500, 503)

_WORDS = {
    400: "The request cannot be understood",
    401: "Not signed in, or the session has ended",
    403: "Not allowed",
    404: "Not there, or not yours to see",
    408: "The body did not come in time",
    409: "Contradicts what is recorded",
    413: "The body is too large",
    415: "The body is not of a content type that the operation takes",
    412: "Somebody else changed it meanwhile",
    422: "The input breaks a rule; `errors` names every place",
    500: "Something broke on the server",
    503: "The database is briefly unreachable; Retry-After says when to try again",
    429: "Too many attempts; Retry-After says when",
}

SWAGGER_PATH = "/schema/static"
_FOLDER = Path(openapi_ui_bundles.swagger_ui.static_path)
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-standalone-preset.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}


@get(SWAGGER_PATH + "/{name:str}", access=Access.PUBLIC, include_in_schema=False, sync_to_thread=False)
def swagger_file(name: str) -> Response[bytes]:
    """A file of Swagger UI; these and no others."""
    if name not in _FILES:
        raise NotFound
    return Response((_FOLDER / name).read_bytes(), media_type=_FILES[name], headers={"Cache-Control": "max-age=86400"})


@dataclass
class PublicOperation(Operation):
    """An operation that asks for no sign-in, also in the description."""

    def __post_init__(self) -> None:
        self.security = []


class ExactStructs(StructSchemaPlugin):
    """Structs as msgspec, which decodes them, understands them: unknown fields are refused, a `ge=0` is not lost.

    Litestar's description stays for what msgspec leaves open: moments, and parts that are components of their own.
    """

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        schema = super().to_openapi_schema(field_definition, schema_creator)
        (whole,), components = msgspec.json.schema_components([field_definition.annotation], ref_template="{name}")
        exact = components[whole["$ref"]]
        if exact.get("additionalProperties") is False:
            schema.additional_properties = False
        described: dict[str, Any] = schema.properties or {}
        for name, part in exact["properties"].items():
            if not _is_litestars(part, described[name]):
                described[name] = part
        return schema


def _is_litestars(exact: dict[str, Any], described: Any) -> bool:
    """Whether Litestar's description says more: components, moments, and the order of choices."""
    kinds = [exact, *exact.get("anyOf", [])]
    return "$ref" in str(exact) or any("enum" in kind for kind in kinds) or "date-time" in str(described.to_schema())


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The documented errors of an operation."""
    return {
        status: ResponseSpec(
            Problem,
            description=_WORDS[status],
            media_type="application/problem+json",
            generate_examples=False,
        )
        for status in sorted({*statuses, *_ALWAYS})
    }


def not_modified() -> dict[int, ResponseSpec]:
    """The answer to who has the page already: it has no body (RFC 9110 section 15.4.5)."""
    return {304: ResponseSpec(None, description="Unchanged since the ETag in If-None-Match", generate_examples=False)}


def swagger_page() -> SwaggerRenderPlugin:
    """Swagger UI from a package instead of a CDN."""
    return SwaggerRenderPlugin(
        path="/",
        favicon=f'<link rel="icon" href="{SWAGGER_PATH}/favicon-32x32.png">',
        js_url=f"{SWAGGER_PATH}/swagger-ui-bundle.js",
        css_url=f"{SWAGGER_PATH}/swagger-ui.css",
        standalone_preset_js_url=f"{SWAGGER_PATH}/swagger-ui-standalone-preset.js",
    )
