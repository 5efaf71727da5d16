"""Listens over TLS and lets each client speak the version of HTTP that it chose (ALPN, RFC 7301)."""

import asyncio
import ssl
from typing import cast
from weakref import WeakSet

from push.standin.http1 import Http1Connection
from push.standin.http2 import Http2Connection
from push.standin.messages import Handler

Connection = Http1Connection | Http2Connection


class Listener:
    """Listens until it is closed.

    Args:
        max_streams: how many requests a client may have under way on one HTTP/2 connection.
    """

    def __init__(self, handler: Handler, context: ssl.SSLContext, *, max_streams: int = 100) -> None:
        self._handler = handler
        self._context = context
        self._max_streams = max_streams
        self._server: asyncio.Server | None = None
        # Weak: a connection that has ended is nobody's to abort.
        self._connections: WeakSet[Connection] = WeakSet()

    async def start(self, host: str, port: int) -> int:
        """Listens; returns the port (useful with port 0)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Chooser(self), host, port, ssl=self._context)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        # Not a polite close: that waits for clients that may be gone.
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    def connection(self, protocol: str | None) -> Connection:
        """The conversation with a client that chose `protocol`."""
        chosen: Connection
        if protocol == "h2":
            chosen = Http2Connection(self._handler, self._max_streams)
        else:
            chosen = Http1Connection(self._handler)
        self._connections.add(chosen)
        return chosen


class _Chooser(asyncio.Protocol):
    """Stands at the door until TLS has settled the version, then hands over."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        connection = self._listener.connection(tls.selected_alpn_protocol())
        cast("asyncio.Transport", transport).set_protocol(connection)
        connection.connection_made(transport)
