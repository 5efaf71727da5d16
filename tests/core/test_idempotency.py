"""The same key happens once; the same key for something else is refused."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from tests.world import World


async def test_one_key_for_two_bodies_is_refused(world: World) -> None:
    key = {"idempotency-key": "k"}
    path = f"/v1/lessons/{world.lesson}/homework"
    due = str(world.today + timedelta(days=1))
    assert (await world.teacher.post(path, {"dueOn": due, "text": "a"}, **key)).status_code == 201
    other = await world.teacher.post(path, {"dueOn": due, "text": "b"}, **key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


async def test_a_key_is_printable_latin(world: World) -> None:
    body = {"lessonId": str(world.lesson), "kind": "test"}
    for key in (b"", b"a\tb", "é".encode("latin-1"), b"x" * 201):
        headers = {b"authorization": f"Bearer {world.teacher.token}".encode(), b"idempotency-key": key}
        answer = await world.client.post("/v1/works", json=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "header:Idempotency-Key")


async def test_racing_requests_with_one_key_happen_once(world: World) -> None:
    body = {"lessonId": str(world.lesson), "kind": "test"}
    answers = await asyncio.gather(
        *(world.teacher.post("/v1/works", body, **{"idempotency-key": "r"}) for _ in range(4))
    )
    assert len({answer.json()["id"] for answer in answers}) == 1
    async with world.database.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM work"))).scalar() == 1


async def test_a_failed_request_leaves_its_key_free(world: World) -> None:
    path, key = f"/v1/lessons/{world.lesson}/homework", {"idempotency-key": "f"}
    refused = await world.teacher.post(path, {"dueOn": "2020-01-01", "text": "a"}, **key)
    assert refused.status_code == 422
    due = str(world.today + timedelta(days=1))
    assert (await world.teacher.post(path, {"dueOn": due, "text": "a"}, **key)).status_code == 201


async def test_keys_of_two_people_do_not_meet(world: World) -> None:
    day = str(world.today + timedelta(days=1))
    body = {"firstDay": day, "lastDay": day, "reason": "illness"}
    path, key = f"/v1/children/{world.ivan}/absence-notices", {"idempotency-key": "same"}
    mine = (await world.mother.post(path, body, **key)).json()
    theirs = (await world.father.post(path, body, **key)).json()
    assert mine["id"] is not None
    assert (theirs["id"], theirs["days"][0]["state"]) == (None, "already-covered")
