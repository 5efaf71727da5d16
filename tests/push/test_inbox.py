"""The inbox: sync that loses nothing, unread counts, acknowledgements, and what leaves the other screens."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import Someone, World


async def sync(someone: Someone, since: str | None = None) -> dict[str, Any]:
    """All pages of one sync, as one answer."""
    items: dict[str, Any] = {}
    while True:
        path = "/v1/alerts/changes" + (f"?since={since}" if since else "")
        answer = await someone.get(path)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        items |= {item["id"]: item for item in page["items"]}
        since = page["next"]
        if not page["more"]:
            return page | {"items": items}


async def test_a_first_sync_brings_all_and_the_next_only_what_changed(world: World) -> None:
    for value in "2345":
        await world.set_mark(value)
    first = await sync(world.mother)
    assert len(first["items"]) == 4
    await world.set_mark("5")
    second = await sync(world.mother, first["next"])
    assert set(second["items"]) >= set((await sync(world.mother))["items"]) - set(first["items"])
    assert second["unread"]["unread"] == 5


async def test_a_sync_of_many_comes_in_pages(world: World) -> None:
    for _ in range(30):
        await world.set_mark("5")
        await world.set_mark("4")
    assert len((await sync(world.mother))["items"]) == 60


async def test_a_sync_answers_reads_and_withdrawals(world: World) -> None:
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.set_mark("5")
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    await age_alerts(world)
    before = await sync(world.mother)
    mark = next(item for item in before["items"].values() if item["kind"] == "mark-set")
    await world.mother.post("/v1/alerts/read", {"alertIds": [mark["id"]]})
    assert (await sync(world.mother, before["next"]))["items"].keys() == {mark["id"]}
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "exempt"}]})
    items = (await sync(world.mother, before["next"]))["items"]
    assert items[mark["id"]]["read"] is True
    assert [item["withdrawn"] for item in items.values() if item["kind"] == "absent-without-notice"] == [True]


async def test_an_alert_that_commits_late_is_not_skipped(world: World) -> None:
    """It gets its id before a sync, and is committed after it."""
    held, begun = asyncio.Event(), asyncio.Event()

    async def slow_writer() -> None:
        from push import outbox
        from push.outbox import NewAlert
        from schemas.alerts import MarkSet, Target

        alert = NewAlert(
            school_id=world.school.id, account_id=world.mother.id, child_id=world.ivan,
            body=MarkSet(child="Иван", subject="Физика", value="5", work="test", day=world.today),
            target=Target(screen="diary-day"), thread="late", entity="late", occurred_at=world.clock.now,
            timezone="Europe/Moscow",
        )  # fmt: skip
        async with world.database.transaction(world.teacher.id) as session:
            await outbox.append(session, [alert])
            begun.set()
            await held.wait()

    writing = asyncio.create_task(slow_writer())
    await begun.wait()
    await world.set_mark("5")
    seen = await sync(world.mother)
    assert len(seen["items"]) == 1
    held.set()
    await writing
    assert any("Физика" in item["text"] for item in (await sync(world.mother, seen["next"]))["items"].values())


async def test_requests_cannot_outlast_the_overlap(world: World) -> None:
    from push.inbox import OVERLAP, TRANSACTION_LIMIT

    async with world.database.transaction(world.mother.id) as session:
        limit = (await session.execute(text("SHOW transaction_timeout"))).scalar_one()
    assert limit == f"{TRANSACTION_LIMIT.total_seconds() // 60:.0f}min"
    assert OVERLAP > TRANSACTION_LIMIT


@pytest.mark.parametrize(
    "since", ["yesterday", "1.2", "1.2.3.4", "1.2.zz", "99999999999999999999.1.", "-62135596800000.-62135596800000."]
)
async def test_a_cursor_that_is_none_is_refused(world: World, since: str) -> None:
    answer = await world.mother.get(f"/v1/alerts/changes?since={since}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["query:since"]


async def test_of_a_child_one_may_no_longer_see_nothing_is_synced(world: World) -> None:
    await world.set_mark("5")
    async with world.database.transaction() as session:
        statement = text("UPDATE guardianship SET may_view = false WHERE account_id = :account")
        await session.execute(statement, {"account": world.mother.id})
    answer = await sync(world.mother)
    assert (answer["items"], answer["children"]) == ({}, [])


async def test_unread_is_told_for_each_child(world: World) -> None:
    await world.set_mark("5")
    me = (await world.mother.get("/v1/me")).json()
    assert me["unreadAlerts"] == 1
    assert me["unreadByChild"] == [{"childId": str(world.ivan), "unread": 1}]


async def test_mark_all_read_is_one_message_for_each_device(world: World, standin: Standin, worker: Worker) -> None:
    tablet = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    await deliver(worker)
    assert len(tablet.screen().texts()) == 2
    newest = (await world.mother.get("/v1/alerts")).json()["items"][0]["id"]
    answer = await world.mother.post("/v1/alerts/read-all", {"until": newest})
    assert answer.json() == {"unread": 0, "byChild": []}
    await deliver(worker)
    assert len(tablet.received) == 2, "gathered for five seconds"
    world.clock.move(seconds=5)
    await deliver(worker)
    assert len(tablet.received) == 3
    assert tablet.received[-1].message["android"]["priority"] == "normal"
    assert tablet.screen().texts() == []


async def test_the_next_alert_carries_what_has_to_go(world: World, standin: Standin, worker: Worker) -> None:
    tablet = await give_handset(world, standin, world.mother)
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    await deliver(worker)
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "exempt"}]})
    await deliver(worker)
    await world.set_mark("5")
    await deliver(worker)
    world.clock.move(seconds=10)
    await deliver(worker)
    assert len(tablet.received) == 2, "no message of its own for clearing"
    assert tablet.screen().texts() == ["Иван: новая оценка | Математика: 5"]


async def test_ios_is_cleared_at_most_twice_an_hour(world: World, standin: Standin, worker: Worker) -> None:
    iphone = await give_handset(world, standin, world.mother, platform="ios")
    path = f"/v1/lessons/{world.lesson}/attendance"
    for _ in range(6):
        await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
        await deliver(worker)
        await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "exempt"}]})
        await deliver(worker)
        world.clock.move(minutes=9, seconds=50)
        await world.reissue()
        await deliver(worker)
    apns = [received.message["apns"] for received in iphone.received]
    background = [block["headers"] for block in apns if "content-available" in block["payload"]["aps"]]
    assert 1 <= len(background) <= 2
    assert {headers["apns-push-type"] for headers in background} == {"background"}


async def test_the_badge_of_ios_counts_what_is_unread(world: World, standin: Standin, worker: Worker) -> None:
    iphone = await give_handset(world, standin, world.mother, platform="ios")
    neutral = await give_handset(world, standin, world.mother, platform="ios", sealed=False)
    await world.set_mark("5")
    await world.set_mark("4")
    await deliver(worker)
    assert iphone.opened()[-1]["unread"] == 2
    assert neutral.received[-1].message["apns"]["payload"]["aps"]["badge"] == 2


async def test_what_the_app_says_of_an_alert_is_kept(world: World, standin: Standin, worker: Worker) -> None:
    phone, tablet = [await give_handset(world, standin, world.mother) for _ in range(2)]
    await world.set_mark("5")
    await deliver(worker)
    (alert,) = phone.opened()[0]["alertIds"]
    for body in ({"received": [alert]}, {"received": [alert]}, {"opened": [alert]}):
        wish = {"installationId": str(phone.installation_id)} | body
        assert (await world.mother.post("/v1/alerts/acknowledgements", wish)).status_code == 204
    async with world.database.transaction(world.mother.id) as session:
        rows = await session.execute(text("SELECT installation_id, opened_at IS NOT NULL FROM alert_seen"))
        assert [tuple(row) for row in rows] == [(phone.installation_id, True)]
    world.clock.move(seconds=5)
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert tablet.screen().texts() == [], "opened on one device, gone from the other"


async def test_a_device_of_others_acknowledges_nothing(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await deliver(worker)
    (alert,) = phone.opened()[0]["alertIds"]
    wish = {"installationId": str(phone.installation_id), "opened": [alert]}
    assert (await world.stranger.post("/v1/alerts/acknowledgements", wish)).status_code == 404
    own = await give_handset(world, standin, world.stranger)
    wish["installationId"] = str(own.installation_id)
    assert (await world.stranger.post("/v1/alerts/acknowledgements", wish)).status_code == 204
    assert (await world.mother.get("/v1/alerts")).json()["items"][0]["read"] is False
    unknown = {"installationId": str(uuid4())}
    assert (await world.mother.post("/v1/alerts/acknowledgements", unknown)).status_code == 404


async def age_alerts(world: World) -> None:
    """Makes the alerts so far older than the overlap, so that only what changed about them brings them back."""
    from backend.core.db import Database

    owner = Database(world.settings.owner_database_url, pool=1)
    async with owner.transaction() as session:
        await session.execute(
            text("""
            UPDATE alert SET id = (overlay(id::text placing
                substr(uuid7_floor(now() - interval '1 hour')::text, 1, 13) from 1 for 13))::uuid
        """)
        )
    await owner.close()
