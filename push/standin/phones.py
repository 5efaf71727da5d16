"""The phones of the stand-in: targets that exist, what reached them, and who is watching."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

KEPT_PER_PHONE = 60
QUIET_SECONDS = 15.0


class Phone(msgspec.Struct, rename="camel", kw_only=True):
    """A device as its own app knows it: name for the page, and the key that it made."""

    token: str
    name: str
    platform: str
    installation_id: UUID
    key_id: str | None = None
    key: str | None = None


class Received(msgspec.Struct, rename="camel", kw_only=True):
    """A message that FCM accepted, as it would reach the app."""

    token: str
    name: str
    received_at: datetime
    message: dict[str, Any]


class Phones:
    """All phones and their latest messages. Phones survive a restart in `file`."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._phones: dict[str, Phone] = {}
        self._received: dict[str, deque[Received]] = {}
        self._watchers: set[asyncio.Queue[Received]] = set()
        if file is not None and file.exists():
            for phone in msgspec.json.decode(file.read_bytes(), type=list[Phone]):
                self._phones[phone.token] = phone

    def add(self, phone: Phone) -> Phone:
        """Registers a phone, as Firebase's SDK does in an app; a known installation gets a fresh token."""
        for token, known in list(self._phones.items()):
            if known.installation_id == phone.installation_id:
                self.remove(token)
        self._phones[phone.token] = phone
        self._save()
        return phone

    def remove(self, token: str) -> bool:
        """The app is uninstalled: FCM answers UNREGISTERED from now on."""
        known = self._phones.pop(token, None) is not None
        self._received.pop(token, None)
        self._save()
        return known

    def knows(self, target: str) -> bool:
        return target in self._phones

    def all(self) -> list[Phone]:
        return list(self._phones.values())

    def latest(self, token: str) -> list[Received]:
        return list(self._received.get(token, ()))

    def receive(self, target: str, message: dict[str, Any], name: str) -> None:
        """A message arrives at a phone, and everybody who watches sees it."""
        received = Received(token=target, name=name, received_at=datetime.now(UTC), message=message)
        self._received.setdefault(target, deque(maxlen=KEPT_PER_PHONE)).append(received)
        for watcher in self._watchers:
            watcher.put_nowait(received)

    def watch(self, token: str | None = None) -> AsyncIterator[Received | None]:
        """Messages as they arrive from this call on, of one phone or of all; None now and then when it is quiet."""
        mine: asyncio.Queue[Received] = asyncio.Queue()
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

    def _save(self) -> None:
        if self._file is not None:
            self._file.touch(mode=0o600)
            self._file.write_text(json.dumps(msgspec.to_builtins(self.all()), ensure_ascii=False, indent=1))


def new_token() -> str:
    """A registration token of the usual form."""
    return f"{secrets.token_urlsafe(16)}:APA91b{secrets.token_urlsafe(98)}"
