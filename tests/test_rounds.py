"""When jobs are due, by the clocks of eleven time zones; what `diary jobs` shows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from backend.jobs_report import look
from backend.rounds import QUEUES, ROUNDS, Round, due_rounds, next_time
from backend.scheduler import Scheduler
from tests.world import World

ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
    "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
)  # fmt: skip
AUTUMN = datetime(2026, 9, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 270 * 24 * 60).map(lambda minutes: AUTUMN + timedelta(minutes=minutes))


async def _nothing(*_: object) -> None: ...


def a_round(at: time, hours: int, *weekdays: int) -> Round:
    return Round("one", at, timedelta(hours=hours), _nothing, weekdays)


@given(
    moment=MOMENTS,
    zone=st.sampled_from(ZONES),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    hours=st.integers(1, 200),
)
def test_a_round_is_due_from_its_time_on_until_it_makes_no_sense(
    moment: datetime, zone: str, at: time, hours: int
) -> None:
    round_ = a_round(at, hours)
    found = [scheduled for _, _, scheduled in due_rounds([round_], zone, moment)]
    assert found == sorted(found)
    for _, day, scheduled in due_rounds([round_], zone, moment):
        assert scheduled.astimezone(ZoneInfo(zone)) == datetime.combine(day, at, ZoneInfo(zone))
        assert scheduled <= moment < scheduled + timedelta(hours=hours)
    # Nothing that is due is missed: each of the last days either is in it or is too long ago.
    local = moment.astimezone(ZoneInfo(zone)).date()
    expected = [
        datetime.combine(local - timedelta(days=back), at, ZoneInfo(zone)).astimezone(UTC) for back in range(12)
    ]
    assert set(found) == {one for one in expected if one <= moment < one + timedelta(hours=hours)}


@given(moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_the_next_time_is_the_first_to_come(moment: datetime, zone: str) -> None:
    friday = a_round(time(16, 40), 60, 5)
    coming = next_time(friday, zone, moment)
    assert moment < coming <= moment + timedelta(days=8)
    assert coming.astimezone(ZoneInfo(zone)).isoweekday() == 5
    assert [scheduled for _, _, scheduled in due_rounds([friday], zone, coming)] == [coming]


def test_a_day_of_the_week_is_kept() -> None:
    friday = a_round(time(16, 40), 60, 5)
    wednesday = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)
    assert list(due_rounds([friday], "Europe/Moscow", wednesday)) == []
    saturday = wednesday + timedelta(days=3)
    assert [day for _, day, _ in due_rounds([friday], "Europe/Moscow", saturday)] == [date(2026, 11, 20)]


async def test_diary_jobs_shows_what_ran_and_what_is_due(world: World) -> None:
    world.clock.move(hours=6)
    before = {job.name: job for job in (await look(world.database, world.clock.now)).jobs}
    assert (before["remind-of-unfilled"].due, before["remind-of-unfilled"].last) == (2, None)
    await Scheduler("one", world.database, world.clock).tick()
    found = await look(world.database, world.clock.now)
    after = {job.name: job for job in found.jobs}
    assert found.leader == "one"
    assert (after["remind-of-unfilled"].due, after["remind-of-unfilled"].ran) == (0, 2)
    assert sum(job.due for job in found.jobs) == 0
    late = {queue.name: queue.late for queue in found.queues}
    assert late == dict.fromkeys([*(queue.name for queue in QUEUES), "remove-files", "send-mail"], 0)
    assert any("remind-of-unfilled" in line and "2026-11-18 14:00" in line for line in found.lines())


async def test_a_scheduler_that_starts_anew_repeats_nothing(world: World) -> None:
    assert await Scheduler("one", world.database, world.clock).make_rounds() > len(ROUNDS)
    assert await Scheduler("one", world.database, world.clock).make_rounds() == 0
