"""HTTP/1.1 on the `h11` state machine, for clients without HTTP/2: google-auth and firebase-admin's `send`."""

import asyncio
from typing import cast

import h11

from push.standin.ledger import Ledger
from push.standin.messages import BODY_LIMIT, Handler, Request, Response


class Http1Connection(asyncio.Protocol):
    """One client's connection; requests are answered one after another. Every fault on the wire ends it."""

    def __init__(self, handler: Handler, ledger: Ledger) -> None:
        self._handler = handler
        self._ledger = ledger
        self._h11 = h11.Connection(h11.SERVER)
        self._transport: asyncio.Transport | None = None
        self._request: Request | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ledger.http1_connections += 1

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._request is not None:
            self._ledger.note(self._request)
        if self._task is not None:
            self._task.cancel()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._h11.receive_data(data)
        self._read()

    def _read(self) -> None:
        try:
            while True:
                event = self._h11.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    return
                if isinstance(event, h11.ConnectionClosed):
                    self.close()
                    return
                self._on(event)
        except h11.RemoteProtocolError:
            self.close()

    def _on(self, event: object) -> None:
        if isinstance(event, h11.Request):
            headers = {name.decode(): value.decode("latin-1") for name, value in event.headers}
            line = event.method + b" " + event.target + b" HTTP/1.1\r\n"
            head = self._ledger.head(event.headers, line)
            self._request = Request(event.method.decode(), event.target.decode(), headers, head=head)
        elif isinstance(event, h11.Data) and self._request is not None:
            self._request.body += event.data
            if len(self._request.body) > BODY_LIMIT:
                self.close()
        elif isinstance(event, h11.EndOfMessage) and self._request is not None:
            request, self._request = self._request, None
            self._ledger.note(request)
            self._task = asyncio.get_running_loop().create_task(self._answer(request))

    async def _answer(self, request: Request) -> None:
        response = await self._handler(request)
        if response.wire is not None:
            self.abort()
            return
        self._write(response)
        if self._h11.our_state is h11.MUST_CLOSE:
            self.close()
            return
        self._h11.start_next_cycle()
        self._read()

    def _write(self, response: Response) -> None:
        if self._transport is None:
            return
        headers = [*response.headers, ("content-length", str(len(response.body)))]
        head = self._h11.send(h11.Response(status_code=response.status, headers=headers)) or b""
        body = self._h11.send(h11.Data(data=response.body)) or b""
        self._transport.write(head + body + (self._h11.send(h11.EndOfMessage()) or b""))
