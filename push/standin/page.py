"""The stand-in's own HTTP pages: the phones, live, and what an app without Firebase reads."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from litestar import Litestar, MediaType, Response, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.response import ServerSentEvent, ServerSentEventMessage

from push.standin.controls import build_controls
from push.standin.phones import Phone, Received, new_token

if TYPE_CHECKING:
    from push.standin.server import Standin

_FOLDER = Path(__file__).parent / "web"
_PAGE_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"


class NewPhone(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    name: str
    platform: str
    installation_id: UUID
    key_id: str | None = None
    key: str | None = None


class PhoneNow(msgspec.Struct, rename="camel", kw_only=True):
    phone: Phone
    messages: list[Received]


def build_page(standin: "Standin") -> Litestar:  # noqa: C901 - a list of small handlers
    """The pages over a stand-in. They are for a developer's own machine and ask for no sign-in."""
    phones = standin.phones

    @get("/", media_type=MediaType.HTML, sync_to_thread=False)
    def page() -> Response[bytes]:
        return _file("index.html", "text/html")

    @get("/app.js", sync_to_thread=False)
    def script() -> Response[bytes]:
        return _file("app.js", "text/javascript")

    @get("/envelope.js", sync_to_thread=False)
    def envelope() -> Response[bytes]:
        return _file("envelope.js", "text/javascript")

    @get("/app.css", sync_to_thread=False)
    def style() -> Response[bytes]:
        return _file("app.css", "text/css")

    @get("/phones", sync_to_thread=False)
    def list_phones() -> list[PhoneNow]:
        return [PhoneNow(phone=phone, messages=phones.latest(phone.token)) for phone in phones.all()]

    @post("/phones", sync_to_thread=False)
    def add_phone(data: NewPhone) -> Phone:
        return phones.add(Phone(token=new_token(), **msgspec.structs.asdict(data)))

    @delete("/phones/{token:str}", sync_to_thread=False)
    def remove_phone(token: str) -> None:
        if not phones.remove(token):
            raise NotFoundException

    @get("/events", sync_to_thread=False)
    def events() -> ServerSentEvent:
        return ServerSentEvent(_events(phones.watch()))

    @get("/phones/{token:str}/stream", sync_to_thread=False)
    def stream(token: str) -> ServerSentEvent:
        if not phones.knows(token):
            raise NotFoundException
        return ServerSentEvent(_events(phones.watch(token)))

    handlers: list[Any] = [
        page,
        script,
        envelope,
        style,
        list_phones,
        add_phone,
        remove_phone,
        events,
        stream,
    ]
    return Litestar([*handlers, *build_controls(standin)], openapi_config=None, logging_config=None)


async def _events(messages: AsyncIterator[Received | None]) -> AsyncIterator[ServerSentEventMessage]:
    # The browser calls a stream open once something has come.
    yield ServerSentEventMessage(data=None, comment="listening")
    async for received in messages:
        if received is None:
            yield ServerSentEventMessage(data=None, comment="still here")
        else:
            yield ServerSentEventMessage(data=msgspec.json.encode(received).decode(), event="message")


def _file(name: str, media_type: str) -> Response[bytes]:
    headers = {"cache-control": "no-cache", "content-security-policy": _PAGE_POLICY}
    return Response((_FOLDER / name).read_bytes(), media_type=media_type, headers=headers)
