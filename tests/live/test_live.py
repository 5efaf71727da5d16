"""What an app in the foreground hears, with Redis and without it, and after it was away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from backend.app import build_app
from backend.core.db import Database
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.parts import Parts
from tests.conftest import MovableClock
from tests.live.streams import listening, served
from tests.live.wire import wire_to
from tests.world import World


@pytest.fixture
async def url(app: Litestar, parts: Parts) -> AsyncIterator[str]:
    async with served(app, parts.hub) as url:
        yield url


@pytest.fixture
async def deaf(settings: Settings, database: Database, clock: MovableClock) -> AsyncIterator[str]:
    """The API whose Redis is away."""
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    redis = connect_redis(away.redis_url)
    parts = Parts(away, database, redis, clock)
    async with served(build_app(parts), parts.hub) as url:
        yield url


async def test_an_alert_comes_as_the_inbox_shows_it(world: World, url: str) -> None:
    async with listening(url, world.mother) as stream:
        await world.set_mark("5")
        event = await stream.next("alerts")
    inbox = (await world.mother.get("/v1/alerts")).json()["items"]
    assert event.data["items"] == inbox
    assert (event.data["more"], event.data["next"]) == (False, event.id)
    assert set(event.data["children"]) == {str(world.ivan), str(world.sofia)}


async def test_what_is_read_elsewhere_comes_too_and_nothing_comes_twice(world: World, url: str) -> None:
    async with listening(url, world.mother) as stream:
        await world.set_mark("5")
        first = (await stream.next("alerts")).data["items"]
        await world.mother.post("/v1/alerts/read", {"alertIds": [first[0]["id"]]})
        second = (await stream.next("alerts")).data["items"]
        await world.set_mark("4")
        third = (await stream.next("alerts")).data["items"]
    assert [(item["id"], item["read"]) for item in second] == [(first[0]["id"], True)]
    assert [item["body"]["value"] for item in third] == ["4"]


async def test_what_is_taken_back_comes_as_taken_back(world: World, url: str) -> None:
    body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 1"}
    async with listening(url, world.mother) as stream:
        given = (await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)).json()
        assert [item["withdrawn"] for item in (await stream.next("alerts")).data["items"]] == [False]
        await world.teacher.delete(f"/v1/homework/{given['id']}")
        assert [item["withdrawn"] for item in (await stream.next("alerts")).data["items"]] == [True]


async def test_others_hear_nothing(world: World, url: str) -> None:
    async with listening(url, world.neighbour) as stream:
        await world.set_mark("5")
        body = {"entries": [{"studentId": str(world.pyotr), "code": "absent"}]}
        await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", body)
        event = await stream.next("alerts")
    assert [item["kind"] for item in event.data["items"]] == ["absent-without-notice"]


async def test_the_open_diary_says_when_it_changes(world: World, url: str) -> None:
    async with listening(url, world.mother, f"?child={world.ivan}") as stream:
        before = await stream.next("diary")
        body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 1"}
        await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)
        after = await stream.next("diary")
    assert before.data["childId"] == after.data["childId"] == str(world.ivan)
    assert before.data["version"] != after.data["version"]


async def test_the_diary_of_somebody_elses_child_stays_closed(world: World, url: str) -> None:
    async with listening(url, world.stranger, f"?child={world.ivan}") as stream:
        event = await stream.next("diary")
        assert event.data == {"childId": str(world.ivan), "version": None}
        await world.set_mark("5")
        await world.foreign_teacher.put(
            f"/v1/lessons/{world.foreign_lesson}/attendance",
            {"entries": [{"studentId": str(world.oleg), "code": "absent"}]},
        )
        assert (await stream.next()).name == "alerts"


async def test_after_a_break_what_was_missed_comes_first(world: World, url: str) -> None:
    async with listening(url, world.mother) as stream:
        await world.set_mark("5")
        last = (await stream.next("alerts")).id
    await world.set_mark("4")
    async with listening(url, world.mother, last=last) as stream:
        missed = (await stream.next("alerts")).data["items"]
    # Two minutes are told again: what was committed late must not be lost (listAlertChanges does so, too).
    assert [item["body"]["value"] for item in missed] == ["5", "4"]


async def test_a_cursor_of_the_inbox_opens_a_stream_where_the_sync_ended(world: World, url: str) -> None:
    synced = (await world.mother.get("/v1/alerts/changes")).json()["next"]
    await world.set_mark("5")
    async with listening(url, world.mother, last=synced) as stream:
        assert [item["body"]["value"] for item in (await stream.next("alerts")).data["items"]] == ["5"]


async def test_who_was_away_for_very_much_fetches_the_rest_page_by_page(world: World, url: str) -> None:
    synced = (await world.mother.get("/v1/alerts/changes")).json()["next"]
    work = await world.give_work()
    for number in range(105):
        await world.set_mark(str(2 + number % 4), work, **({"version": number} if number else {}))
    async with listening(url, world.mother, last=synced) as stream:
        event = await stream.next("alerts")
    if not event.data["more"]:
        assert len(event.data["items"]) == 105
    found = {item["id"] for item in event.data["items"]}
    following, more = event.data["next"], event.data["more"]
    while more:
        page = (await world.mother.get(f"/v1/alerts/changes?since={following}")).json()
        found |= {item["id"] for item in page["items"]}
        following, more = page["next"], page["more"]
    assert len(found) == 105


async def test_without_redis_it_comes_all_the_same(world: World, deaf: str) -> None:
    async with listening(deaf, world.mother, f"?child={world.ivan}") as stream:
        await stream.next("diary")
        await world.set_mark("5")
        assert [item["body"]["value"] for item in (await stream.next("alerts")).data["items"]] == ["5"]
        await stream.next("diary")


async def test_when_redis_goes_under_an_open_stream_and_comes_back_nothing_is_lost(
    world: World, settings: Settings, database: Database, clock: MovableClock
) -> None:
    async with wire_to(settings.redis_url) as wire:
        wired = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{wire.port}"})
        parts = Parts(wired, database, connect_redis(wired.redis_url), clock)
        async with served(build_app(parts), parts.hub) as url, listening(url, world.mother) as stream:
            for value in ("5", "4", "3"):
                await world.set_mark(value)
                assert [one["body"]["value"] for one in (await stream.next("alerts")).data["items"]] == [value]
                if value == "5":
                    wire.break_off()
                else:
                    wire.cut = False


async def test_a_stream_ends_with_its_session(world: World, url: str) -> None:
    async with listening(url, world.mother) as stream:
        assert (await world.mother.delete("/v1/sessions/current")).status_code == 204
        assert await stream.end() == []


async def test_a_stream_ends_after_ten_minutes(world: World, url: str) -> None:
    async with listening(url, world.mother) as stream:
        world.clock.move(minutes=10)
        await world.reissue()
        await world.set_mark("5")
        assert await stream.end() == []


async def test_a_right_that_ends_closes_the_open_diary(world: World, url: str) -> None:
    async with listening(url, world.father, f"?child={world.ivan}") as stream:
        assert (await stream.next("diary")).data["version"] is not None
        async with world.database.transaction() as session:
            ended = text("UPDATE guardianship SET ends = :day WHERE account_id = :who")
            await session.execute(ended, {"day": world.today - timedelta(days=1), "who": world.father.id})
        await world.set_mark("2")
        event = await stream.next()
    assert (event.name, event.data["version"]) == ("diary", None)


@pytest.mark.parametrize(("header", "status", "code"), [("nonsense", 422, "invalid"), (None, 401, "unauthenticated")])
async def test_what_opens_no_stream(world: World, url: str, header: str | None, status: int, code: str) -> None:
    headers = {"last-event-id": header} if header else {}
    if header:
        headers["authorization"] = f"Bearer {world.mother.token}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        answer = await client.get("/v1/live", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_one_person_has_five_streams_at_most(world: World, parts: Parts, url: str) -> None:
    hub = parts.hub
    with hub.join(world.mother.id), hub.join(world.mother.id), hub.join(world.mother.id), hub.join(world.mother.id):
        async with listening(url, world.mother), httpx.AsyncClient(base_url=url, trust_env=False) as client:
            answer = await client.get("/v1/live", headers={"authorization": f"Bearer {world.mother.token}"})
            assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
        async with listening(url, world.father):
            pass
    async with asyncio.timeout(5):
        while hub.number:
            await asyncio.sleep(0.01)


async def test_streams_end_when_the_process_does(world: World, parts: Parts, url: str) -> None:
    async with listening(url, world.mother) as stream:
        parts.hub.end()
        assert await stream.end() == []
