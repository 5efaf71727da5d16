"""An app in the foreground: the API over a real socket, and a stream of events that is read as it comes."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from litestar import Litestar

from backend.core.middleware import RequestLog
from backend.live.hub import Hub
from tests.world import Someone

PATIENCE = 10.0


@dataclass
class Event:
    name: str
    data: Any
    id: str | None


@asynccontextmanager
async def served(app: Litestar, hub: Hub) -> AsyncIterator[str]:
    """The API as its process serves it, its listening included; its address."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        config = uvicorn.Config(RequestLog(app), log_config=None, access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            hub.end()
            server.should_exit = True
            await serving


@dataclass
class Stream:
    """What an app hears."""

    lines: AsyncIterator[str]
    raw: list[str] = field(default_factory=list)

    async def next(self, name: str | None = None) -> Event:
        """The next event, of that name if one is given. Raises TimeoutError where none comes."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self._read()
                if event is not None and name in (None, event.name):
                    return event

    async def quiet(self) -> None:
        """Until it has looked twice and found nothing, as it does when it begins: from then on only a word wakes it."""
        for _ in range(2):
            assert await self._read() is None

    async def end(self) -> list[Event]:
        """What comes until the server ends the stream."""
        events: list[Event] = []
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    event = await self._read()
                except StopAsyncIteration:
                    return events
                if event is not None:
                    events.append(event)

    async def _read(self) -> Event | None:
        """One block; None for a comment."""
        parts: dict[str, str] = {}
        while line := await anext(self.lines):
            self.raw.append(line)
            name, _, value = line.partition(": ")
            parts[name] = value
        return Event(parts["event"], json.loads(parts["data"]), parts.get("id")) if "event" in parts else None


@asynccontextmanager
async def listening(url: str, someone: Someone, query: str = "", last: str | None = None) -> AsyncIterator[Stream]:
    """Somebody's app opens a stream, and has heard that it stands."""
    headers = {"authorization": f"Bearer {someone.token}", "accept-language": "ru", "accept-encoding": "gzip"}
    if last is not None:
        headers["last-event-id"] = last
    async with (
        httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False) as client,
        client.stream("GET", f"/v1/live{query}", headers=headers) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(aiter(answer.aiter_lines()))
        assert await stream._read() is None
        assert "retry: 3000" in stream.raw
        yield stream
