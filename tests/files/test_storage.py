"""What every storage does: one suite over a folder and over a real S3."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import obstore
import pytest

from backend.core.errors import SetupError
from backend.core.ids import new_id
from backend.core.settings import Settings
from backend.files.bucket import BucketStorage
from backend.files.folder import FolderStorage
from backend.files.opening import open_storage
from backend.files.storage import LINK_LASTS, Content, NoBytes, Storage, StorageFailed
from tests.conftest import SECRET, MovableClock
from tests.files.conftest import Stored

LARGE = bytes(range(256)) * 40_000  # more than one piece, and than one part of S3


@pytest.fixture(params=["folder", "bucket"])
def anywhere(request: pytest.FixtureRequest) -> Storage:
    """The conformance suite's storage, once of each kind."""
    found: Storage = request.getfixturevalue(request.param)
    return found


async def put(storage: Storage, content: bytes, name: str = "a.pdf") -> UUID:
    file_id = new_id()
    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        await storage.put(file_id, Content(file, name, "application/pdf"))
    return file_id


async def read(storage: Storage, file_id: UUID) -> bytes:
    return b"".join([piece async for piece in await storage.read(file_id)])


async def test_what_is_put_is_read(anywhere: Storage) -> None:
    small, large = await put(anywhere, b"%PDF"), await put(anywhere, LARGE)

    assert await read(anywhere, small) == b"%PDF"
    assert await read(anywhere, large) == LARGE


async def test_it_is_read_piece_by_piece(anywhere: Storage) -> None:
    large = await put(anywhere, LARGE)

    pieces = [len(piece) async for piece in await anywhere.read(large)]

    assert len(pieces) > 1
    assert max(pieces) < len(LARGE) / 2


async def test_what_is_not_there_is_not_read(anywhere: Storage) -> None:
    with pytest.raises(NoBytes):
        await anywhere.read(new_id())


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(anywhere: Storage) -> None:
    kept, first, second = [await put(anywhere, b"%PDF") for _ in range(3)]

    for _ in range(2):
        await anywhere.delete([first, second, new_id()])

    for gone in (first, second):
        with pytest.raises(NoBytes):
            await anywhere.read(gone)
    assert await read(anywhere, kept) == b"%PDF"


async def test_two_files_at_once_do_not_meet(anywhere: Storage) -> None:
    contents = [bytes([number]) * 300_000 for number in range(8)]

    ids = await asyncio.gather(*(put(anywhere, content) for content in contents))

    assert [await read(anywhere, file_id) for file_id in ids] == contents


async def test_it_can_be_tried(anywhere: Storage, clock: MovableClock) -> None:
    assert await anywhere.check(clock.now)


async def test_a_folder_holds_nothing_but_what_was_put_and_nothing_named_by_a_user(
    folder: Storage, stored: Stored
) -> None:
    file_id = await put(folder, b"%PDF", "../../etc/passwd")

    (only,) = stored.files()

    assert only.name == file_id.hex
    assert only.parent.stat().st_mode & 0o077 == 0


async def test_what_a_crash_left_half_written_is_deleted_with_the_rest(folder: Storage, stored: Stored) -> None:
    file_id = await put(folder, b"%PDF")
    (whole,) = stored.files()
    whole.rename(whole.with_suffix(".part"))

    with pytest.raises(NoBytes):
        await folder.read(file_id)
    await folder.delete([file_id])

    assert stored.files() == []


async def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(StorageFailed, match=r"exists|Not a directory"):
        await put(FolderStorage(f"{tmp_path}/file/below", bytes(32)), b"%PDF")


async def test_an_s3_that_is_not_there_says_so() -> None:
    nowhere = BucketStorage(
        "diary", "", endpoint="http://127.0.0.1:9", region="r", access_key="a", secret_key="s", tries=0
    )

    with pytest.raises(StorageFailed):
        await put(nowhere, b"%PDF")


Get = Callable[[str], Awaitable[httpx.Response]]


@pytest.fixture
async def get() -> Get:
    async def ask(link: str) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get(link)

    return ask


async def test_a_link_to_a_bucket_saves_the_file_under_its_name(bucket: Storage, clock: MovableClock, get: Get) -> None:
    file_id = await put(bucket, LARGE, "Дроби.pdf")

    answer = await get(await bucket.link(file_id, clock.now))

    assert answer.content == LARGE
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''%D0%94%D1%80%D0%BE%D0%B1%D0%B8.pdf")
    assert answer.headers["cache-control"] == "private"


async def test_a_link_to_a_bucket_is_for_this_file_and_for_five_minutes(
    bucket: Storage, clock: MovableClock, get: Get
) -> None:
    file_id, other = await put(bucket, b"mine"), await put(bucket, b"theirs")

    link = await bucket.link(file_id, clock.now)

    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == [str(int(LINK_LASTS.total_seconds()))]
    for tampered in (
        link.replace(file_id.hex, other.hex),
        link.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"),
        link.partition("?")[0],
    ):
        assert (await get(tampered)).status_code == 403, tampered


async def test_a_link_to_a_bucket_ends(bucket: Storage, get: Get) -> None:
    """The service goes by its own clock, so a link of one second is asked until it has ended."""
    assert isinstance(bucket, BucketStorage)
    file_id = await put(bucket, b"%PDF")
    key = f"files/{file_id.hex}"
    link = await obstore.sign_async(bucket.store, "GET", key, timedelta(seconds=1))

    async with asyncio.timeout(10):
        while (answer := await get(link)).status_code == 200:
            await asyncio.sleep(0.1)

    assert (answer.status_code, "expired" in answer.text) == (403, True)


def test_an_s3_without_keys_is_a_setup_error() -> None:
    with pytest.raises(SetupError, match="FILES_ACCESS_KEY"):
        open_storage(Settings(files_url="s3://diary", diary_secret=SECRET))


def test_no_storage_is_a_setup_error() -> None:
    with pytest.raises(SetupError, match="FILES_URL is missing"):
        open_storage(Settings(diary_secret=SECRET))


@pytest.mark.parametrize("url", ["/var/lib/files", "file://host/files", "file:///", "s3://", "https://s3.example.org"])
def test_what_names_no_storage_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="must look like file:///"):
        Settings(files_url=url)
