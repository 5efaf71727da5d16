"""The scheduler and its evening reminder, by a clock that is moved."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from backend.scheduler import Scheduler
from tests.world import World


async def reminded(world: World) -> dict[str, int]:
    """login -> lessons, of all reminders so far."""
    found = {}
    for name in ("teacher", "other_teacher", "class_teacher", "foreign_teacher"):
        items = (await getattr(world, name).get("/v1/alerts")).json()["items"]
        for item in items:
            assert item["kind"] == "lessons-unfilled"
            found[name] = item["body"]["lessons"]
    return found


async def test_teachers_are_reminded_at_17_once(world: World) -> None:
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": []})
    scheduler = Scheduler("one", world.database, world.clock)
    world.clock.move(hours=4, minutes=59)
    await scheduler.tick()
    await world.reissue()
    assert await reminded(world) == {}
    world.clock.move(minutes=1)
    await scheduler.tick()
    await scheduler.tick()
    assert await reminded(world) == {"other_teacher": 1, "foreign_teacher": 1}


async def test_two_schedulers_are_harmless(world: World) -> None:
    world.clock.move(hours=6)
    await world.reissue()
    schedulers = [Scheduler(name, world.database, world.clock) for name in ("one", "two")]
    await asyncio.gather(*(scheduler.tick() for scheduler in schedulers))
    assert await reminded(world) == {"teacher": 1, "other_teacher": 1, "foreign_teacher": 1}
    async with world.database.transaction() as session:
        reminders = text("SELECT count(*) FROM job_run WHERE job LIKE 'remind-of-unfilled:%'")
        assert (await session.execute(reminders)).scalar() == 2, "one for each school"


async def test_only_the_leader_works_and_another_takes_over(world: World) -> None:
    first, second = (Scheduler(name, world.database, world.clock) for name in ("one", "two"))
    assert await first.tick() > 0
    world.clock.move(hours=6)
    assert await second.tick() == 0
    async with world.database.transaction() as session:
        await session.execute(text("UPDATE lease SET until = now() - interval '1 second'"))
    assert await second.tick() > 0
    assert await first.tick() == 0


async def test_long_after_an_outage_nobody_is_woken(world: World) -> None:
    world.clock.move(hours=9)
    await Scheduler("one", world.database, world.clock).tick()
    world.clock.move(hours=-9)
    assert await reminded(world) == {}


async def test_housekeeping_makes_the_partitions_of_the_coming_months(world: World) -> None:
    world.clock.move(days=200)
    await Scheduler("one", world.database, world.clock).tick()
    ahead = (world.clock.now + timedelta(days=100)).strftime("alert_%Y%m")
    async with world.database.transaction() as session:
        assert (await session.execute(text("SELECT to_regclass(:name)"), {"name": ahead})).scalar() is not None
