"""Reminders a day and two hours before, to those who did not say no."""

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.meetings import rules
from backend.meetings.jobs import remind_of_meetings
from push.standin.server import Standin
from push.worker import Worker
from tests.meetings.scenes import call, made, wait
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.world import World

SOON = "Скоро собрание, 5А | 21 ноября, 12:00, каб. 12. Итоги"


async def kinds(world: World) -> list[str]:
    items = (await world.mother.get("/v1/alerts")).json()["items"]
    return [item["kind"] for item in items if not item["withdrawn"]]


async def test_those_who_did_not_say_no_are_reminded_twice(world: World, standin: Standin, worker: Worker) -> None:
    await world.father.patch("/v1/me", {"language": "en"})
    handsets = [
        await give_handset(world, standin, who)
        for who in (world.mother, world.father, world.neighbour, world.teacher, world.student, world.class_teacher)
    ]
    mother, father, neighbour, colleague, student, caller = handsets
    meeting = await call(world, staffIds=[str(world.teacher.id)])
    await world.mother.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": True})
    await world.neighbour.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": False})
    await deliver(worker)
    assert await wait(world, hours=47, minutes=59) == 0
    assert await wait(world, minutes=1) == 1
    await deliver(worker)
    assert await wait(world, hours=22) == 1
    await deliver(worker)
    assert await wait(world, hours=3) == 0
    await deliver(worker)
    assert mother.texts()[1:] == [SOON, SOON]
    assert mother.screen().rung == 3
    assert father.texts()[1:] == ["Meeting soon, 5А | 21 November, 12:00, каб. 12. Итоги"] * 2
    assert (len(colleague.texts()), len(neighbour.texts())) == (3, 1)
    assert (student.received, caller.received) == ([], [])


async def test_a_meeting_called_late_has_only_the_reminder_that_is_to_come(world: World) -> None:
    await call(world, 23)
    assert (await wait(world, hours=20, minutes=59), await wait(world, minutes=1)) == (0, 1)
    await call(world, 1.9)
    assert await wait(world, hours=1.9) == 0


async def test_after_an_outage_one_reminder_at_most_and_none_of_what_has_begun(world: World) -> None:
    await call(world, title="Первое")
    await call(world, 96, title="Второе")
    assert await wait(world, hours=71) == 2
    assert await kinds(world) == ["meeting-soon", "meeting-called", "meeting-called"]
    assert await wait(world, hours=25.5) == 2
    assert await wait(world, hours=25) == 0
    assert (await kinds(world)).count("meeting-soon") == 1


async def test_a_late_reminder_gives_way_to_the_one_that_follows_at_once(world: World) -> None:
    await call(world)
    assert await wait(world, hours=69, minutes=30) == 1
    assert "meeting-soon" not in await kinds(world)
    assert await wait(world, minutes=30) == 1
    assert "meeting-soon" in await kinds(world)


async def test_a_move_plans_anew_and_a_cancellation_plans_nothing(world: World) -> None:
    meeting = await call(world)
    assert await wait(world, hours=48) == 1
    starts = world.clock.now + timedelta(hours=72)
    moment = {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=1)).isoformat()}
    meeting = made(await world.class_teacher.patch(f"/v1/meetings/{meeting['id']}", {"version": 1} | moment))
    assert await wait(world, hours=47) == 0
    assert await wait(world, hours=1) == 1
    body = {"version": meeting["version"], "reason": "Карантин"}
    await world.class_teacher.put(f"/v1/meetings/{meeting['id']}/cancellation", body)
    assert await wait(world, hours=23) == 0
    assert (await kinds(world))[0] == "meeting-cancelled"


async def test_a_reminder_that_waits_is_not_sent_when_the_meeting_has_begun(
    world: World, standin: Standin, worker: Worker
) -> None:
    mother = await give_handset(world, standin, world.mother)
    await call(world, 25)
    await deliver(worker)
    await wait(world, hours=23)
    world.clock.move(hours=2, minutes=1)
    await deliver(worker)
    assert len(mother.texts()) == 1


async def test_two_schedulers_remind_once(world: World) -> None:
    await call(world)
    world.clock.move(hours=48)

    async def look() -> int:
        async with world.database.transaction() as session:
            return await remind_of_meetings(session, world.clock.now)

    assert sorted(await asyncio.gather(look(), look(), look())) == [0, 0, 1]
    assert await run_as_owner(world, "SELECT count(*) FROM alert WHERE kind = 'meeting-soon'") == 3


async def test_the_scheduler_reminds(world: World) -> None:
    from backend.scheduler import Scheduler

    await call(world)
    scheduler = Scheduler("test", world.database, world.clock)
    world.clock.move(hours=48)
    await scheduler.tick()
    await world.reissue()
    assert (await kinds(world))[0] == "meeting-soon"


@given(st.integers(-200, 3000), st.integers(0, 3000))
def test_reminders_lie_ahead_and_in_time(lead: int, late: int) -> None:
    """Whenever a meeting is called and whenever somebody looks: no reminder before its time, none of what has begun,
    and of those that are due at once only the last."""
    from datetime import UTC, datetime

    now = datetime(2026, 11, 18, 9, tzinfo=UTC)
    starts = now + timedelta(minutes=lead)
    due = rules.reminders(starts, now)
    assert all(now < moment < starts for moment in due.values())
    look = now + timedelta(minutes=late)
    worth = [hours for hours, moment in due.items() if moment <= look and rules.still_reminds(hours, starts, look)]
    assert len(worth) <= 1 if look >= starts - timedelta(hours=3) else worth in ([], [24])
    assert not (worth and look >= starts)
