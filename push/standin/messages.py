"""Requests and answers, whichever version of HTTP carries them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

BODY_LIMIT = 1_000_000


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json; charset=UTF-8"),)


Handler = Callable[[Request], Awaitable[Response]]
