"""Dots under race: a teacher's mark wins over expiry, closing the period wins over both (DOMAIN.md section 6)."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.journal.jobs import resolve_dots
from tests.world import World


async def resolve(world: World) -> None:
    async with world.database.transaction() as session:
        await resolve_dots(session, world.school.id, world.today, world.clock.now)


async def versions(world: World) -> list[tuple[Any, ...]]:
    """(work, version, value, reason) of Ivan's marks, in order."""
    statement = text("""
        SELECT work_id::text, version, value, reason FROM mark_version WHERE student_id = :child
         ORDER BY work_id, version
    """)
    async with world.database.transaction() as session:
        return [tuple(row) for row in await session.execute(statement, {"child": world.ivan})]


@pytest.mark.parametrize("seed", range(6))
async def test_teachers_expiry_and_closing_at_once(world: World, seed: int) -> None:
    """Five dots whose term is over, marks for some of them, expiry twice and the closing, all at the same moment: no
    dot survives, no teacher's accepted mark is lost, and nothing is written after the closing."""
    chance = random.Random(seed)
    works = [await world.give_work(kind="test") for _ in range(5)]
    for work in works:
        await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=1)))
    world.clock.move(days=2)
    await world.reissue()
    marked = chance.sample(works, 3)
    closing = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"

    async def mark(work: str) -> tuple[str, int]:
        await asyncio.sleep(0)
        return work, (await world.set_mark("4", work)).status_code

    racing: list[Any] = [mark(work) for work in marked]
    racing += [resolve(world), resolve(world), world.deputy.put(closing, {"closed": True})]
    chance.shuffle(racing)
    outcomes = await asyncio.gather(*racing)

    accepted = {outcome[0] for outcome in outcomes if isinstance(outcome, tuple) and outcome[1] == 200}
    refused = {outcome[0] for outcome in outcomes if isinstance(outcome, tuple) and outcome[1] == 422}
    assert accepted | refused == set(marked)
    found = await versions(world)
    for work in works:
        story = [row for row in found if row[0] == work]
        assert [row[1] for row in story] == list(range(1, len(story) + 1))
        assert story[0][2] == "dot"
        # A mark set after expiry stands upon the removal; a dot is removed once at the most.
        ends = [row[2:] for row in story[1:]]
        removals = [reason for value, reason in ends if value is None]
        assert len(removals) <= 1
        assert set(removals) <= {"dot-expired", "period-closed"}
        assert (ends[-1][0] == "4") == (work in accepted)
        assert len(ends) == len(removals) + (work in accepted)
    # From now on nothing changes any more.
    after = await world.set_mark("5", works[0])
    assert after.json()["errors"][0]["code"] == "period-closed"


@pytest.mark.parametrize("value", ["4", None])
async def test_expiry_is_safe_to_run_twice_and_long_after(world: World, value: str | None) -> None:
    work = await world.give_work()
    await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=1)))
    world.clock.move(days=20)
    await world.reissue()
    if value:
        await world.set_mark(value, work)
    for _ in range(3):
        await resolve(world)
    assert [row[2] for row in await versions(world)] == ["dot", value]
