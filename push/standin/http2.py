"""HTTP/2 (RFC 9113) on the `h2` state machine: whole requests in, whole answers out."""

import asyncio
from typing import cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from push.standin.messages import BODY_LIMIT, Handler, Request


class Http2Connection(asyncio.Protocol):
    """One client's connection. Several requests are answered at once, each on its own stream."""

    def __init__(self, handler: Handler, max_streams: int) -> None:
        self._handler = handler
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self._max_streams = max_streams
        self._transport: asyncio.Transport | None = None
        self._requests: dict[int, Request] = {}
        self._unsent: dict[int, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._h2.initiate_connection()
        self._h2.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: self._max_streams})
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        for task in self._tasks:
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

    def _on(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived(stream_id=int(stream), headers=headers):
                named = {str(name): str(value) for name, value in headers}
                self._requests[stream] = Request(named.pop(":method", ""), named.pop(":path", ""), named)
            case h2.events.DataReceived(stream_id=int(stream), data=data):
                self._take(stream, data, event.flow_controlled_length or 0)
            case h2.events.StreamEnded(stream_id=int(stream)):
                request = self._requests.pop(stream, None)
                if request is not None:
                    self._start(stream, request)
            case h2.events.StreamReset(stream_id=int(stream)):
                self._requests.pop(stream, None)
                self._unsent.pop(stream, None)
            case h2.events.WindowUpdated():
                for stream in list(self._unsent):
                    self._send_body(stream)
            case h2.events.ConnectionTerminated():
                self.close()

    def _take(self, stream: int, data: bytes, size: int) -> None:
        request = self._requests.get(stream)
        if request is not None:
            request.body += data
            if len(request.body) > BODY_LIMIT:
                del self._requests[stream]
                self._h2.reset_stream(stream, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
        self._h2.acknowledge_received_data(size, stream)

    def _start(self, stream: int, request: Request) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(stream, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, stream: int, request: Request) -> None:
        response = await self._handler(request)
        headers = [(":status", str(response.status)), *response.headers]
        try:
            self._h2.send_headers(stream, headers, end_stream=not response.body)
        except h2.exceptions.ProtocolError:
            return  # the client has gone or reset the stream
        if response.body:
            self._unsent[stream] = response.body
            self._send_body(stream)
        self._flush()

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

    def _flush(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._h2.data_to_send())
