"""Files are attached to a thing once, by who uploaded them, and leave with it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.files import service
from backend.files.models import FileRemoval, StoredFile
from backend.files.service import Owner
from tests.world import Someone, World

KIND = "letter"


async def uploaded(world: World, someone: Someone, name: str = "план.pdf") -> UUID:
    """A file that waits to be attached."""
    file = StoredFile(
        id=new_id(), uploaded_by=someone.id, name=name, media_type="application/pdf", size=7,
        uploaded_at=world.clock.now - timedelta(minutes=1),
    )  # fmt: skip
    await world.add(file)
    return file.id


async def attach(world: World, owner: UUID, *files: UUID, by: Someone | None = None) -> None:
    async with world.database.transaction() as session:
        account = (by or world.teacher).id
        await service.attach(session, account, world.school.id, Owner(KIND, owner), files)


async def replace(world: World, owner: UUID, *files: UUID) -> bool:
    async with world.database.transaction() as session:
        return await service.replace(session, world.teacher.id, world.school.id, Owner(KIND, owner), files)


async def of(world: World, owner: UUID) -> list[UUID]:
    async with world.database.transaction() as session:
        return [file.id for file in (await service.attached(session, KIND, [owner]))[owner]]


async def to_be_removed(world: World) -> set[UUID]:
    async with world.database.transaction() as session:
        return set((await session.execute(select(col(FileRemoval.file_id)))).scalars())


async def test_files_keep_the_order_in_which_they_were_named(world: World) -> None:
    letter, other = new_id(), new_id()
    first, second, third = [await uploaded(world, world.teacher) for _ in range(3)]

    await attach(world, letter, second, first)
    await attach(world, other, third)

    assert await of(world, letter) == [second, first]
    assert await of(world, other) == [third]
    assert await of(world, new_id()) == []


async def test_what_is_attached_says_what_it_is(world: World) -> None:
    letter = new_id()
    file = await uploaded(world, world.teacher, "Дроби.pdf")
    await attach(world, letter, file)

    async with world.database.transaction() as session:
        (shown,) = (await service.attached(session, KIND, [letter]))[letter]

    assert (shown.id, shown.name, shown.media_type, shown.size) == (file, "Дроби.pdf", "application/pdf", 7)


async def test_every_file_that_cannot_be_attached_is_named_and_none_is_attached(world: World) -> None:
    mine, theirs = await uploaded(world, world.teacher), await uploaded(world, world.mother)
    sent, letter = new_id(), new_id()
    elsewhere = await uploaded(world, world.teacher)
    await attach(world, sent, elsewhere)

    with pytest.raises(Invalid) as refused:
        await attach(world, letter, mine, theirs, new_id(), elsewhere)

    assert refused.value.fields == dict.fromkeys(["/files/1", "/files/2", "/files/3"], "unknown-file")
    assert await of(world, letter) == []
    assert await of(world, sent) == [elsewhere]


async def test_a_file_is_named_once(world: World) -> None:
    mine = await uploaded(world, world.teacher)

    with pytest.raises(Invalid) as refused:
        await attach(world, new_id(), mine, mine)

    assert refused.value.fields == {"/files/1": "repeated"}


async def test_of_two_who_attach_a_file_at_once_one_has_it(world: World) -> None:
    files = [await uploaded(world, world.teacher) for _ in range(3)]
    letters = [new_id() for _ in range(4)]

    answers = await asyncio.gather(
        *(attach(world, letter, *files[::step]) for letter, step in zip(letters, (1, -1, 1, -1), strict=True)),
        return_exceptions=True,
    )

    assert sum(answer is None for answer in answers) == 1
    assert all(answer is None or isinstance(answer, Invalid) for answer in answers)
    assert sorted([len(await of(world, letter)) for letter in letters]) == [0, 0, 0, 3]


async def test_an_edit_keeps_takes_and_lets_go(world: World) -> None:
    letter = new_id()
    kept, gone, new = [await uploaded(world, world.teacher) for _ in range(3)]
    await attach(world, letter, gone, kept)

    assert await replace(world, letter, new, kept) is True

    assert await of(world, letter) == [new, kept]
    assert await to_be_removed(world) == {gone}


async def test_an_edit_that_names_the_same_files_changes_none(world: World) -> None:
    letter = new_id()
    files = [await uploaded(world, world.teacher) for _ in range(2)]
    await attach(world, letter, *files)

    assert await replace(world, letter, *files) is False

    assert await of(world, letter) == files
    assert await to_be_removed(world) == set()


async def test_an_edit_takes_no_file_of_another_thing(world: World) -> None:
    letter, other = new_id(), new_id()
    own, foreign = [await uploaded(world, world.teacher) for _ in range(2)]
    await attach(world, letter, own)
    await attach(world, other, foreign)

    with pytest.raises(Invalid) as refused:
        await replace(world, letter, own, foreign)

    assert refused.value.fields == {"/files/1": "unknown-file"}
    assert (await of(world, letter), await of(world, other)) == ([own], [foreign])


async def test_with_the_thing_its_files_go(world: World) -> None:
    letter, other = new_id(), new_id()
    files = [await uploaded(world, world.teacher) for _ in range(3)]
    await attach(world, letter, *files[:2])
    await attach(world, other, files[2])

    async with world.database.transaction() as session:
        await service.detach(session, KIND, [letter])

    assert await of(world, letter) == []
    assert await of(world, other) == files[2:]
    assert await to_be_removed(world) == set(files[:2])
