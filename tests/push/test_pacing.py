"""How fast a worker may send: never faster than its share, from nothing to full in no less than a minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from backend.core.db import Database
from push.pacing import (
    BREAK_AFTER,
    SHORT_LIMIT,
    SHORT_WINDOW,
    Breaker,
    Bucket,
    Pacer,
    allowance,
    bulk_opens,
    fresh,
    heartbeat,
    leave,
    refill,
    share,
    take_out,
)
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import MakeWorker, deliver, give_handset, run_as_owner
from tests.world import World

NOW = datetime(2026, 11, 18, 9, 5, tzinfo=UTC)
QUOTA = 600_000
demands = st.lists(
    st.tuples(st.floats(0.001, 3), st.integers(0, 20_000)), min_size=1, max_size=300
)  # (seconds since the last turn, messages wanted)


def greedy(bucket: Bucket, rate: float, turns: list[tuple[float, int]]) -> list[tuple[datetime, int]]:
    """When how many messages go, for somebody who always takes all that is allowed of what they want."""
    sent, now = [], NOW
    for pause, wanted in turns:
        now += timedelta(seconds=pause)
        bucket = refill(bucket, rate, now)
        taken = min(wanted, allowance(bucket, "urgent", rate))
        bucket = take_out(bucket, taken, hungry=taken < wanted)
        sent.append((now, taken))
    return sent


@given(turns=demands, workers=st.integers(1, 50))
def test_no_minute_exceeds_the_share(turns: list[tuple[float, int]], workers: int) -> None:
    rate = share(QUOTA, workers)
    sent = greedy(fresh(QUOTA, NOW), rate, turns)
    for start, _ in sent:
        minute = sum(number for at, number in sent if start <= at < start + timedelta(seconds=60))
        assert minute <= QUOTA / workers


@given(turns=demands)
def test_the_ramp_takes_a_minute(turns: list[tuple[float, int]]) -> None:
    rate = share(QUOTA, 1)
    for at, _ in (sent := greedy(fresh(QUOTA, NOW), rate, turns)):
        seconds = (at - NOW).total_seconds()
        so_far = sum(number for moment, number in sent if moment <= at)
        climbed = min(1 / 60 + seconds / 60, 1.0)
        assert so_far <= rate * climbed * (seconds + 2)


def test_a_steady_stream_never_waits_once_the_ramp_is_climbed() -> None:
    rate, bucket, now, waits = share(QUOTA, 1), fresh(QUOTA, NOW), NOW, []
    for turn in range(6_000):  # two minutes at 300 a second
        now += timedelta(milliseconds=20)
        bucket = refill(bucket, rate, now)
        enough = allowance(bucket, "normal", rate) >= 6
        bucket = take_out(bucket, 6 if enough else 0, hungry=not enough)
        if not enough and turn > 500:
            waits.append(turn)
    assert waits == []


def test_the_urgent_lane_finds_something_left() -> None:
    rate = share(QUOTA, 1)
    bucket = fresh(QUOTA, NOW)
    bucket = take_out(bucket, allowance(bucket, "normal", rate), hungry=True)
    assert allowance(bucket, "normal", rate) == 0
    assert allowance(bucket, "urgent", rate) > 0


def test_patience_begins_the_ramp_again() -> None:
    pacer, now = Pacer(QUOTA, NOW), NOW
    for _ in range(700):
        now += timedelta(seconds=0.1)
        pacer.spent(pacer.allowed("normal", 10_000, now), hungry=True)
    assert pacer.used == 1
    pacer.slow_down()
    assert pacer.allowed("urgent", 10_000, now) == 0
    assert pacer.allowed("urgent", 10_000, now + timedelta(seconds=1)) <= QUOTA / 60 / 60 * 2 + 1


@given(st.timedeltas(timedelta(), timedelta(days=2)))
def test_bulk_keeps_off_the_quarter_hours(since: timedelta) -> None:
    now = NOW + since
    opens = bulk_opens(now)
    assert now <= opens <= now + timedelta(minutes=4)
    seconds = opens.timestamp() % 900
    assert 120 <= seconds < 780 or (opens == now and 120 <= seconds < 780)


@pytest.mark.parametrize(("minute", "opens"), [(57, 57), (58, 62), (0, 2), (2, 2), (13, 17), (44, 47), (47, 47)])
def test_bulk_by_the_clock(minute: int, opens: int) -> None:
    hour = NOW.replace(minute=0)
    assert bulk_opens(hour + timedelta(minutes=minute)) == hour + timedelta(minutes=opens)


def test_the_breaker_asks_for_longer_pauses_until_something_works() -> None:
    breaker = Breaker()
    assert breaker.note([False] * (BREAK_AFTER - 1)) is None
    pauses = [breaker.note([False] * BREAK_AFTER) for _ in range(5)]
    assert [pause.total_seconds() for pause in pauses if pause] == [10, 20, 40, 60, 60]
    assert breaker.note([True]) is None
    assert breaker.note([False] * BREAK_AFTER) == timedelta(seconds=10)


async def test_workers_that_live_share_the_quota(world: World) -> None:
    database = Database(world.settings.push_database_url, pool=1)
    async with database.transaction() as session:
        assert await heartbeat(session, "one") == 1
        assert await heartbeat(session, "two") == 2
        assert await heartbeat(session, "one") == 2
    async with database.transaction() as session:
        statement = text("UPDATE push_worker SET seen_at = now() - interval '16 seconds' WHERE name = 'two'")
        await session.execute(statement)
        assert await heartbeat(session, "one") == 1, "a dead one has no share"
        await leave(session, "one")
    await database.close()
    assert await run_as_owner(world, "SELECT count(*) FROM push_worker") == 1


async def test_a_worker_sends_no_more_than_it_may(world: World, standin: Standin, make_worker: MakeWorker) -> None:
    """At 60 messages a minute one may go at once, and one each second once the ramp is climbed."""
    worker: Worker = make_worker("slow", quota=60)
    for _ in range(10):
        await give_handset(world, standin, world.mother)
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    for _ in range(3):
        await deliver(worker)
    assert standin.endpoints.sent <= 1
    for _ in range(60):
        world.clock.move(seconds=1)
        await deliver(worker)
    assert 10 >= standin.endpoints.sent >= 5


async def test_an_android_device_gets_its_share_and_the_rest_later(
    world: World, standin: Standin, worker: Worker
) -> None:
    """240 messages a minute is what FCM gives a device: 80 in half a minute keep below it."""
    handset = await give_handset(world, standin, world.mother)
    await run_as_owner(world, f"""
        INSERT INTO tray (installation_id, account_id, thread, lane, wanted, pending, due_at, waiting_since, sent,
                          digest)
        SELECT '{handset.installation_id}', '{world.mother.id}', 'filler-' || n, 'normal', 2, '{{}}',
               '{world.clock.now}', '{world.clock.now}', 1, 'x' FROM generate_series(1, {SHORT_LIMIT + 40}) AS n
    """)  # fmt: skip
    await deliver(worker)
    waiting = "SELECT count(*) FROM tray WHERE due_at IS NOT NULL AND thread LIKE 'filler%'"
    assert await run_as_owner(world, waiting) == 40
    world.clock.move(seconds=SHORT_WINDOW.total_seconds() - 1)
    await deliver(worker)
    assert await run_as_owner(world, waiting) == 40
    world.clock.move(seconds=1)
    await deliver(worker)
    assert await run_as_owner(world, waiting) == 0
