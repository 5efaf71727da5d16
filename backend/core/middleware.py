"""Every request has an id and leaves one line in the log: the route's pattern, never an address or a body."""

import time
from uuid import uuid4

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog import get_logger
from structlog.contextvars import bind_contextvars, clear_contextvars

log = get_logger()


class RequestLog:
    """Stands around the whole application: Litestar's own middleware does not see unknown addresses.

    Binds `request_id` to all events of a request and answers with it in X-Request-Id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        clear_contextvars()
        request_id = uuid4().hex
        bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        method = str(scope.get("method"))
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableScopeHeaders.from_message(message).add("X-Request-Id", request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            route = scope.get("path_template") or "unknown"
            log.info("request", method=method, route=route, status=status, ms=milliseconds)
