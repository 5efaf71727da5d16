"""Office hours: set by oneself, checked, and the next opening right in every zone at every moment."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.messages.rules import hours_problems, next_opening
from schemas.messages import OfficeHour
from tests.world import World, errors

MOSCOW = ZoneInfo("Europe/Moscow")
ZONES = [ZoneInfo(name) for name in (
    "Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka", "Europe/Berlin", "America/New_York",
    "Asia/Kathmandu", "UTC",
)]  # fmt: skip

moments = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
minutes = st.integers(0, 24 * 60 - 1).map(lambda of_day: time(of_day // 60, of_day % 60))
hour = st.builds(OfficeHour, weekday=st.integers(1, 7), opens=minutes, closes=minutes).filter(
    lambda one: one.opens < one.closes
)
weeks = st.lists(hour, max_size=8).filter(lambda hours: not hours_problems(hours))


def is_open(hours: list[OfficeHour], zone: ZoneInfo, moment: datetime) -> bool:
    local = moment.astimezone(zone)
    return any(one.weekday == local.isoweekday() and one.opens <= local.time() < one.closes for one in hours)


@given(hours=weeks, zone=st.sampled_from(ZONES), now=moments)
def test_the_next_opening_is_the_first_moment_at_which_it_is_open(
    hours: list[OfficeHour], zone: ZoneInfo, now: datetime
) -> None:
    opening = next_opening(hours, zone, now)
    if not hours or is_open(hours, zone, now):
        assert opening is None
        return
    assert opening is not None
    # Longer than a week only where the clocks went back meanwhile.
    assert timedelta() < opening - now <= timedelta(days=7, hours=1)
    local = opening.astimezone(zone)
    left_out = local.replace(tzinfo=None) != opening.replace(tzinfo=None)
    assert left_out or is_open(hours, zone, opening)
    for part in range(1, 200):
        between = now + (opening.astimezone(UTC) - now) * part / 200
        # An hour that comes twice, in the night in which clocks go back, may be open before its second coming.
        assert not is_open(hours, zone, between) or between.astimezone(zone).fold == 1


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-18T13:59:59", "2026-11-18T14:00:00"),  # Wednesday
        ("2026-11-18T14:00:00", None),
        ("2026-11-18T15:59:59", None),
        ("2026-11-18T16:00:00", "2026-11-20T08:00:00"),
        ("2026-11-20T09:00:00", "2026-11-25T14:00:00"),
        ("2026-12-30T16:00:00", "2027-01-01T08:00:00"),
    ],
)
def test_edges(now: str, opening: str | None) -> None:
    hours = [
        OfficeHour(weekday=3, opens=time(14), closes=time(16)),
        OfficeHour(weekday=5, opens=time(8), closes=time(9)),
    ]
    found = next_opening(hours, MOSCOW, datetime.fromisoformat(now).replace(tzinfo=MOSCOW))
    assert found == (datetime.fromisoformat(opening).replace(tzinfo=MOSCOW) if opening else None)


def test_where_clocks_change_the_hour_is_the_schools() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = [OfficeHour(weekday=1, opens=time(8), closes=time(9))]
    before = datetime(2027, 3, 26, 12, tzinfo=berlin)  # Friday; clocks change on Sunday
    assert next_opening(hours, berlin, before) == datetime(2027, 3, 29, 6, tzinfo=UTC)


async def test_office_hours_are_ones_own(world: World) -> None:
    path = f"/v1/schools/{world.school.id}/office-hours"
    hours = [
        {"weekday": 5, "opens": "08:00:00", "closes": "09:00:00"},
        {"weekday": 3, "opens": "14:00:00", "closes": "16:00:00"},
    ]
    assert (await world.teacher.get(path)).json() == {"hours": []}
    assert (await world.teacher.put(path, {"hours": hours})).json() == {"hours": hours[::-1]}
    assert (await world.teacher.get(path)).json() == {"hours": hours[::-1]}
    assert (await world.other_teacher.get(path)).json() == {"hours": []}
    assert (await world.mother.put(path, {"hours": []})).status_code == 404
    assert (await world.teacher.put(path, {"hours": []})).json() == {"hours": []}


async def test_office_hours_that_cannot_be_are_refused(world: World) -> None:
    path = f"/v1/schools/{world.school.id}/office-hours"
    hours = [
        {"weekday": 3, "opens": "14:00:00", "closes": "16:00:00"},
        {"weekday": 3, "opens": "15:00:00", "closes": "17:00:00"},
        {"weekday": 3, "opens": "16:00:00", "closes": "16:00:00"},
        {"weekday": 4, "opens": "15:00:00", "closes": "17:00:00"},
    ]
    answer = await world.teacher.put(path, {"hours": hours})
    assert errors(answer) == {"/hours/1": "overlaps", "/hours/2/closes": "ends-before-it-begins"}
    wrong = {"hours": [{"weekday": 8, "opens": "25:00:00", "closes": "08:00:00"}]}
    assert errors(await world.teacher.put(path, wrong)) == {
        "/hours/0/weekday": "out-of-range", "/hours/0/opens": "bad-date",
    }  # fmt: skip
