"""What a developer turns by hand while the stand-in runs: faults, limits, access tokens. Part of the phones' page."""

from random import Random
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.exceptions import HTTPException

from push.standin.faults import Fault

if TYPE_CHECKING:
    from push.standin.server import Standin


_Body = TypeVar("_Body")


class Settings(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What can be changed at run time.

    Attributes:
        max_streams: requests that a client may have under way on one HTTP/2 connection.
        accept_unknown: whether targets that nobody has are accepted; nothing is kept for them.
    """

    max_streams: int
    accept_unknown: bool


class SettingsChange(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """As `Settings`; what is left out stays.

    Attributes:
        seed: starts the chance behind `Fault.probability` anew, so that a run can be repeated.
    """

    max_streams: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    accept_unknown: bool | None = None
    seed: int | None = None


class Counters(msgspec.Struct, rename="camel", kw_only=True):
    """What has happened since the start; the names are those of `Ledger`, `FcmEndpoints` and `Faults`."""

    sent: int
    send_requests: int
    token_requests: int
    faults_struck: int
    http1_connections: int
    http2_connections: int
    peak_streams: int
    refused_streams: int
    goaways: int


def build_controls(standin: "Standin") -> list[Any]:
    """Handlers for the page."""
    return [*_faults(standin), *_switches(standin)]


def _faults(standin: "Standin") -> list[Any]:
    @get("/faults", sync_to_thread=False)
    def list_faults() -> list[Fault]:
        return standin.faults.waiting

    @post("/faults")
    async def add_fault(request: Request[Any, Any, Any]) -> Fault:
        fault = _read(await request.body(), Fault)
        standin.faults.waiting.append(fault)
        return fault

    @delete("/faults", sync_to_thread=False)
    def clear_faults() -> None:
        standin.faults.waiting.clear()

    return [list_faults, add_fault, clear_faults]


def _switches(standin: "Standin") -> list[Any]:
    @get("/settings", sync_to_thread=False)
    def settings() -> Settings:
        return _settings(standin)

    @patch("/settings")
    async def change_settings(request: Request[Any, Any, Any]) -> Settings:
        change = _read(await request.body(), SettingsChange)
        if change.max_streams is not None:
            standin.listener.max_streams = change.max_streams
        if change.accept_unknown is not None:
            standin.phones.accept_unknown = change.accept_unknown
        if change.seed is not None:
            standin.faults.random = Random(change.seed)  # noqa: S311 - chance, not secrecy
        return _settings(standin)

    @delete("/access-tokens", sync_to_thread=False)
    def expire_tokens() -> None:
        standin.endpoints.expire_tokens()

    @get("/counters", sync_to_thread=False)
    def counters() -> Counters:
        return _counters(standin)

    return [settings, change_settings, expire_tokens, counters]


def _settings(standin: "Standin") -> Settings:
    return Settings(max_streams=standin.listener.max_streams, accept_unknown=standin.phones.accept_unknown)


def _counters(standin: "Standin") -> Counters:
    ledger = standin.listener.ledger
    return Counters(
        sent=standin.endpoints.sent,
        send_requests=standin.endpoints.send_requests,
        token_requests=standin.endpoints.token_requests,
        faults_struck=standin.faults.struck,
        http1_connections=ledger.http1_connections,
        http2_connections=ledger.http2_connections,
        peak_streams=ledger.peak_streams,
        refused_streams=ledger.refused_streams,
        goaways=ledger.goaways,
    )


def _read(body: bytes, kind: type[_Body]) -> _Body:
    """Decodes a body; a 400 says in words what is wrong with it."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as wrong:
        raise HTTPException(status_code=400, detail=str(wrong)) from None
