"""Uploads: counted as they come, looked at, and stored so that a crash at any moment leaves nothing behind.

1. The upload is announced (`file_removal`, due in an hour) and committed, before the first byte: whatever happens from
   here on, its bytes are removed.
2. The body goes into a temporary file without a name, which ends with the process. What it is, is seen there.
3. The bytes go into the storage, and are safe when that returns.
4. One transaction takes the announcement back and writes the file's row. So a row that anybody could ask for has bytes.

If the announcement was taken meanwhile, because the hour is over, the fourth step fails and the bytes go.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

import msgspec
from litestar.handlers import HTTPRouteHandler
from structlog import get_logger

from backend.core.db import Database
from backend.core.errors import (
    Conflict,
    FileTooLarge,
    FileTypeRefused,
    Unavailable,
    UploadTooSlow,
    UploadVolumeUsed,
)
from backend.core.idempotency import once
from backend.core.ids import new_id
from backend.files import repository
from backend.files.kinds import Kind, kind_of
from backend.files.models import StoredFile
from backend.files.names import clean_name
from backend.files.storage import Content, Storage, StorageFailed
from backend.identity.acting import Bearer, confirm
from schemas import files as wire

log = get_logger()

LIMIT = 20_000_000
MOST_WAITING = 50
MOST_A_DAY = 500_000_000
_DAY = timedelta(days=1)
# An announced upload's bytes are due after this, which is far beyond the longest that one may last.
_ANNOUNCED_FOR = timedelta(hours=1)
_PATIENCE = timedelta(minutes=10)


class _Asked(msgspec.Struct):
    """What makes a repeated request the same one."""

    name: str
    digest: str


class UploadDesk:
    """Takes uploads.

    Args:
        patience: how long one may last.
    """

    def __init__(self, database: Database, storage: Storage, patience: timedelta = _PATIENCE) -> None:
        self._database = database
        self._storage = storage
        self._patience = patience

    async def take(
        self, bearer: Bearer, handler: HTTPRouteHandler, name: str, announced: int | None,
        body: AsyncIterator[bytes], key: str | None, now: datetime,
    ) -> wire.AttachedFile:  # fmt: skip
        """Stores a file.

        Args:
            announced: the Content-Length, where there is one.

        Raises:
            Unauthenticated, Forbidden: as everywhere (identity/acting.py).
            FileTooLarge: before the first byte where the length says so, else as soon as it is too much.
            FileTypeRefused: its content is of no kind that is taken.
            UploadTooSlow: it did not come in time.
            Conflict: too many files of the account wait to be attached, or the key was used for another file.
            UploadVolumeUsed: the account has uploaded enough for a day.
            Unavailable: the storage does not answer, or it took so long that its bytes are being removed.
        """
        file_id = await self._announce(bearer, handler, announced, now)
        try:
            row, asked = await self._store(file_id, bearer.account_id, name, body, now)
            return await self._keep(bearer, handler, row, asked, key, now)
        except BaseException:
            await asyncio.shield(self._give_up(file_id, now))
            raise

    async def _store(
        self, file_id: UUID, account_id: UUID, name: str, body: AsyncIterator[bytes], now: datetime
    ) -> tuple[StoredFile, _Asked]:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                with TemporaryFile() as file:
                    asked, size = await _receive(file, name, body)
                    kind = await asyncio.to_thread(_examine, file)
                    row = _row(file_id, account_id, name, kind, size, now)
                    file.seek(0)
                    await self._storage.put(file_id, Content(file, row.name, row.media_type))
        except TimeoutError as error:
            raise UploadTooSlow from error
        except StorageFailed as error:
            log.error("storage_failed", error=str(error))
            raise Unavailable(headers={"Retry-After": "30"}) from error
        return row, asked

    async def _announce(self, bearer: Bearer, handler: HTTPRouteHandler, announced: int | None, now: datetime) -> UUID:
        async with self._database.transaction(bearer.account_id) as session:
            acting = await confirm(session, bearer, handler)
            if announced is not None and announced > LIMIT:
                raise FileTooLarge(limit=LIMIT)
            size = LIMIT if announced is None else announced
            waiting, volume = await repository.held(session, acting.account_id, now - _DAY)
            if waiting >= MOST_WAITING:
                raise Conflict(code="too-many-unattached-files", limit=MOST_WAITING)
            if volume + size > MOST_A_DAY:
                raise UploadVolumeUsed(seconds=3600)
            file_id = new_id()
            await repository.announce(session, file_id, acting.account_id, size, now + _ANNOUNCED_FOR)
        return file_id

    async def _keep(
        self, bearer: Bearer, handler: HTTPRouteHandler, row: StoredFile, asked: _Asked, key: str | None,
        now: datetime,
    ) -> wire.AttachedFile:  # fmt: skip
        async def work() -> wire.AttachedFile:
            if not await repository.keep(session, row):
                raise Unavailable
            return wire.AttachedFile(id=row.id, name=row.name, media_type=row.media_type, size=row.size)

        async with self._database.transaction(bearer.account_id) as session:
            acting = await confirm(session, bearer, handler)
            kept = await once(session, acting.account_id, "uploadFile", key, asked, wire.AttachedFile, now, work)
            if kept.id != row.id:  # it had come before: once is enough
                await repository.give_up(session, row.id, now)
        return kept

    async def _give_up(self, file_id: UUID, now: datetime) -> None:
        async with self._database.transaction() as session:
            await repository.give_up(session, file_id, now)


async def _receive(file: BinaryIO, name: str, body: AsyncIterator[bytes]) -> tuple[_Asked, int]:
    """Writes the body to a file, never holding more than a piece of it. Returns also how large it is."""
    digest, size = hashlib.sha256(), 0
    async for piece in body:
        size += len(piece)
        if size > LIMIT:
            raise FileTooLarge(limit=LIMIT)
        digest.update(piece)
        file.write(piece)  # into the system's cache: not worth a thread
    file.flush()
    return _Asked(name, digest.hexdigest()), size


def _examine(file: BinaryIO) -> Kind:
    kind = kind_of(file)
    if kind is None:
        raise FileTypeRefused
    return kind


def _row(file_id: UUID, account_id: UUID, name: str, kind: Kind, size: int, now: datetime) -> StoredFile:
    return StoredFile(
        id=file_id, uploaded_by=account_id, name=clean_name(name, kind), media_type=kind.media_type, size=size,
        uploaded_at=now,
    )  # fmt: skip
