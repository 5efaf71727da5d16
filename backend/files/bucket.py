"""Files in a bucket of any service that speaks S3."""

import asyncio
import mmap
import urllib.request
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from uuid import UUID, uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from backend.files.storage import LINK_LASTS, Content, NoBytes, StorageFailed, disposition

_PIECE = 256 * 1024
# Whoever waits is a person: an upload, or the scheduler's tick.
_TRIES = 2
_TRY_FOR = timedelta(seconds=20)
_ONE_TRY = timedelta(seconds=60)


class BucketStorage:
    """A bucket. Downloads go to it directly, by links that it checks itself.

    Args:
        prefix: what the keys begin with, for a bucket that others use too.
        endpoint: the service's address, which phones reach as well; None for Amazon's own.
    """

    def __init__(
        self, bucket: str, prefix: str, *, endpoint: str | None, region: str, access_key: str, secret_key: str,
        tries: int = _TRIES,
    ) -> None:  # fmt: skip
        self._name = f"s3://{bucket}"
        self._prefix = f"{prefix}/" if prefix else ""
        self.store = S3Store(
            bucket, endpoint=endpoint, region=region, access_key_id=access_key, secret_access_key=secret_key,
            client_options={"allow_http": (endpoint or "").startswith("http://"), "timeout": _ONE_TRY},
            retry_config={"max_retries": tries, "retry_timeout": _TRY_FOR},
        )  # fmt: skip

    async def put(self, file_id: UUID, content: Content) -> None:
        # One request: parts of an upload that broke off would lie in the bucket, unseen, for ever. The pages of the
        # file are read as they are sent.
        described = {
            "Content-Type": content.media_type, "Content-Disposition": disposition(content.name),
            "Cache-Control": "private",
        }  # fmt: skip
        try:
            with mmap.mmap(content.file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
                await obstore.put_async(
                    self.store, self._key(file_id), pages, attributes=described, use_multipart=False
                )
        except BaseError as error:
            raise StorageFailed(type(error).__name__) from error

    async def read(self, file_id: UUID) -> AsyncIterator[bytes]:
        try:
            found = await obstore.get_async(self.store, self._key(file_id))
        except FileNotFoundError:
            raise NoBytes from None

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

        return pieces()

    async def delete(self, file_ids: Sequence[UUID]) -> None:
        await obstore.delete_async(self.store, [self._key(file_id) for file_id in file_ids])

    async def link(self, file_id: UUID, now: datetime) -> str:  # noqa: ARG002 - the service goes by its own clock
        return await obstore.sign_async(self.store, "GET", self._key(file_id), LINK_LASTS)

    async def check(self, now: datetime) -> str:
        probe = uuid4()
        with TemporaryFile() as file:
            file.write(b"probe")
            file.flush()
            await self.put(probe, Content(file, "probe.txt", "text/plain"))
        link = await self.link(probe, now)
        read = await asyncio.to_thread(_fetch, link)
        await self.delete([probe])
        if read != b"probe":
            raise OSError("a link does not answer what was written")
        return self._name

    def _key(self, file_id: UUID) -> str:
        return f"{self._prefix}{file_id.hex}"


def _fetch(link: str) -> bytes:
    with urllib.request.urlopen(link, timeout=20) as answer:  # noqa: S310 - the address is the operator's own
        return bytes(answer.read())
