"""Bytes go when their row has gone, however often that is tried and whoever dies meanwhile."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from backend.core.ids import new_id
from backend.files import service
from backend.files.jobs import AT_ONCE, remove_files
from backend.files.models import FileRemoval
from backend.files.service import Owner
from backend.files.storage import Storage
from tests.files.conftest import Stored
from tests.files.samples import pdf, upload
from tests.files.test_uploads import rows
from tests.world import World


async def attached(world: World) -> UUID:
    """The owner of a file that somebody brought."""
    file = UUID((await upload(world.teacher, pdf())).json()["id"])
    owner = new_id()
    async with world.database.transaction() as session:
        await service.attach(session, world.teacher.id, world.school.id, Owner("letter", owner), [file])
    return owner


async def detach(world: World, *owners: UUID) -> None:
    async with world.database.transaction() as session:
        await service.detach(session, "letter", owners)


async def test_after_the_thing_the_bytes_go(world: World, storage: Storage, stored: Stored) -> None:
    gone, kept = await attached(world), await attached(world)
    await detach(world, gone)
    assert len(stored.files()) == 2

    assert await remove_files(world.database, storage, world.clock.now) == 1

    assert len(stored.files()) == 1
    assert await rows(world, "file_removal") == 0
    assert await remove_files(world.database, storage, world.clock.now) == 0
    async with world.database.transaction() as session:
        assert len((await service.attached(session, "letter", [kept]))[kept]) == 1


async def test_a_thing_that_does_not_go_after_all_keeps_its_bytes(
    world: World, storage: Storage, stored: Stored
) -> None:
    owner = await attached(world)

    with pytest.raises(LookupError):
        async with world.database.transaction() as session:
            await service.detach(session, "letter", [owner])
            raise LookupError
    await remove_files(world.database, storage, world.clock.now)

    assert len(stored.files()) == 1


async def test_what_nobody_attached_leaves_after_a_day(world: World, storage: Storage, stored: Stored) -> None:
    owner = await attached(world)
    file = (await upload(world.teacher, pdf())).json()["id"]

    await remove_files(world.database, storage, world.clock.now + timedelta(hours=24))
    assert len(stored.files()) == 2
    await remove_files(world.database, storage, world.clock.now + timedelta(hours=24, seconds=1))

    assert len(stored.files()) == 1
    assert (await world.teacher.get(f"/v1/files/{file}")).status_code == 404
    await detach(world, owner)


class Broken:
    """A storage that does its work and does not live to tell."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def delete(self, file_ids: Sequence[UUID]) -> None:
        await self._storage.delete(file_ids)
        raise ConnectionError


async def test_what_a_storage_does_not_confirm_is_removed_again(world: World, storage: Storage, stored: Stored) -> None:
    await detach(world, await attached(world))

    with pytest.raises(ConnectionError):
        await remove_files(world.database, Broken(storage), world.clock.now)  # type: ignore[arg-type]

    assert await rows(world, "file_removal") == 1
    assert await remove_files(world.database, storage, world.clock.now) == 0  # not at every tick
    assert await remove_files(world.database, storage, world.clock.now + timedelta(minutes=10)) == 1
    assert (stored.files(), await rows(world, "file_removal")) == ([], 0)


async def test_two_who_remove_do_not_meet(world: World, storage: Storage, stored: Stored) -> None:
    await detach(world, *[await attached(world) for _ in range(5)])

    answers = await asyncio.gather(*(remove_files(world.database, storage, world.clock.now) for _ in range(3)))

    assert sum(answers) == 5
    assert (stored.files(), await rows(world, "file_removal")) == ([], 0)


async def test_a_turn_takes_no_more_than_it_can(world: World, storage: Storage) -> None:
    await world.add(
        *(FileRemoval(file_id=new_id(), size=1, due_at=world.clock.now) for _ in range(AT_ONCE + 3))
    )  # fmt: skip

    assert await remove_files(world.database, storage, world.clock.now) == AT_ONCE
    assert await remove_files(world.database, storage, world.clock.now) == 3


async def test_whoever_attaches_as_the_day_ends_has_the_file_or_a_refusal(
    world: World, storage: Storage, stored: Stored
) -> None:
    file = UUID((await upload(world.teacher, pdf())).json()["id"])
    owner = new_id()

    async def attach() -> None:
        async with world.database.transaction() as session:
            await service.attach(session, world.teacher.id, world.school.id, Owner("letter", owner), [file])

    answer, _ = await asyncio.gather(
        attach(), remove_files(world.database, storage, world.clock.now + timedelta(days=2)), return_exceptions=True
    )

    async with world.database.transaction() as session:
        has = len((await service.attached(session, "letter", [owner]))[owner])
    assert len(stored.files()) == has == (answer is None)
