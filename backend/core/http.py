"""What every handler stands on: the request's language and address, and bodies decoded strictly."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Request, Response
from litestar.params import HeaderParameter

from backend.core.errors import UnsupportedMediaType
from backend.core.validation import decode_body
from push.wording import LANGUAGES

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="Chosen by the app, unique per intent: the same key happens once, also when it is sent twice",
        schema_extra={"minLength": 1, "maxLength": 200, "pattern": "^[ -~]*$"},
    ),
]


IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(name="If-None-Match", description="The ETag of an earlier answer: unchanged, it is 304 and empty"),
]


class DiaryRequest(Request[Any, Any, Any]):
    """Litestar's request, which decodes a JSON body straight into the handler's Struct.

    Litestar itself converts leniently ("5" becomes 5) and stops at the first wrong field.
    """

    async def json(self) -> Any:
        field = self.route_handler.parsed_data_field
        body = await self.body()
        if field is None:
            return await super().json()
        if self.content_type[0] not in ("", "application/json"):
            raise UnsupportedMediaType
        return decode_body(body, field.annotation)


def language_of(request: Request[Any, Any, Any]) -> str:
    """The best of our languages for Accept-Language (RFC 9110 section 12.5.4); Russian where none fits."""
    wishes: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for weight, tag in sorted(wishes) if tag in LANGUAGES and weight < 0), LANGUAGES[0])


def known_tags(header: str | None) -> frozenset[str]:
    """The tags of If-None-Match; compared weakly, so that a W/ lost on the way does not matter (RFC 9110 13.1.2)."""
    tags = (header or "").split(",")
    return frozenset("W/" + tag.strip().removeprefix("W/") for tag in tags if tag.strip())


def client_address(request: Request[Any, Any, Any], header: str) -> str:
    """The caller's address: from the proxy's header where one is set up, else the peer's."""
    if header and (named := request.headers.get(header)):
        return named.split(",")[0].strip()
    return request.client.host if request.client else "unknown"


def attachment(content: bytes, media_type: str, name: str, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """A file to be saved under a name."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=disposition | dict(headers or {}))
