"""Who has the address has the calendar: how it is told, kept, revoked, and when it opens nothing any more."""

import asyncio
import contextlib
import hashlib
import io
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
import structlog
from sqlalchemy import text

from backend.app import build_app
from backend.calendar.feeds import MOST
from backend.core.logging import configure_logging
from backend.core.middleware import RequestLog
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.parts import Parts
from tests.calendar.reader import events, read, subscribe
from tests.conftest import MovableClock
from tests.push.fixtures import run_as_owner
from tests.world import World

NOT_FOUND = (404, "not-found")


async def opened(world: World, address: str) -> tuple[int, str]:
    answer = await read(world, address)
    return answer.status_code, answer.json()["code"] if answer.status_code != 200 else ""


async def test_the_address_is_told_once_and_kept_as_a_hash(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    assert address.startswith("http://diary.test/v1/calendar/")
    secret = address.rpartition("/")[2].removesuffix(".ics")
    assert len(secret) == 43
    listed = await world.mother.get("/v1/me/calendar-feeds")
    assert secret not in listed.text
    (feed,) = listed.json()["items"]
    assert (feed["childId"], feed["lastReadAt"]) == (str(world.ivan), None)
    await read(world, address)
    (feed,) = (await world.mother.get("/v1/me/calendar-feeds")).json()["items"]
    assert feed["lastReadAt"] is not None
    kept = str(await run_as_owner(world, "SELECT string_agg(f::text, '') FROM calendar_feed f"))
    plain = (secret, secret.encode().hex(), hashlib.sha256(secret.encode()).hexdigest())
    assert not any(form in kept for form in plain)


async def test_the_secret_is_in_no_log_and_no_metric(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    secret = address.rpartition("/")[2].removesuffix(".ics")
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        configure_logging("debug", cached=False)
        try:
            assert (await opened(world, address))[0] == 200
            assert await opened(world, f"{address}x") == NOT_FOUND
            assert (await world.client.post(address)).status_code == 405
            assert (await world.client.get(f"{address}/x")).status_code == 404
            await run_as_owner(world, "ALTER TABLE homework RENAME TO homework_away")
            broken = await read(world, address)
        finally:
            structlog.reset_defaults()
            logging.getLogger().handlers.clear()
    assert broken.status_code == 500
    metrics = (await world.client.get("/metrics")).text
    assert 'path="/v1/calendar/{name}"' in metrics
    assert '"route": "/v1/calendar/{name}"' in written.getvalue()
    assert "request_failed" in written.getvalue()
    for part in (secret, secret[:20], secret[-20:]):
        assert part not in written.getvalue() + metrics + broken.text


async def test_one_character_makes_another_address(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    secret = address.rpartition("/")[2].removesuffix(".ics")
    for place in (0, 20, 42):
        other = "A" if secret[place] != "A" else "B"
        assert await opened(world, address.replace(secret, secret[:place] + other + secret[place + 1 :])) == NOT_FOUND
    for name in (
        secret,
        f"{secret}.ICS",
        f"{secret}=.ics",
        f"%20{secret}.ics",
        ".ics",
        "x.ics",
        "ы.ics",
        f"{secret}%00.ics",
    ):
        assert await opened(world, f"http://diary.test/v1/calendar/{name}") == NOT_FOUND


async def test_a_revoked_address_opens_nothing(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    kept = await subscribe(world.mother, world.ivan)
    feeds = (await world.mother.get("/v1/me/calendar-feeds")).json()["items"]
    for who in (world.father, world.stranger, world.administrator):
        assert (await who.delete(f"/v1/me/calendar-feeds/{feeds[0]['id']}")).status_code == 404
    assert (await world.mother.delete(f"/v1/me/calendar-feeds/{feeds[0]['id']}")).status_code == 204
    assert (await world.mother.delete(f"/v1/me/calendar-feeds/{feeds[0]['id']}")).status_code == 404
    assert await opened(world, address) == NOT_FOUND
    assert (await opened(world, kept))[0] == 200
    assert [item["id"] for item in (await world.mother.get("/v1/me/calendar-feeds")).json()["items"]] == [
        feeds[1]["id"]
    ]


async def link_ends(world: World) -> None:
    values = {"ends": world.today - timedelta(days=1), "account": world.mother.id}
    async with world.database.transaction() as session:
        await session.execute(text("UPDATE guardianship SET ends = :ends WHERE account_id = :account"), values)


async def view_is_taken(world: World) -> None:
    async with world.database.transaction() as session:
        await session.execute(
            text("UPDATE guardianship SET may_view = false WHERE account_id = :account"), {"account": world.mother.id}
        )


async def child_leaves(world: World) -> None:
    async with world.database.transaction() as session:
        await session.execute(
            text("UPDATE student SET left_on = :day WHERE id IN (:ivan, :sofia)"),
            {"day": world.today - timedelta(days=1), "ivan": world.ivan, "sofia": world.sofia},
        )


async def account_is_closed(world: World) -> None:
    async with world.database.transaction() as session:
        await session.execute(
            text("UPDATE account SET disabled_at = :now WHERE id = :account"),
            {"now": world.clock.now, "account": world.mother.id},
        )


@pytest.mark.parametrize("end", [link_ends, view_is_taken, child_leaves, account_is_closed])
async def test_a_right_that_has_ended_opens_nothing(world: World, end: Callable[[World], Awaitable[None]]) -> None:
    of_child, of_all = await subscribe(world.mother, world.ivan), await subscribe(world.mother)
    tag = (await read(world, of_child)).headers["etag"]
    await end(world)
    assert await opened(world, of_child) == NOT_FOUND
    assert await opened(world, of_all) == NOT_FOUND
    assert (await read(world, of_child, **{"if-none-match": tag})).status_code == 404


async def test_of_two_children_one_whose_link_has_ended_is_there_no_more(world: World) -> None:
    address = await subscribe(world.mother)
    assert "Иван: Математика" in await events(world, address)
    async with world.database.transaction() as session:
        await session.execute(
            text("UPDATE guardianship SET ends = :ends WHERE student_id = :ivan"),
            {"ends": world.today - timedelta(days=1), "ivan": world.ivan},
        )
    assert set(await events(world, address)) == {"Софья: Математика"}


async def test_a_teacher_who_has_left_has_no_calendar(world: World) -> None:
    address = await subscribe(world.teacher)
    async with world.database.transaction() as session:
        values = {"ends": world.today - timedelta(days=1), "account": world.teacher.id}
        await session.execute(text("UPDATE school_role SET ends = :ends WHERE account_id = :account"), values)
    assert await opened(world, address) == NOT_FOUND


async def test_nobody_makes_a_calendar_of_somebody_elses_child(world: World) -> None:
    for who in (world.stranger, world.former, world.teacher, world.foreign_teacher):
        answer = await who.post("/v1/me/calendar-feeds", {"childId": str(world.ivan)})
        assert (answer.status_code, answer.json()["code"]) == NOT_FOUND


async def test_an_account_has_twenty_and_no_more_also_at_once(world: World) -> None:
    path = "/v1/me/calendar-feeds"
    made = await asyncio.gather(*(world.mother.post(path, {}) for _ in range(MOST + 3)))
    assert sorted(answer.status_code for answer in made) == [201] * MOST + [409] * 3
    assert {answer.json()["code"] for answer in made if answer.status_code == 409} == {"too-many-calendars"}
    feeds = (await world.mother.get(path)).json()["items"]
    await world.mother.delete(f"{path}/{feeds[0]['id']}")
    assert (await world.mother.post(path, {})).status_code == 201
    assert (await world.father.post(path, {})).status_code == 201


async def test_the_address_begins_as_the_operator_says(world: World, settings: Settings, clock: MovableClock) -> None:
    redis = connect_redis(settings.redis_url)
    told = settings.model_copy(update={"public_url": "https://diary.example.org/"})
    transport = httpx.ASGITransport(RequestLog(build_app(Parts(told, world.database, redis, clock))))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as world.client:
        address = await subscribe(world.mother)
        assert address.startswith("https://diary.example.org/v1/calendar/")
        inside = address.replace("https://diary.example.org", "http://10.0.0.7:8000")
        assert (await opened(world, inside))[0] == 200
    await redis.aclose()
