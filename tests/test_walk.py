"""Every operation that is described, called by everybody with things that are theirs, somebody else's, of another
school, or not there at all. Nothing here names an operation, but for what FINER explains."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from backend.core.access import Access, access_of
from backend.core.db import plain_url
from backend.core.settings import Settings
from tests.openapi.operations import Operation
from tests.openapi.operations import operations as described
from tests.openapi.relations import FINER, Relations, may
from tests.openapi.things import STANDING, THINGS
from tests.test_wrong_person import operations as served
from tests.world import Someone, World

Ids = dict[str, UUID]

NOT_THERE = uuid4()
# What these answer 401 to is a wrong password or token in the body, not a missing right.
CREDENTIALS = {"signIn", "refreshSession", "setPassword"}
# What opens these is a link's signature, not a person: see tests/files/test_downloads.py.
BY_LINK = {"getFileContent"}
# Some operations end sessions.
SIGNED_IN = """
    UPDATE auth_session SET ended_at = NULL, end_reason = NULL;
    UPDATE account SET password_state = 'set', one_time_until = NULL
"""


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Sees every row."""
    connection = await asyncpg.connect(plain_url(settings.owner_database_url))
    yield connection
    await connection.close()


async def test_the_walk_knows_every_id_in_an_address(app: Litestar) -> None:
    named = {name for operation in described().values() for name in operation.path_ids}
    assert named <= THINGS.keys(), "say in tests/openapi/things.py what these ids stand for"
    assert described().keys() == served(app).keys()
    assert FINER.keys() <= described().keys()


@dataclass(frozen=True)
class Call:
    """An operation, called by somebody with some things; and `beside` what its body names, of the same school."""

    operation: Operation
    access: Access
    who: str
    ids: Ids
    beside: Ids = field(repr=False)


@pytest.mark.parametrize("room", sorted({operation.room for operation in described().values()}))
async def test_what_is_not_ones_own_is_not_there(
    world: World, app: Litestar, owner: "asyncpg.Connection[Any]", room: str
) -> None:
    """The operations of a room in one world: first who may not, which changes nothing, then who may."""
    everything: list[list[Call]] = []
    for name, operation in sorted(described().items()):
        # These have no person; tests/exchange/test_feed_credentials.py and tests/calendar/test_address.py ask who may.
        by_person = declared(served(app)[name]) not in (Access.FEED, Access.ADDRESS) and name not in BY_LINK
        # A stream has no end: tests/live reads it.
        if operation.room == room and by_person and not operation.streams:
            things = await things_of(operation, world)
            known = await Relations.read(owner, world.today)
            calls = await calls_of(operation, declared(served(app)[name]), things, world, known)
            await refused(world, owner, [call for call in calls if not permitted(world, call, known)])
            everything.append(calls)
    for calls in everything:
        await owner.execute(SIGNED_IN)
        known = await Relations.read(owner, world.today)  # what was called before may have ended a right
        gone: list[Ids] = []
        for call in (call for call in calls if permitted(world, call, known)):
            answer = await ask(world, call)
            if call.operation.method == "DELETE" and call.ids and call.ids in gone:
                assert answer.status_code == 404, (call, answer.text)
                continue
            gone.append(call.ids)
            wrong = {403, 404} if call.operation.name in CREDENTIALS else {401, 403, 404}
            assert answer.status_code not in wrong, (call, answer.text)
            assert answer.status_code < 500, (call, answer.text)


async def calls_of(
    operation: Operation, access: Access, things: dict[str, list[UUID]], world: World, known: Relations
) -> list[Call]:
    standing = {name: await find(world) for name, find in STANDING.items()}
    calls = []
    for ids in requests(things):
        schools = {known.school.get(thing) for thing in ids.values()}
        beside = {
            name: next((thing for thing in found if known.school.get(thing) in schools), found[0])
            for name, found in standing.items()
        }
        calls += [Call(operation, access, who, ids, beside) for who in people(world)]
    return calls


async def refused(world: World, owner: "asyncpg.Connection[Any]", calls: list[Call]) -> None:
    """Nobody learns that it exists, and nothing changes."""
    before = await fingerprint(owner)
    expected = None
    for call in calls:
        answer = await ask(world, call)
        if call.who == "nobody":
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), call
            continue
        if expected is None:
            expected = shown(await ask(world, replace(call, ids=dict.fromkeys(call.ids, NOT_THERE))))
            assert expected[0] == 404, (call, answer.text)
            assert json.loads(expected[1])["code"] == "not-found"
        assert shown(answer) == expected, (call, answer.text)
    assert await fingerprint(owner) == before


def declared(handler: HTTPRouteHandler) -> Access:
    access = access_of(handler)
    assert access is not None
    return access


def permitted(world: World, call: Call, known: Relations) -> bool:
    someone = people(world)[call.who]
    if someone is not None and call.operation.name in FINER:
        return FINER[call.operation.name][0](someone.id, call.ids, known)
    return may(call.access, someone.id if someone else None, call.ids, known)


def people(world: World) -> dict[str, Someone | None]:
    found: dict[str, Someone | None] = {
        name: value for name, value in vars(world).items() if isinstance(value, Someone)
    }
    return found | {"nobody": None}


async def things_of(operation: Operation, world: World) -> dict[str, list[UUID]]:
    """By the ids of the address, or where it has none of the body."""
    names = operation.path_ids or [name for name in operation.body_ids if name in THINGS]
    return {name: await THINGS[name](world) for name in names}


def requests(things: dict[str, list[UUID]]) -> Iterator[Ids]:
    """Our own, each of them replaced by each other and by what is not there, and all of the other school."""
    ours = {name: ids[0] for name, ids in things.items()}
    theirs = {name: ids[-1] for name, ids in things.items()}
    yield ours
    for name, ids in things.items():
        for other in [*ids[1:], NOT_THERE]:
            yield ours | {name: other}
    if len(things) > 1:
        yield theirs


async def ask(world: World, call: Call) -> httpx.Response:
    body = call.operation.request_body(call.beside | call.ids, world)
    headers = {"content-type": call.operation.media} if body else {}
    someone = people(world)[call.who]
    if someone is not None:
        headers["authorization"] = f"Bearer {someone.token}"
    return await world.client.request(
        call.operation.method, call.operation.url(call.ids, world), headers=headers, **body
    )


def shown(answer: httpx.Response) -> tuple[int, bytes, set[str]]:
    """All that a caller learns from an answer."""
    request_id = answer.headers["x-request-id"].encode()
    return answer.status_code, answer.content.replace(request_id, b""), set(answer.headers)


async def fingerprint(owner: "asyncpg.Connection[Any]") -> dict[str, str]:
    """A hash of the rows of every table."""
    tables = await owner.fetch("""
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
           AND NOT relispartition
    """)
    rows = await owner.fetch(
        " UNION ALL ".join(
            f"SELECT '{row[0]}', md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {row[0]} t"
            for row in tables
        )
    )
    return {row[0]: row[1] for row in rows}
