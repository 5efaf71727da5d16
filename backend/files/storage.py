"""Where the bytes of files lie: one port, a folder (`folder.py`) or any S3 (`bucket.py`) behind it.

The key is the file's id, never a name that somebody chose. Whether a file may be had is not asked here.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol, runtime_checkable
from urllib.parse import quote
from uuid import UUID

# Long enough to begin a download; a link that is passed on is soon worth nothing.
LINK_LASTS = timedelta(minutes=5)


class NoBytes(Exception):
    """There is nothing under this id."""


class StorageFailed(Exception):
    """The storage is not reachable, or full; it says what was wrong."""


@dataclass(frozen=True, slots=True)
class Content:
    """What an upload brought: its bytes, and what a download says of them."""

    file: BinaryIO
    name: str
    media_type: str


@runtime_checkable
class Storage(Protocol):
    async def put(self, file_id: UUID, content: Content) -> None:
        """Keeps the bytes, wholly or not at all; once it returns they outlive a crash. Raises StorageFailed."""

    async def read(self, file_id: UUID) -> AsyncIterator[bytes]:
        """The bytes, piece by piece. Raises NoBytes."""

    async def delete(self, file_ids: Sequence[UUID]) -> None:
        """Removes the bytes, and what a broken upload left of them. What is not there is no error."""

    async def link(self, file_id: UUID, now: datetime) -> str:
        """Where whoever has the link downloads the file until LINK_LASTS is over; absolute, or of this API."""

    async def check(self, now: datetime) -> str:
        """Tries all of it, for `diary doctor`. Returns where it is; raises whatever is wrong."""


def disposition(name: str) -> str:
    """A Content-Disposition under which a file is saved, never shown in place (RFC 6266, RFC 8187)."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\%' else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
