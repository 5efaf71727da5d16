"""Calling meetings."""

from datetime import datetime, timedelta, timezone

import pytest

from tests.meetings.scenes import call, made
from tests.world import World


@pytest.mark.parametrize(
    ("start", "length", "pointer", "code"),
    [
        (-1, 1, "/startsAt", "in-the-past"),
        (24, -1, "/endsAt", "ends-before-it-begins"),
        (24, 0, "/endsAt", "ends-before-it-begins"),
        (24, 25, "/endsAt", "too-long"),
        (24 * 400, 1, "/startsAt", "too-far"),
    ],
)
async def test_what_is_refused(world: World, start: int, length: int, pointer: str, code: str) -> None:
    starts = world.clock.now + timedelta(hours=start)
    body = {
        "title": "Итоги", "place": "12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=length)).isoformat(),
    }  # fmt: skip
    answer = await world.class_teacher.post(f"/v1/classes/{world.school.class_id}/meetings", body)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_parents_see_the_coming_meetings_of_their_childs_class(world: World) -> None:
    starts = world.clock.now + timedelta(days=1)
    body = {
        "title": "Итоги", "place": "12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(), "agenda": "Оценки",
    }  # fmt: skip
    await world.class_teacher.post(f"/v1/classes/{world.school.class_id}/meetings", body)
    listed = (await world.mother.get(f"/v1/children/{world.ivan}/meetings")).json()["items"]
    assert [(item["title"], item["agenda"]) for item in listed] == [("Итоги", "Оценки")]
    assert (await world.stranger.get(f"/v1/children/{world.oleg}/meetings")).json()["items"] == []
    world.clock.move(days=2)
    await world.reissue()
    assert (await world.mother.get(f"/v1/children/{world.ivan}/meetings")).json()["items"] == []


async def test_moments_without_their_zone_are_refused(world: World) -> None:
    moment = (world.clock.now + timedelta(days=1)).replace(tzinfo=None).isoformat()
    body = {"title": "Итоги", "place": "12", "startsAt": moment, "endsAt": moment}
    answer = await world.class_teacher.post(f"/v1/classes/{world.school.class_id}/meetings", body)
    errors = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert errors == {("/startsAt", "bad-date"), ("/endsAt", "bad-date")}


async def test_alerts_name_the_moment_in_utc_whatever_zone_it_was_sent_in(world: World) -> None:
    zone = timezone(timedelta(hours=3))
    starts, later = (datetime(2026, 11, day, 18, tzinfo=zone) for day in (20, 21))
    meeting = await call(world, startsAt=starts.isoformat(), endsAt=(starts + timedelta(hours=1)).isoformat())
    body = {"version": 1, "startsAt": later.isoformat(), "endsAt": (later + timedelta(hours=1)).isoformat()}
    made(await world.class_teacher.patch(f"/v1/meetings/{meeting['id']}", body))
    items = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [item["body"]["startsAt"] for item in items] == ["2026-11-21T15:00:00Z", "2026-11-20T15:00:00Z"]
