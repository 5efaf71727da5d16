"""Files over HTTP: taken, or refused with nothing kept."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from backend.app import build_app
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.files import uploads
from backend.files.jobs import remove_files
from backend.files.models import StoredFile
from backend.files.storage import Storage
from backend.files.uploads import LIMIT, MOST_WAITING
from backend.parts import Parts
from tests.files.conftest import Stored
from tests.files.samples import REFUSED, office, pdf, upload
from tests.world import World


async def rows(world: World, table: str) -> int:
    async with world.database.transaction() as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def nothing_kept(world: World, storage: Storage, stored: Stored) -> bool:
    """Once the job has run, which is soon."""
    await remove_files(world.database, storage, world.clock.now)
    return (await rows(world, "stored_file"), await rows(world, "file_removal"), stored.files()) == (0, 0, [])


async def test_a_file_is_taken(world: World, stored: Stored) -> None:
    answer = await upload(world.mother, pdf(), "Справка.pdf")

    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert {**body, "id": None} == {
        "id": None, "name": "Справка.pdf", "mediaType": "application/pdf", "size": len(pdf()),
    }  # fmt: skip
    (only,) = stored.files()
    assert (only.name, only.read_bytes()) == (UUID(body["id"]).hex, pdf())
    assert await rows(world, "file_removal") == 0


async def test_the_content_says_what_it_is_not_the_sender(world: World) -> None:
    answer = await upload(world.teacher, office(), "задание.exe", **{"content-type": "image/png"})

    assert answer.json()["name"] == "задание.exe.docx"
    assert answer.json()["mediaType"].endswith("wordprocessingml.document")


@pytest.mark.parametrize("what", ["a program of Windows", "a page", "a document with macros", "nothing"])
async def test_a_program_that_is_called_a_document_is_refused(
    world: World, storage: Storage, stored: Stored, what: str
) -> None:
    answer = await upload(world.mother, REFUSED[what], "doctor.pdf", **{"content-type": "application/pdf"})

    assert (answer.status_code, answer.json()["code"]) == (415, "file-type-refused")
    assert stored.files() == []
    assert await nothing_kept(world, storage, stored)


async def test_a_file_of_five_gigabytes_is_refused_before_it_is_read(world: World, stored: Stored) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield bytes(1000)

    answer = await upload(world.mother, endless(), **{"content-length": "5000000000"})

    assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")
    assert "20\xa0000\xa0000" in answer.json()["detail"]
    assert read <= 1
    assert await rows(world, "file_removal") == 0
    assert stored.files() == []


async def test_a_file_without_a_length_is_counted(world: World, storage: Storage, stored: Stored) -> None:
    read = 0

    async def too_much() -> AsyncIterator[bytes]:
        nonlocal read
        yield b"%PDF-1.4\n"
        for _ in range(400):
            read += 100_000
            yield b" " * 100_000

    answer = await upload(world.mother, too_much())

    assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")
    assert await nothing_kept(world, storage, stored)


async def test_a_file_may_be_as_large_as_that(world: World) -> None:
    answer = await upload(world.mother, b"a" * LIMIT, "a.txt")

    assert (answer.status_code, answer.json()["size"]) == (201, LIMIT)
    assert (await upload(world.mother, b"a" * (LIMIT + 1), "a.txt")).status_code == 413


async def test_without_a_name_it_is_called_a_file_and_with_one_that_is_too_long_it_is_refused(world: World) -> None:
    unnamed = await world.client.post(
        "/v1/files", content=pdf(), headers={"authorization": f"Bearer {world.mother.token}"}
    )
    long = await upload(world.mother, pdf(), "я" * 1001)

    assert (unnamed.status_code, unnamed.json()["name"]) == (201, "file.pdf")
    assert (long.status_code, long.json()["errors"][0]["pointer"]) == (422, "query:name")


async def test_a_stranger_uploads_nothing(world: World, stored: Stored) -> None:
    answer = await world.client.post("/v1/files?name=a.pdf", content=pdf())

    assert answer.status_code == 401
    assert stored.files() == []


async def test_the_same_key_is_one_file(world: World, storage: Storage, stored: Stored) -> None:
    answers = await asyncio.gather(*(upload(world.mother, pdf(), **{"idempotency-key": "one"}) for _ in range(3)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    await remove_files(world.database, storage, world.clock.now)
    assert await rows(world, "stored_file") == len(stored.files()) == 1
    other = await upload(world.mother, b"a text", **{"idempotency-key": "one"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


async def test_fifty_files_wait_and_no_more(world: World, stored: Stored) -> None:
    for _ in range(MOST_WAITING - 2):
        await world.add(_waiting(world))

    answers = await asyncio.gather(*(upload(world.mother, pdf()) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], "50" in refused["detail"]) == ("too-many-unattached-files", True)
    assert len(stored.files()) == 2
    assert (await upload(world.father, pdf())).status_code == 201


async def test_nobody_fills_the_disk(world: World) -> None:
    much = _waiting(world)
    much.size = uploads.MOST_A_DAY - 100
    much.school_id, much.owner_kind, much.owner_id, much.position = world.school.id, "letter", uuid4(), 0
    await world.add(much)

    answer = await upload(world.mother, pdf())

    assert (answer.status_code, answer.json()["code"]) == (429, "upload-volume-used")
    assert int(answer.headers["retry-after"]) > 0
    world.clock.move(days=1)
    await world.reissue()
    assert (await upload(world.mother, pdf())).status_code == 201


def _waiting(world: World) -> StoredFile:
    return StoredFile(
        id=uuid4(), uploaded_by=world.mother.id, name="a.pdf", media_type="application/pdf", size=7,
        uploaded_at=world.clock.now,
    )  # fmt: skip


async def test_one_removes_what_waits_and_is_ones_own(world: World, storage: Storage, stored: Stored) -> None:
    mine = (await upload(world.mother, pdf())).json()["id"]

    assert (await world.father.delete(f"/v1/files/{mine}")).status_code == 404
    assert (await world.mother.delete(f"/v1/files/{mine}")).status_code == 204
    assert (await world.mother.delete(f"/v1/files/{mine}")).status_code == 404

    assert (await world.mother.get(f"/v1/files/{mine}")).status_code == 404
    assert await nothing_kept(world, storage, stored)


async def test_a_storage_that_does_not_work_is_said(world: World, settings: Settings, stored: Stored) -> None:
    stored.folder.write_text("no folder")

    answer = await upload(world.mother, pdf())

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert await rows(world, "stored_file") == 0


async def test_to_a_bucket(world: World, settings: Settings, bucket: Storage, s3: Any) -> None:
    """The whole way over S3: brought, fetched by the link, removed."""
    from tests.files.s3 import ACCESS_KEY, SECRET_KEY

    given = {"files_url": s3.files_url, "files_access_key": ACCESS_KEY, "files_secret_key": SECRET_KEY}
    redis = connect_redis(settings.redis_url)
    app = build_app(Parts(settings.model_copy(update=given), world.database, redis, world.clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://diary.test") as client:  # type: ignore[arg-type]
        headers = {"authorization": f"Bearer {world.mother.token}"}
        made = await client.post("/v1/files", params={"name": "Справка.pdf"}, content=pdf(), headers=headers)
        link = (await client.get(f"/v1/files/{made.json()['id']}", headers=headers)).json()["url"]
        async with httpx.AsyncClient() as phone:
            assert (await phone.get(link)).content == pdf()
        assert (await client.delete(f"/v1/files/{made.json()['id']}", headers=headers)).status_code == 204
        assert await remove_files(world.database, bucket, world.clock.now) == 1
        async with httpx.AsyncClient() as phone:
            assert (await phone.get(link)).status_code == 404
    await redis.aclose()
