"""Requests and answers, whichever version of HTTP carries them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

BODY_LIMIT = 1_000_000

# How an answer ends without being one; see `push.standin.faults.Fault.wire`.
Wire = Literal["reset", "refused", "goaway", "drop"]


@dataclass
class Request:
    """One HTTP request.

    Attributes:
        headers: by their names in lower case.
        head: the request line and all headers as they came, where the listener records (else empty).
        received: `time.monotonic()` at the request's first byte that was understood, in seconds.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)
    head: bytes = b""
    received: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Response:
    """One HTTP answer, or with `wire` the way in which none is given."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json; charset=UTF-8"),)
    wire: Wire | None = None


Handler = Callable[[Request], Awaitable[Response]]
