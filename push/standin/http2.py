"""HTTP/2 (RFC 9113) on the `h2` state machine: whole requests in, whole answers or the ways of giving none out."""

import asyncio
import struct
from typing import cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
from h2.settings import SettingCodes, Settings

from push.standin.ledger import Ledger
from push.standin.messages import BODY_LIMIT, Handler, Request, Response, Wire

# What h2 itself tolerates. Our own limit is answered by REFUSED_STREAM, as RFC 9113 section 5.1.2 wants;
# h2 would end the connection of a client that has not read our settings yet.
_TOLERATED_STREAMS = 100_000
_WINDOW = 16 * 1024 * 1024
# Between the last answer and the end of a connection that was told to go away, so that the client reads it.
_FAREWELL_SECONDS = 0.05
# Types of frames, RFC 9113 section 6.
_SETTINGS, _GOAWAY = 4, 7


class Http2Connection(asyncio.Protocol):
    """One client's connection. Several requests are answered at once, each on its own stream."""

    def __init__(self, handler: Handler, ledger: Ledger, max_streams: int) -> None:
        self._handler = handler
        self._ledger = ledger
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))
        self._max_streams = max_streams
        self._transport: asyncio.Transport | None = None
        self._open: set[int] = set()
        self._requests: dict[int, Request] = {}
        self._unsent: dict[int, bytes] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._last_stream: int | None = None

    @property
    def max_streams(self) -> int:
        """How many requests the client may have under way. Setting it tells the client at once."""
        return self._max_streams

    @max_streams.setter
    def max_streams(self, limit: int) -> None:
        self._max_streams = limit
        # Not by h2, which would apply its own idea of the limit.
        self._write(_frame(_SETTINGS, struct.pack("!HI", SettingCodes.MAX_CONCURRENT_STREAMS, limit)))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ledger.http2_connections += 1
        self._h2.local_settings = _settings(self._max_streams)
        self._h2.initiate_connection()
        self._h2.local_settings = _settings(_TOLERATED_STREAMS)
        self._h2.increment_flow_control_window(_WINDOW)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        for request in self._requests.values():
            self._ledger.note(request)
        for task in self._tasks.values():
            task.cancel()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        try:
            events = self._h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._flush()
            self.close()
            return
        for event in events:
            self._on(event)
        self._flush()
        self._leave_when_done()

    def _on(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived(stream_id=int(stream), headers=headers):
                self._begin(stream, [(bytes(name), bytes(value)) for name, value in headers])
            case h2.events.DataReceived(stream_id=int(stream), data=data):
                self._take(stream, data, event.flow_controlled_length or 0)
            case h2.events.StreamEnded(stream_id=int(stream)):
                request = self._requests.pop(stream, None)
                if request is not None:
                    self._ledger.note(request)
                    self._start(stream, request)
            case h2.events.StreamReset(stream_id=int(stream)):
                # A client that gave up waiting does not undo its request.
                self._tasks.pop(stream, None)
                self._forget(stream)
            case h2.events.WindowUpdated():
                for stream in list(self._unsent):
                    self._send_body(stream)
            case h2.events.ConnectionTerminated():
                self.close()

    def _begin(self, stream: int, headers: list[tuple[bytes, bytes]]) -> None:
        named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        method, path = named.pop(":method", ""), named.pop(":path", "")
        request = Request(method, path, named, head=self._ledger.head(headers))
        if self._last_stream is not None and stream > self._last_stream:
            self._ledger.note(request)
            return
        self._ledger.peak_streams = max(self._ledger.peak_streams, len(self._open) + 1)
        if len(self._open) >= self._max_streams:
            self._ledger.refused_streams += 1
            self._ledger.note(request)
            self._h2.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
            return
        self._open.add(stream)
        self._requests[stream] = request

    def _take(self, stream: int, data: bytes, size: int) -> None:
        request = self._requests.get(stream)
        if request is not None:
            request.body += data
            if len(request.body) > BODY_LIMIT:
                self._h2.reset_stream(stream, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
                self._forget(stream)
        self._h2.acknowledge_received_data(size, stream)

    def _start(self, stream: int, request: Request) -> None:
        self._tasks[stream] = asyncio.get_running_loop().create_task(self._answer(stream, request))

    async def _answer(self, stream: int, request: Request) -> None:
        try:
            response = await self._handler(request)
        finally:
            self._tasks.pop(stream, None)
        if response.wire is not None:
            self._strike(stream, response.wire)
        else:
            self._send(stream, response)
        self._flush()
        self._leave_when_done()

    def _send(self, stream: int, response: Response) -> None:
        headers = [(":status", str(response.status)), *response.headers]
        try:
            self._h2.send_headers(stream, headers, end_stream=not response.body)
        except h2.exceptions.ProtocolError:
            self._open.discard(stream)
            return  # the client has gone or reset the stream
        self._unsent[stream] = response.body
        self._send_body(stream)

    def _send_body(self, stream: int) -> None:
        """Sends as much of a body as the client's window lets through; the rest waits for the next window."""
        body = self._unsent.get(stream, b"")
        while body:
            room = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)
            if room <= 0:
                break
            self._h2.send_data(stream, body[:room], end_stream=len(body) <= room)
            body = body[room:]
        if body:
            self._unsent[stream] = body
        else:
            self._unsent.pop(stream, None)
            self._open.discard(stream)

    def _strike(self, stream: int, wire: Wire) -> None:
        if wire == "drop":
            self.abort()
        elif wire == "goaway":
            self._go_away(stream)
        elif stream in self._open:
            codes = h2.errors.ErrorCodes
            self._h2.reset_stream(stream, codes.REFUSED_STREAM if wire == "refused" else codes.INTERNAL_ERROR)
            self._open.discard(stream)

    def _go_away(self, stream: int) -> None:
        """Says that this stream and all after it were not processed; those before it are still answered."""
        last = max(stream - 2, 0)
        if self._last_stream is None or last < self._last_stream:
            self._last_stream = last
            self._flush()
            # Not by h2, which sends nothing more after a GOAWAY of its own.
            self._write(_frame(_GOAWAY, struct.pack("!II", last, h2.errors.ErrorCodes.NO_ERROR)))
            self._ledger.goaways += 1
        for later in [known for known in self._open if known > last]:
            self._forget(later)

    def _leave_when_done(self) -> None:
        if self._last_stream is not None and not self._open:
            asyncio.get_running_loop().call_later(_FAREWELL_SECONDS, self.close)

    def _forget(self, stream: int) -> None:
        """Nothing more comes of this stream. What a request has already done stays done."""
        self._open.discard(stream)
        self._unsent.pop(stream, None)
        request = self._requests.pop(stream, None)
        if request is not None:
            self._ledger.note(request)
        task = self._tasks.pop(stream, None)
        if task is not None:
            task.cancel()

    def _flush(self) -> None:
        self._write(self._h2.data_to_send())

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _frame(kind: int, payload: bytes) -> bytes:
    """A frame of the whole connection, without flags."""
    return struct.pack("!IBI", len(payload) << 8 | kind, 0, 0) + payload


def _settings(max_streams: int) -> Settings:
    return Settings(client=False, initial_values={SettingCodes.MAX_CONCURRENT_STREAMS: max_streams})
