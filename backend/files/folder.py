"""Files in a folder of this machine, or of a volume that the API and the scheduler share."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote
from uuid import UUID, uuid4

from backend.files import links
from backend.files.storage import LINK_LASTS, Content, NoBytes, StorageFailed

_PIECE = 256 * 1024


class FolderStorage:
    """A folder. Downloads are our own route, whose links this signs.

    Args:
        path: the folder, as it stands in a URL; it is made when it is needed.
        key: signs links.
    """

    def __init__(self, path: str, key: bytes) -> None:
        self._root = Path(unquote(path))
        self._key = key

    async def put(self, file_id: UUID, content: Content) -> None:
        try:
            await asyncio.to_thread(self._put, self._path(file_id), content.file)
        except OSError as error:
            raise StorageFailed(error.strerror) from error

    async def read(self, file_id: UUID) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread(self._path(file_id).open, "rb")
        except FileNotFoundError:
            raise NoBytes from None
        return _pieces(file)

    async def delete(self, file_ids: Sequence[UUID]) -> None:
        await asyncio.to_thread(self._delete, [self._path(file_id) for file_id in file_ids])

    async def link(self, file_id: UUID, now: datetime) -> str:
        return links.sign(self._key, file_id, now + LINK_LASTS)

    async def check(self, now: datetime) -> str:  # noqa: ARG002 - our own links need no trying
        # Beside the folders of files: one that an operator's own user had made would be closed to the service's.
        probe = self._root / f"probe-{uuid4().hex}"
        try:
            await asyncio.to_thread(self._put, probe, BytesIO(b"probe"))
            read = await asyncio.to_thread(probe.read_bytes)
            await asyncio.to_thread(self._delete, [probe])
        except OSError as error:
            raise StorageFailed(error.strerror) from error
        if read != b"probe":
            raise OSError("what was written is not what is read")
        return str(self._root)

    def _path(self, file_id: UUID) -> Path:
        # The last digits of a UUIDv7 are random: the files spread over 256 folders.
        return self._root / file_id.hex[-2:] / file_id.hex

    def _put(self, path: Path, content: BinaryIO) -> None:
        """Whole or not at all, and on the disk when it returns: the row that follows must never be without bytes."""
        _make_folder(path.parent)
        part = _part(path)
        with part.open("wb") as file:
            shutil.copyfileobj(content, file, _PIECE)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync(path.parent)

    def _delete(self, paths: Sequence[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)
            _part(path).unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            with suppress(FileNotFoundError):
                _sync(folder)


def _part(path: Path) -> Path:
    """Where the bytes are until they are whole. Its name follows from the id, so that a crash leaves nothing that
    `delete` would not find."""
    return path.with_suffix(".part")


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """A name is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
