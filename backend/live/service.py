"""The events of a stream: what changed in the inbox and in the open diary, with the rights as they are then."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from litestar.response.sse import ServerSentEventMessage

from backend.core.clock import Clock
from backend.core.errors import Invalid
from backend.core.reading import Readers
from backend.identity.acting import check_state
from backend.live.hub import Hub, Listener
from backend.live.repository import AT_ONCE, Asked, Seen, look
from push.inbox import FULL_SYNC, OVERLAP, Cursor, item_of
from push.wording import Texts
from schemas.live import DiaryChanged, LiveAlerts
from schemas.push import InboxAlert

# How many streams look at the same time: an announcement to everybody must leave connections for requests.
_LOOKING = 4
_RETRY_MS = 3_000
# What a stream has said of an alert.
_Said = dict[UUID, tuple[bool, bool]]


class LiveDesk:
    """Makes streams. They read in transactions of their own, short ones."""

    def __init__(self, hub: Hub, readers: Readers, texts: Texts, clock: Clock) -> None:
        self.hub = hub
        self._readers = readers
        self._texts = texts
        self._clock = clock
        self._looking = asyncio.Semaphore(_LOOKING)

    async def open(
        self, asked: Asked, language: str, last_event_id: str | None, until: datetime
    ) -> AsyncIterator[bytes]:
        """A stream from the event that the app saw last, or from now on, which ends with the access token.

        Raises:
            Invalid: the id is none of ours.
            Unauthenticated, Forbidden: the session has ended; a one-time password opens no stream.
            TooMany, Unavailable: there are too many streams.
        """
        events = self._events(asked, language, _cursor(last_event_id), until)
        # It has its place before the answer begins: of many that are opened at once none finds the same room free. And
        # a stream that was begun gives its place back also where nobody reads on.
        return _from(await anext(events), events)

    async def _events(
        self, asked: Asked, language: str, since: Cursor | None, until: datetime
    ) -> AsyncGenerator[bytes, None]:
        with self.hub.join(asked.account_id) as listener:
            seen = await self._look(asked, since)
            check_state(seen.password_state)
            yield ServerSentEventMessage(data=None, retry=_RETRY_MS, comment="hello").encode()
            stream = _Stream(asked, language, self._texts, since, listener)
            if since is None:
                # What was there before is listAlertChanges' to tell.
                stream.pass_over(seen)
            # What the diary is made of is watched only now; somebody may have spoken since the first look.
            listener.wake()
            while seen.alive:
                for event in stream.events(seen) or (_SILENCE,):
                    yield event
                if not await listener.wait() or self._clock() >= until:
                    return
                seen = await self._look(asked, stream.cursor)

    async def _look(self, asked: Asked, cursor: Cursor | None) -> Seen:
        now = self._clock()
        start = cursor.until - OVERLAP if cursor is not None else None
        async with self._looking:
            return await look(self._readers, asked, start, (start or now) - FULL_SYNC, now)


_SILENCE = b":\r\n\r\n"


async def _from(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(rest):
        yield first
        async for event in rest:
            yield event


class _Stream:
    """What a stream has said so far: what it finds again says nothing new."""

    def __init__(self, asked: Asked, language: str, texts: Texts, since: Cursor | None, listener: Listener) -> None:
        self._asked, self._language, self._texts, self._listener = asked, language, texts, listener
        self.cursor = since
        self._said: _Said = {}
        # Unlike any that was seen, so that the first one is told.
        self._version: str | None = "-"

    def pass_over(self, seen: Seen) -> None:
        self._said = _state(seen)

    def events(self, seen: Seen) -> list[bytes]:
        """What is new in what was seen."""
        found = []
        state = _state(seen)
        fresh = [row for row in seen.rows[:AT_ONCE] if self._said.get(row.id) != state[row.id]]
        start = self.cursor.until - OVERLAP if self.cursor is not None else seen.until
        self.cursor, self._said = Cursor(start, seen.until, None), state
        # Of more than that nobody can say whether it is new.
        if fresh or seen.more:
            found.append(self._alerts(seen, [item_of(self._texts, self._language, row) for row in fresh]))
        if self._asked.child_id is not None and seen.version != self._version:
            self._version = seen.version
            self._listener.watch(seen.entities)
            changed = DiaryChanged(child_id=self._asked.child_id, version=seen.version)
            found.append(_event("diary", changed, None))
        return found

    def _alerts(self, seen: Seen, items: list[InboxAlert]) -> bytes:
        assert self.cursor is not None  # noqa: S101 - narrows the type
        following = replace(self.cursor, after=seen.rows[AT_ONCE - 1].id) if seen.more else self.cursor
        body = LiveAlerts(items=items, next=following.written(), more=seen.more, children=list(seen.children))
        return _event("alerts", body, self.cursor.written())


def _state(seen: Seen) -> _Said:
    return {row.id: (row.read, row.withdrawn) for row in seen.rows[:AT_ONCE]}


def _event(name: str, body: msgspec.Struct, event_id: str | None) -> bytes:
    return ServerSentEventMessage(data=msgspec.json.encode(body), event=name, id=event_id).encode()


def _cursor(written: str | None) -> Cursor | None:
    if written is None:
        return None
    try:
        cursor = Cursor.read(written)
    except (ValueError, OverflowError):
        raise Invalid({"header:Last-Event-ID": "bad-header"}) from None
    return replace(cursor, after=None)
