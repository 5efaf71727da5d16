"""Who gets a link to a file, and what the link is good for."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from backend.core.ids import new_id
from backend.files import service
from backend.files.links import sign
from backend.files.service import Owner
from tests.files.conftest import Letters, Stored
from tests.files.samples import brought, pdf, upload
from tests.world import Someone, World


async def attach(world: World, file: str, owner: UUID) -> None:
    async with world.database.transaction() as session:
        await service.attach(session, world.teacher.id, world.school.id, Owner("letter", owner), [UUID(file)])


async def link_of(someone: Someone, file: str) -> str:
    answer = await someone.get(f"/v1/files/{file}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


async def open_link(world: World, link: str) -> httpx.Response:
    """As whoever has the link, without signing in."""
    return await world.client.get(link)


async def test_a_link_downloads_the_file_and_shows_it_nowhere(world: World) -> None:
    file = await brought(world.teacher, "Дроби.pdf")

    answer = await open_link(world, await link_of(world.teacher, file))

    assert (answer.status_code, answer.content) == (200, pdf())
    assert {name: answer.headers[name] for name in _HEADERS} == {
        "content-type": "application/pdf",
        "content-length": str(len(pdf())),
        "content-disposition": (
            "attachment; filename=\"_____.pdf\"; filename*=UTF-8''%D0%94%D1%80%D0%BE%D0%B1%D0%B8.pdf"
        ),
        "x-content-type-options": "nosniff",
        "cache-control": "private",
    }
    assert "content-encoding" not in answer.headers


_HEADERS = ("content-type", "content-length", "content-disposition", "x-content-type-options", "cache-control")


async def test_a_link_says_what_it_is_and_how_long(world: World) -> None:
    file = await brought(world.teacher, "Дроби.pdf")

    body = (await world.teacher.get(f"/v1/files/{file}")).json()

    assert (body["id"], body["name"], body["mediaType"], body["size"]) == (
        file, "Дроби.pdf", "application/pdf", len(pdf()),
    )  # fmt: skip
    assert datetime.fromisoformat(body["expiresAt"]) == world.clock.now + timedelta(minutes=5)


async def test_a_large_text_comes_whole(world: World) -> None:
    text = "слово " * 100_000
    file = (await upload(world.teacher, text.encode(), "книга.txt")).json()["id"]

    answer = await open_link(world, await link_of(world.teacher, file))

    assert answer.text == text
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_link_ends_after_five_minutes(world: World) -> None:
    link = await link_of(world.teacher, await brought(world.teacher))

    world.clock.move(seconds=299)
    assert (await open_link(world, link)).status_code == 200
    world.clock.move(seconds=1)
    assert (await open_link(world, link)).status_code == 404


async def test_a_link_that_somebody_changed_opens_nothing(world: World) -> None:
    file, other = await brought(world.teacher), await brought(world.mother)
    link = await link_of(world.teacher, file)
    until = int(re.search(r"until=(\d+)", link)[1])  # type: ignore[index]

    for changed in (
        link.replace(file, other),
        link.replace(f"until={until}", f"until={until + 60}"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link[:-2],
        re.sub("signature=.*", "signature=", link),
        re.sub("signature=.*", "signature=%D1%8F", link),
    ):
        answer = await open_link(world, changed)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), changed


async def test_no_link_is_good_for_longer_than_we_make_them(world: World) -> None:
    file = await brought(world.teacher)

    long = sign(world.settings.keys.files, UUID(file), world.clock.now + timedelta(hours=1))

    assert (await open_link(world, long)).status_code == 404


@pytest.mark.parametrize("query", ["", "?until=1", "?signature=a", "?until=x&signature=a"])
async def test_a_link_of_parts_is_a_wrong_request(world: World, query: str) -> None:
    file = await brought(world.teacher)

    assert (await open_link(world, f"/v1/files/{file}/content{query}")).status_code == 422


async def test_until_it_is_attached_a_file_is_its_uploaders_alone(world: World) -> None:
    file = await brought(world.teacher)

    assert (await world.teacher.get(f"/v1/files/{file}")).status_code == 200
    for someone in (world.deputy, world.administrator, world.mother, world.stranger):
        assert (await someone.get(f"/v1/files/{file}")).status_code == 404
    assert (await world.client.get(f"/v1/files/{file}")).status_code == 401


async def test_what_is_attached_follows_the_right_to_the_thing_at_that_moment(world: World, letters: Letters) -> None:
    file, letter = await brought(world.teacher), new_id()
    await attach(world, file, letter)

    letters.readers[letter] = {world.mother.id}
    assert (await world.mother.get(f"/v1/files/{file}")).status_code == 200
    assert (await world.father.get(f"/v1/files/{file}")).status_code == 404
    # Also for who brought it: a teacher who has left the class.
    assert (await world.teacher.get(f"/v1/files/{file}")).status_code == 404

    letters.readers[letter] = {world.father.id}
    assert (await world.mother.get(f"/v1/files/{file}")).status_code == 404


async def test_a_file_of_things_that_nobody_answers_for_is_nobodys(world: World) -> None:
    file = await brought(world.teacher)
    async with world.database.transaction() as session:
        await service.attach(session, world.teacher.id, world.school.id, Owner("unheard-of", new_id()), [UUID(file)])

    assert (await world.teacher.get(f"/v1/files/{file}")).status_code == 404


async def test_what_is_attached_is_removed_with_its_thing_only(world: World, letters: Letters, stored: Stored) -> None:
    file, letter = await brought(world.teacher), new_id()
    letters.readers[letter] = {world.teacher.id}
    await attach(world, file, letter)

    assert (await world.teacher.delete(f"/v1/files/{file}")).status_code == 404

    assert (await world.teacher.get(f"/v1/files/{file}")).status_code == 200
    assert len(stored.files()) == 1


async def test_with_its_thing_a_file_is_gone_at_once_for_links_too(world: World, letters: Letters) -> None:
    file, letter = await brought(world.teacher), new_id()
    letters.readers[letter] = {world.teacher.id}
    await attach(world, file, letter)
    link = await link_of(world.teacher, file)

    async with world.database.transaction() as session:
        await service.detach(session, "letter", [letter])

    assert (await world.teacher.get(f"/v1/files/{file}")).status_code == 404
    assert (await open_link(world, link)).status_code == 404


async def test_bytes_that_are_lost_are_not_there(world: World, stored: Stored) -> None:
    link = await link_of(world.teacher, await brought(world.teacher))
    for path in stored.files():
        path.unlink()

    assert (await open_link(world, link)).status_code == 404
