"""Who gets at a file's content, and by what link."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import NotFound
from backend.files import links, repository
from backend.files.models import StoredFile
from backend.files.storage import LINK_LASTS, NoBytes, Storage
from schemas import files as wire

# Asked with the account, the owner's id and the moment: whether the account may see that thing now.
MayRead = Callable[[AsyncSession, UUID, UUID, datetime], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class FileRights:
    """Who may read what is attached, by the kind of its owner: each room answers for its own things, handed over by
    `backend/parts.py`."""

    may_read: Mapping[str, MayRead]

    async def file_to_read(self, session: AsyncSession, account_id: UUID, file_id: UUID, now: datetime) -> StoredFile:
        """The file, where the account may have it now: the uploader until it is attached, then whoever sees the thing
        that it is attached to.

        Raises:
            NotFound: no such file, or not the caller's to see.
        """
        file = await repository.file(session, file_id)
        if file is None:
            raise NotFound
        if file.owner_kind is None or file.owner_id is None:
            allowed = file.uploaded_by == account_id
        else:
            asks = self.may_read.get(file.owner_kind)
            allowed = asks is not None and await asks(session, account_id, file.owner_id, now)
        if not allowed:
            raise NotFound
        return file


@dataclass(frozen=True, slots=True)
class Download:
    """A file's content on its way."""

    file: StoredFile
    pieces: AsyncIterator[bytes]


async def link(
    session: AsyncSession, account_id: UUID, file_id: UUID, rights: FileRights, storage: Storage, now: datetime
) -> wire.FileLink:
    """A link to a file's content that lasts five minutes. Raises NotFound as `file_to_read` does."""
    file = await rights.file_to_read(session, account_id, file_id, now)
    return wire.FileLink(
        id=file.id, name=file.name, media_type=file.media_type, size=file.size,
        url=await storage.link(file.id, now), expires_at=now + LINK_LASTS,
    )  # fmt: skip


async def remove(session: AsyncSession, account_id: UUID, file_id: UUID) -> None:
    """Removes a file that the account uploaded and attached to nothing. Raises NotFound for any other."""
    if not await repository.remove(session, account_id, file_id):
        raise NotFound


async def open_link(
    session: AsyncSession, key: bytes, file_id: UUID, until: int, signature: str, storage: Storage, now: datetime
) -> Download:
    """The content behind a link of ours.

    Raises:
        NotFound: the link is over or none of ours, or the file is gone since.
    """
    if not links.holds(key, file_id, until, signature, now, LINK_LASTS):
        raise NotFound
    file = await repository.file(session, file_id)
    if file is None:
        raise NotFound
    try:
        return Download(file, await storage.read(file_id))
    except NoBytes:
        raise NotFound from None
