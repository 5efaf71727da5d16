"""A dot is a debt with a term: it becomes a mark, or goes when its term is over (DOMAIN.md section 6)."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from backend.journal.jobs import remind_of_dots, resolve_dots
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import World


async def give_dot(world: World, *, days: int = 3) -> str:
    work = await world.give_work()
    answer = await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=days)))
    assert answer.status_code == 200, answer.text
    return work


async def shown(world: World) -> list[tuple[str, str | None]]:
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day?day={date(2026, 11, 18)}")).json()
    return [(mark["value"], mark["dueOn"]) for lesson in day["lessons"] for mark in lesson["marks"]]


async def resolve(world: World) -> int:
    async with world.database.transaction() as session:
        return await resolve_dots(session, world.school.id, world.today, world.clock.now)


async def later(world: World, days: int) -> None:
    world.clock.move(days=days)
    await world.reissue()


async def test_a_dot_is_shown_with_its_term_and_counts_in_no_average(world: World) -> None:
    await give_dot(world)
    assert await shown(world) == [("dot", "2026-11-21")]
    week = (await world.mother.get(f"/v1/children/{world.ivan}/week")).json()
    assert [(item["average"], item["marks"]) for item in week["averages"]] == [(None, 1)]


async def test_a_mark_takes_a_dots_place_at_any_time(world: World) -> None:
    work = await give_dot(world)
    await later(world, 2)
    assert (await world.set_mark("4", work)).json()["changed"] == 1
    assert await shown(world) == [("4", None)]


async def test_a_dot_goes_when_its_term_is_over_and_not_before(world: World) -> None:
    await give_dot(world, days=3)
    await later(world, 3)
    assert await resolve(world) == 0, "the last day of the term belongs to it"
    await later(world, 1)
    assert (await resolve(world), await resolve(world)) == (1, 0), "safe to run twice"
    assert await shown(world) == []


async def test_a_mark_wins_over_a_term_that_is_over(world: World) -> None:
    work = await give_dot(world, days=1)
    await later(world, 2)
    await asyncio.gather(resolve(world), world.set_mark("5", work))
    # Whoever came first: the dot is gone, and the teacher's mark stands.
    assert await shown(world) == [("5", None)]


@pytest.mark.parametrize(
    ("value", "more", "code"),
    [
        ("dot", {}, "required"),
        ("dot", {"dueOn": "2026-11-17"}, "in-the-past"),
        ("dot", {"dueOn": "2027-11-17"}, "too-far"),
        ("5", {"dueOn": "2026-11-20"}, "only-for-dots"),
    ],
)
async def test_a_term_that_makes_no_sense_is_refused(world: World, value: str, more: dict[str, Any], code: str) -> None:
    answer = await world.set_mark(value, **more)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/marks/0/dueOn", code)]


async def test_families_hear_of_a_dot_its_term_and_its_end(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    work = await give_dot(world, days=3)
    await deliver(worker)
    await later(world, 1)
    async with world.database.transaction() as session:
        assert await remind_of_dots(session, world.school.id, world.today, world.clock.now) == 1
    await deliver(worker)
    await later(world, 3)
    await resolve(world)
    await deliver(worker)
    assert phone.texts() == [
        "Иван: точка, нужно сдать | Математика: сдать до 21 ноября",
        "Иван: срок близко | Математика: сдать до 21 ноября",
        "Иван: точка снята | Математика",
    ]
    assert len(phone.screen().texts()) == 1
    assert (await world.set_mark("5", work)).status_code == 200


async def test_a_paid_debt_leaves_the_screen(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    work = await give_dot(world)
    await deliver(worker)
    await world.set_mark("4", work)
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert phone.screen().texts() == ["Иван: новая оценка | Математика: 4"]


async def test_however_many_dots_end_in_a_night_all_of_them_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.journal.jobs.AT_ONCE", 1)
    for _ in range(3):
        await give_dot(world)
    await later(world, 4)
    assert await resolve(world) == 3
    assert await shown(world) == []
