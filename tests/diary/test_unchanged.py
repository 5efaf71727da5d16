"""What has not changed costs one cheap question: 304. What has changed never hides behind one (DESIGN.md section 4)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.exchange.feeding import give_journal, work
from tests.push.fixtures import run_as_owner
from tests.world import Someone, World


async def ask(world: World, who: Someone, tag: str | None = None, **more: str) -> httpx.Response:
    headers = ({"If-None-Match": tag} if tag else {}) | more
    return await who.get(f"/v1/children/{world.ivan}/week", **headers)


async def test_the_same_week_again_is_304_without_a_body(world: World) -> None:
    await world.set_mark("5")
    first = await ask(world, world.mother)
    again = await ask(world, world.mother, first.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == "private, no-cache"


async def test_a_list_of_tags_and_strong_ones_are_understood(world: World) -> None:
    tag = (await ask(world, world.mother)).headers["etag"]
    assert (await ask(world, world.mother, f'"other", {tag}')).status_code == 304
    assert (await ask(world, world.mother, tag.removeprefix("W/"))).status_code == 304
    assert (await ask(world, world.mother, '"other", nonsense')).status_code == 200


async def set_mark(world: World, _: str) -> None:
    await world.set_mark("5")


async def correct_mark(world: World, work: str) -> None:
    await world.set_mark("4", work)


async def remove_mark(world: World, work: str) -> None:
    await world.set_mark(None, work)


async def be_absent(world: World, _: str) -> None:
    entries = [{"studentId": str(world.ivan), "code": "absent"}]
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})


async def set_homework(world: World, _: str) -> None:
    due = str(world.today + timedelta(days=1))
    await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", {"dueOn": due, "text": "§ 5"})


async def file_notice(world: World, _: str) -> None:
    day = str(world.today + timedelta(days=1))
    notice = {"firstDay": day, "lastDay": day, "reason": "illness"}
    await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)


CHANGES = [set_mark, correct_mark, remove_mark, be_absent, set_homework, file_notice]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_whatever_is_written_changes_the_tag(
    world: World, change: Callable[[World, str], Awaitable[None]]
) -> None:
    work = await world.give_work()
    await world.set_mark("3", work)
    before = await ask(world, world.father)
    await change(world, work)
    after = await ask(world, world.father, before.headers["etag"])
    assert after.status_code == 200
    assert after.json() != before.json()
    assert after.headers["etag"] != before.headers["etag"]


async def test_whatever_a_feed_writes_changes_the_tag(world: World) -> None:
    journal = await give_journal(world)
    steps: list[dict[str, Any]] = [
        {"lessons": [journal.lesson()]},
        {"lessons": [journal.lesson(number=7, topic="Дроби")]},
        {"works": [work()], "marks": [journal.mark()]},
        {"works": [work(kind="homework")]},
        {"marks": [journal.mark(value="4")]},
        {"marks": [{"externalId": "M1", "removed": True}]},
        {"absences": [journal.absence()]},
        {"absences": [{"externalId": "A1", "removed": True}]},
        {"homework": [journal.homework()]},
        {"homework": [journal.homework(minutes=20)]},
        {"homework": [{"externalId": "H1", "removed": True}]},
        {"lessons": [journal.lesson("L2", number=8)]},
        {"lessons": [{"externalId": "L2", "removed": True}]},
    ]
    tag = (await ask(world, world.mother)).headers["etag"]
    for step in steps:
        assert "refused" not in (await journal.send(alerts="silent", **step)).text, step
        after = await ask(world, world.mother, tag)
        assert (step, after.status_code) == (step, 200)
        tag = after.headers["etag"]
        await journal.send(alerts="silent", **step)
        assert (await ask(world, world.mother, tag)).status_code == 304, "the same again"


async def test_whatever_families_and_edits_write_changes_the_tag(world: World) -> None:
    day = str(world.today + timedelta(days=1))
    given = (await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", {"dueOn": day, "text": "§ 1"})).json()[
        "id"
    ]
    done = f"/v1/children/{world.ivan}/homework/{given}/done"
    absence = {"firstDay": day, "lastDay": day, "reason": "illness"}
    notice = (await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", absence)).json()["id"]
    steps: list[tuple[Someone, str, str, Any]] = [
        (world.teacher, "PATCH", f"/v1/homework/{given}", {"version": 1, "text": "§ 2"}),
        (world.teacher, "PATCH", f"/v1/homework/{given}", {"version": 2, "minutes": 20}),
        (world.student, "PUT", done, {"done": True}),
        (world.student, "PUT", done, {"done": False}),
        (world.teacher, "DELETE", f"/v1/homework/{given}", None),
        (world.deputy, "PUT", f"/v1/absence-notices/{notice}/decision", {"accept": False, "answer": "Нет"}),
    ]
    tag = (await ask(world, world.father)).headers["etag"]
    for who, method, path, body in steps:
        assert (await who.call(method, path, body)).is_success, path
        after = await ask(world, world.father, tag)
        assert (path, after.status_code) == (path, 200)
        tag = after.headers["etag"]


async def test_a_classmates_mark_changes_nothing(world: World) -> None:
    tag = (await ask(world, world.mother)).headers["etag"]
    work = await world.give_work()
    marks = [{"studentId": str(world.pyotr), "value": "2"}]
    assert (await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})).status_code == 200
    assert (await ask(world, world.mother, tag)).status_code == 304


async def test_what_was_rolled_back_changes_nothing(world: World) -> None:
    tag = (await ask(world, world.mother)).headers["etag"]
    work = await world.give_work()
    marks = [{"studentId": str(world.ivan), "value": "2"}, {"studentId": str(world.sofia), "value": "2"}]
    assert (await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})).status_code == 422
    assert (await ask(world, world.mother, tag)).status_code == 304


async def test_a_tag_is_no_pass(world: World) -> None:
    """A right that ended and a session that ended are asked about first."""
    tag = (await ask(world, world.mother)).headers["etag"]
    assert (await ask(world, world.stranger, tag)).status_code == 404
    await run_as_owner(world, f"UPDATE guardianship SET ends = starts WHERE account_id = '{world.mother.id}'")
    assert (await ask(world, world.mother, tag)).status_code == 404
    await world.father.delete("/v1/sessions/current")
    assert (await ask(world, world.father, tag)).status_code == 401


async def test_a_tag_holds_for_one_language_one_role_and_one_day(world: World) -> None:
    tag = (await ask(world, world.mother)).headers["etag"]
    assert (await ask(world, world.mother, tag, **{"Accept-Language": "en"})).status_code == 200
    assert (await ask(world, world.student, tag)).status_code == 200
    world.clock.move(days=1)
    await world.reissue()
    assert (await ask(world, world.mother, tag)).status_code == 200
