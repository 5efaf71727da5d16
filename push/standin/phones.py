"""The phones of the stand-in: targets that exist, what reached them, and who is watching."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from push.standin.condition import Holds

KEPT_PER_PHONE = 60
# A page that has stopped reading loses the oldest messages.
KEPT_PER_WATCHER = 10_000
QUIET_SECONDS = 15.0


class Phone(msgspec.Struct, rename="camel", kw_only=True):
    """A device as its own app knows it: name for the page, and the key that it made.

    Attributes:
        token: its registration token. What stands before a colon is its Firebase installation id, which is
            a target too.
        topics: what it is subscribed to.
    """

    token: str
    name: str
    platform: str
    installation_id: UUID
    key_id: str | None = None
    key: str | None = None
    topics: set[str] = set()


class Received(msgspec.Struct, rename="camel", kw_only=True):
    """A message that FCM accepted, as it would reach the app."""

    token: str
    name: str
    received_at: datetime
    message: dict[str, Any]


class Phones:
    """All phones and their latest messages. Phones survive a restart in `file`.

    Attributes:
        accept_unknown: takes messages for targets that nobody has, and forgets them at once. For load tests.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.accept_unknown = False
        self._file = file
        self._phones: dict[str, Phone] = {}
        self._by_fid: dict[str, str] = {}
        self._received: dict[str, deque[Received]] = {}
        self._watchers: set[asyncio.Queue[Received]] = set()
        if file is not None and file.exists():
            for phone in msgspec.json.decode(file.read_bytes(), type=list[Phone]):
                self._put(phone)

    def add(self, phone: Phone) -> Phone:
        """Registers a phone, as Firebase's SDK does in an app; a known installation gets a fresh token."""
        for token, known in list(self._phones.items()):
            if known.installation_id == phone.installation_id:
                self.remove(token)
        self._put(phone)
        self._save()
        return phone

    def remove(self, token: str) -> bool:
        """The app is uninstalled: FCM answers UNREGISTERED from now on."""
        known = self._phones.pop(token, None) is not None
        self._by_fid.pop(token.partition(":")[0], None)
        self._received.pop(token, None)
        self._save()
        return known

    def find(self, target: str) -> Phone | None:
        """The phone of this registration token or Firebase installation id."""
        return self._phones.get(target) or self._phones.get(self._by_fid.get(target, ""))

    def knows(self, target: str) -> bool:
        """Whether a message to this token or Firebase installation id is accepted."""
        return self.accept_unknown or self.find(target) is not None

    def all(self) -> list[Phone]:
        return list(self._phones.values())

    def latest(self, token: str) -> list[Received]:
        return list(self._received.get(token, ()))

    def subscribe(self, phone: Phone, topic: str) -> bool:
        """Whether that is new."""
        new = topic not in phone.topics
        phone.topics.add(topic)
        if new:
            self._save()
        return new

    def unsubscribe(self, phone: Phone, topic: str) -> bool:
        """Whether the phone had been subscribed."""
        had = topic in phone.topics
        phone.topics.discard(topic)
        if had:
            self._save()
        return had

    def subscribed(self, holds: Holds) -> Collection[Phone]:
        """The phones of whose topics the condition holds."""
        return [phone for phone in self._phones.values() if holds(phone.topics)]

    def receive(self, target: str, message: dict[str, Any], name: str) -> None:
        """A message arrives at a phone, and everybody who watches sees it. Nothing is kept for an unknown target."""
        phone = self.find(target)
        if phone is None:
            return
        received = Received(token=phone.token, name=name, received_at=datetime.now(UTC), message=message)
        self._received.setdefault(phone.token, deque(maxlen=KEPT_PER_PHONE)).append(received)
        for watcher in self._watchers:
            if watcher.full():
                watcher.get_nowait()
            watcher.put_nowait(received)

    def watch(self, token: str | None = None) -> AsyncIterator[Received | None]:
        """Messages as they arrive from this call on, of one phone or of all; None now and then when it is quiet."""
        mine: asyncio.Queue[Received] = asyncio.Queue(KEPT_PER_WATCHER)
        self._watchers.add(mine)
        return self._follow(mine, token)

    async def _follow(self, mine: asyncio.Queue[Received], token: str | None) -> AsyncIterator[Received | None]:
        try:
            while True:
                try:
                    received = await asyncio.wait_for(mine.get(), QUIET_SECONDS)
                except TimeoutError:
                    yield None
                    continue
                if token is None or received.token == token:
                    yield received
        finally:
            self._watchers.discard(mine)

    def _put(self, phone: Phone) -> None:
        self._phones[phone.token] = phone
        self._by_fid[phone.token.partition(":")[0]] = phone.token

    def _save(self) -> None:
        if self._file is not None:
            self._file.touch(mode=0o600)
            self._file.write_bytes(msgspec.json.format(msgspec.json.encode(self.all()), indent=1))


def new_token() -> str:
    """A registration token of the usual form: a Firebase installation id, a colon, and a long secret."""
    return f"{new_fid()}:APA91b{secrets.token_urlsafe(98)}"


def new_fid() -> str:
    """A Firebase installation id: 22 characters, of which the first says that it is one."""
    return secrets.choice("cdef") + secrets.token_urlsafe(16)[:21]
