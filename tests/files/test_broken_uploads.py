"""Uploads that do not come to their end: whoever or whatever ends them, nothing stays."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.core.errors import Unavailable, UploadTooSlow
from backend.files.jobs import remove_files
from backend.files.storage import Content, Storage
from backend.files.uploads import UploadDesk
from backend.identity.acting import Bearer
from tests.files.conftest import Stored
from tests.files.samples import pdf
from tests.files.test_uploads import nothing_kept, rows
from tests.world import World


async def test_a_sender_who_goes_leaves_nothing(world: World, app: Litestar, storage: Storage, stored: Stored) -> None:
    headers = [(b"authorization", f"Bearer {world.mother.token}".encode()), (b"content-length", b"100")]
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/v1/files",
        "raw_path": b"/v1/files", "root_path": "", "query_string": b"name=a.pdf", "headers": headers,
        "scheme": "http", "server": ("diary.test", 80), "client": ("127.0.0.1", 1), "state": {}, "extensions": {},
    }  # fmt: skip
    events = iter(
        [{"type": "http.request", "body": b"%PDF-1.4\n", "more_body": True}, {"type": "http.disconnect"}]
    )  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return next(events)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)

    assert sent[0]["status"] == 408  # nobody reads it, and no alarm of ours rings
    assert await nothing_kept(world, storage, stored)


class Handler:
    """What the right to call an operation is read from: anybody who has signed in."""

    opt: dict[str, object] = {}


async def of(*pieces: bytes, then: float = 0) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    await asyncio.sleep(then)


async def _take(desk: UploadDesk, world: World, body: AsyncIterator[bytes]) -> Any:
    (session_id,) = await _session(world)
    bearer = Bearer(world.mother.id, session_id)
    return await desk.take(bearer, Handler(), "a.pdf", None, body, None, world.clock.now)  # type: ignore[arg-type]


async def _session(world: World) -> list[UUID]:
    async with world.database.transaction() as session:
        found = await session.execute(
            text("SELECT id FROM auth_session WHERE account_id = :mother"), {"mother": world.mother.id}
        )
        return list(found.scalars())


async def test_an_upload_that_does_not_end_is_ended(world: World, storage: Storage, stored: Stored) -> None:
    desk = UploadDesk(world.database, storage, patience=timedelta(seconds=0.05))

    with pytest.raises(UploadTooSlow):
        await _take(desk, world, of(b"%PDF-1.4\n", then=60))

    assert await nothing_kept(world, storage, stored)


async def test_of_a_process_that_dies_under_way_nothing_stays(world: World, storage: Storage, stored: Stored) -> None:
    """It dies after the bytes are stored, before their row is: nobody can ask for them, and they go."""

    class Dying:
        """A storage at whose end the process is gone: what would be done after an error is not done either."""

        async def put(self, file_id: UUID, content: Content) -> None:
            await storage.put(file_id, content)
            never = asyncio.Event()
            died.set()
            await never.wait()

    died = asyncio.Event()
    task = asyncio.create_task(_take(UploadDesk(world.database, Dying()), world, of(pdf())))  # type: ignore[arg-type]
    await died.wait()

    assert len(stored.files()) == 1
    assert await rows(world, "stored_file") == 0
    await remove_files(world.database, storage, world.clock.now + timedelta(minutes=59))
    assert len(stored.files()) == 1
    assert await remove_files(world.database, storage, world.clock.now + timedelta(hours=1)) == 1
    assert (stored.files(), await rows(world, "file_removal")) == ([], 0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_bytes_that_are_being_removed_become_no_file(world: World, storage: Storage, stored: Stored) -> None:
    class Slow:
        """A storage during whose work the hour passes."""

        async def put(self, file_id: UUID, content: Content) -> None:
            await storage.put(file_id, content)
            await remove_files(world.database, storage, world.clock.now + timedelta(hours=1))

    with pytest.raises(Unavailable):
        await _take(UploadDesk(world.database, Slow()), world, of(pdf()))  # type: ignore[arg-type]

    assert await nothing_kept(world, storage, stored)
