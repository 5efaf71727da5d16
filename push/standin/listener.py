"""Listens over TLS and lets each client speak the version of HTTP that it chose (ALPN, RFC 7301)."""

import asyncio
import ssl
from typing import cast
from weakref import WeakSet

from push.standin.http1 import Http1Connection
from push.standin.http2 import Http2Connection
from push.standin.ledger import Ledger
from push.standin.messages import Handler

Connection = Http1Connection | Http2Connection


class Listener:
    """Listens until it is closed. `ledger` counts what comes.

    Args:
        max_streams: how many requests a client may have under way on one HTTP/2 connection
            (SETTINGS_MAX_CONCURRENT_STREAMS); more are answered by REFUSED_STREAM.
    """

    def __init__(self, handler: Handler, context: ssl.SSLContext, *, max_streams: int = 100) -> None:
        self.ledger = Ledger()
        self._handler = handler
        self._context = context
        self._max_streams = max_streams
        self._server: asyncio.Server | None = None
        # Weak: a connection that has ended is nobody's to abort.
        self._connections: WeakSet[Connection] = WeakSet()

    @property
    def max_streams(self) -> int:
        """The limit of `max_streams`. Setting it holds for new connections and is told to those that stand."""
        return self._max_streams

    @max_streams.setter
    def max_streams(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("max_streams is at least 1")
        self._max_streams = limit
        for connection in list(self._connections):
            if isinstance(connection, Http2Connection):
                connection.max_streams = limit

    @property
    def peak_streams(self) -> int:
        """The most requests that a client had under way at once on one HTTP/2 connection."""
        return self.ledger.peak_streams

    @property
    def http2_connections(self) -> int:
        """How many HTTP/2 connections there have been."""
        return self.ledger.http2_connections

    @property
    def goaways(self) -> int:
        """How many GOAWAY frames were sent."""
        return self.ledger.goaways

    async def start(self, host: str, port: int) -> int:
        """Listens; returns the port (useful with port 0)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Chooser(self), host, port, ssl=self._context)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop_connections()
        await asyncio.sleep(0)

    def drop_connections(self) -> None:
        """Ends every connection at once, without a word to the clients, as when a machine fails."""
        # A polite close waits for clients that may be gone.
        for connection in list(self._connections):
            connection.abort()

    def connection(self, protocol: str | None) -> Connection:
        """The conversation with a client that chose `protocol`."""
        chosen: Connection
        if protocol == "h2":
            chosen = Http2Connection(self._handler, self.ledger, self._max_streams)
        else:
            chosen = Http1Connection(self._handler, self.ledger)
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
