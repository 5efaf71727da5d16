"""What went through the stand-in: counters, and on demand every request as it came. For tests to assert on."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from push.standin.messages import Request

# About a gigabyte of the largest messages; older requests are forgotten.
KEPT_REQUESTS = 200_000


class Recorded(NamedTuple):
    """A request as it came.

    Attributes:
        time: `time.monotonic()` at its arrival, in seconds.
        target: token, fid, topic or condition of a message; the path of any other request.
        raw: request line, headers (decompressed, where HTTP/2 had packed them) and body.
    """

    time: float
    target: str
    raw: bytes


class Ledger:
    """Counts what the listener sees, from its start.

    Attributes:
        record: whether requests are kept in `requests`, also those that came only in part.
        peak_streams: the most requests that a client had under way at once on one HTTP/2 connection,
            those that were refused for being too many included.
        refused_streams: requests beyond the announced limit, answered by REFUSED_STREAM.
        goaways: GOAWAY frames sent.
    """

    def __init__(self, kept: int = KEPT_REQUESTS) -> None:
        self.record = False
        self.requests: deque[Recorded] = deque(maxlen=kept)
        self.reset()

    def reset(self) -> None:
        """Starts all counters anew. What was recorded stays."""
        self.http1_connections = 0
        self.http2_connections = 0
        self.peak_streams = 0
        self.refused_streams = 0
        self.goaways = 0

    def head(self, lines: Iterable[tuple[bytes, bytes]], start: bytes = b"") -> bytes:
        """The header block in the form of HTTP/1.1; empty while nothing is recorded."""
        if not self.record:
            return b""
        return start + b"".join(name + b": " + value + b"\r\n" for name, value in lines) + b"\r\n"

    def note(self, request: Request) -> None:
        """Keeps a request, whole or as far as it came."""
        if self.record:
            raw = request.head + bytes(request.body)
            self.requests.append(Recorded(request.received, _target_of(request), raw))


def _target_of(request: Request) -> str:
    if request.path.partition("?")[0].endswith("messages:send"):
        try:
            message = msgspec.json.decode(bytes(request.body))["message"]
            return str(next(message[name] for name in ("token", "fid", "topic", "condition") if name in message))
        except (msgspec.DecodeError, LookupError, TypeError, StopIteration):
            pass
    return request.path
