"""What a journal does not take, each by its own code, and nothing half saved."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.push.fixtures import run_as_owner
from tests.world import World

Refusal = Callable[[World], Awaitable[httpx.Response]]


async def save(world: World, *marks: dict[str, Any], **headers: str) -> httpx.Response:
    """A lesson's page: a topic, and a new work with marks of Pyotr and of others."""
    fine = {"studentId": str(world.pyotr), "value": "4"}
    body = {"topic": "Дроби", "works": [{"kind": "answer", "marks": [fine, *marks]}]}
    return await world.teacher.call("PUT", f"/v1/lessons/{world.lesson}", body, **headers)


async def a_mark_six(world: World) -> httpx.Response:
    return await save(world, {"studentId": str(world.ivan), "value": "6"})


async def a_day_without_the_lesson(world: World) -> httpx.Response:
    await world.deputy.patch(f"/v1/lessons/{world.lesson}", {"state": "cancelled"})
    return await save(world)


async def a_student_who_left(world: World) -> httpx.Response:
    yesterday = world.today - timedelta(days=1)
    await run_as_owner(world, f"UPDATE student SET left_on = '{yesterday}' WHERE id = '{world.ivan}'")
    return await save(world, {"studentId": str(world.ivan), "value": "5"})


async def a_student_of_another_group(world: World) -> httpx.Response:
    return await save(world, {"studentId": str(world.oleg), "value": "5"})


async def a_closed_period(world: World) -> httpx.Response:
    path = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    await world.deputy.put(path, {"closed": True})
    return await save(world)


async def a_teacher_who_lost_the_class(world: World) -> httpx.Response:
    yesterday = world.today - timedelta(days=1)
    await run_as_owner(world, f"UPDATE teaching_load SET ends = '{yesterday}' WHERE teacher_id = '{world.teacher.id}'")
    return await save(world)


async def a_stale_version(world: World) -> httpx.Response:
    work = await world.give_work()
    await world.set_mark("3", work)
    marks = [{"studentId": str(world.pyotr), "value": "4"}, {"studentId": str(world.ivan), "value": "5", "version": 0}]
    return await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})


async def a_key_used_for_another_body(world: World) -> httpx.Response:
    path, key = f"/v1/lessons/{world.lesson}", {"Idempotency-Key": "once"}
    assert (await world.teacher.call("PUT", path, {}, **key)).status_code == 200
    return await save(world, **key)


REFUSALS: list[tuple[Refusal, int, str, dict[str, str]]] = [
    (a_mark_six, 422, "invalid", {"/works/0/marks/1/value": "not-one-of"}),
    (a_day_without_the_lesson, 409, "lesson-cancelled", {}),
    (a_student_who_left, 422, "invalid", {"/works/0/marks/1/studentId": "student-left"}),
    (a_student_of_another_group, 422, "invalid", {"/works/0/marks/1/studentId": "not-in-group"}),
    (a_closed_period, 422, "invalid", {"/works/0/marks/0": "period-closed"}),
    (a_teacher_who_lost_the_class, 404, "not-found", {}),
    (a_stale_version, 412, "stale", {}),
    (a_key_used_for_another_body, 409, "idempotency-key-reused", {}),
]


@pytest.mark.parametrize(
    ("refusal", "status", "code", "fields"), REFUSALS, ids=lambda item: getattr(item, "__name__", "")
)
async def test_each_has_its_own_code_and_nothing_is_half_saved(
    world: World, refusal: Refusal, status: int, code: str, fields: dict[str, str]
) -> None:
    answer = await refusal(world)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert {error["pointer"]: error["code"] for error in body.get("errors", [])} == fields
    page = (await world.deputy.get(f"/v1/lessons/{world.lesson}")).json()
    if "marks" in page:
        assert (page["topic"], [m for m in page["marks"] if m["studentId"] == str(world.pyotr)]) == (None, [])
    told = [alert["kind"] for alert in (await world.neighbour.get("/v1/alerts")).json()["items"]]
    assert not any(kind.startswith("mark-") for kind in told)
