"""The edges of what a diary shows: transfers and subgroups day by day, the first and last day of a period, and the
school's own midnight in every zone of the country."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import SQLModel

from backend.core.ids import new_id
from backend.school.models import Enrolment, GroupMember, Period, SchoolClass, StudyGroup, TeachingLoad
from backend.timetable.models import Lesson
from tests.push.fixtures import run_as_owner
from tests.world import STARTS, World

ZONES = {
    "Europe/Kaliningrad": 2, "Europe/Moscow": 3, "Europe/Samara": 4, "Asia/Yekaterinburg": 5, "Asia/Omsk": 6,
    "Asia/Krasnoyarsk": 7, "Asia/Irkutsk": 8, "Asia/Yakutsk": 9, "Asia/Vladivostok": 10, "Asia/Magadan": 11,
    "Asia/Kamchatka": 12,
}  # fmt: skip
DAYS = [date(2026, 11, 2) + timedelta(days=offset) for offset in range(28)]


@dataclass
class Groups:
    """Two classes, each with two subgroups, with a lesson each on every day."""

    whole: list[UUID] = field(default_factory=list)
    parts: list[list[UUID]] = field(default_factory=list)
    classes: list[UUID] = field(default_factory=list)
    lessons: dict[tuple[UUID, date], UUID] = field(default_factory=dict)


async def make_groups(world: World) -> Groups:
    made, here = Groups(), world.school
    other = SchoolClass(id=new_id(), school_id=here.id, year_id=here.year_id, grade=5, letter="Б")
    await world.add(other)
    for number, class_id in enumerate((here.class_id, other.id)):
        made.classes.append(class_id)
        whole = here.group_id if number == 0 else new_id()
        made.whole.append(whole)
        made.parts.append([new_id(), new_id()])
        place = {"school_id": here.id, "year_id": here.year_id, "class_id": class_id}
        rows: list[SQLModel] = [
            StudyGroup(id=part, whole_class=False, name=f"{number}.{place_}", **place)
            for place_, part in enumerate(made.parts[-1])
        ]
        if number:
            rows.append(StudyGroup(id=whole, whole_class=True, name="5Б", **place))
        await world.add(*rows)
    groups = [*made.whole, *(part for parts in made.parts for part in parts)]
    lessons, loads = [], []
    for number, group in enumerate(groups, 1):
        if group != here.group_id:
            loads.append(
                TeachingLoad(
                    id=new_id(), school_id=here.id, teacher_id=world.teacher.id, subject_id=here.mathematics,
                    group_id=group, starts=STARTS,
                )
            )  # fmt: skip
        for day in DAYS:
            starts = datetime.combine(day, time(5 + number), UTC)
            made.lessons[group, day] = new_id()
            lessons.append(
                Lesson(
                    id=made.lessons[group, day], school_id=here.id, group_id=group, subject_id=here.mathematics,
                    teacher_id=world.teacher.id, day=day, number=10 + number, starts_at=starts,
                    ends_at=starts + timedelta(minutes=45),
                )
            )  # fmt: skip
    await run_as_owner(world, "DELETE FROM lesson")
    await world.add(*loads, *lessons)
    return made


def some_life(chance: random.Random, groups: Groups) -> list[tuple[date, date | None, int, int | None]]:
    """(from, to, class, subgroup) spans that follow each other; a child may be in no subgroup, or in no class."""
    cuts = sorted(chance.sample(DAYS[1:], 4))
    bounds = [STARTS, *cuts]
    spans: list[tuple[date, date | None, int, int | None]] = []
    for number, starts in enumerate(bounds):
        last = bounds[number + 1] - timedelta(days=1) if number + 1 < len(bounds) else None
        if chance.random() < 0.85 or number == len(bounds) - 1:
            spans.append((starts, last, chance.randrange(2), chance.choice([0, 1, None])))
    return spans


async def live(world: World, groups: Groups, spans: list[tuple[date, date | None, int, int | None]]) -> None:
    await run_as_owner(world, f"DELETE FROM enrolment WHERE student_id = '{world.ivan}'")
    rows: list[SQLModel] = []
    for starts, ends, number, part in spans:
        link: dict[str, Any] = {
            "school_id": world.school.id, "student_id": world.ivan, "starts": starts, "ends": ends
        }  # fmt: skip
        rows.append(Enrolment(id=new_id(), class_id=groups.classes[number], **link))
        if part is not None:
            rows.append(GroupMember(id=new_id(), group_id=groups.parts[number][part], **link))
    await world.add(*rows)


@pytest.mark.parametrize("seed", range(5))
async def test_each_day_shows_the_lessons_of_the_groups_of_that_day(world: World, seed: int) -> None:
    """Whatever a child's year was like: old lessons and marks follow it, no other group's lesson is ever shown."""
    chance = random.Random(seed)
    groups = await make_groups(world)
    marked = {}
    spans = some_life(chance, groups)
    await live(world, groups, spans)
    expected: dict[date, set[UUID]] = {day: set() for day in DAYS}
    for starts, ends, number, part in spans:
        for day in DAYS:
            if starts <= day and (ends is None or day <= ends):
                expected[day].add(groups.lessons[groups.whole[number], day])
                if part is not None:
                    expected[day].add(groups.lessons[groups.parts[number][part], day])
    for day in chance.sample([day for day in DAYS if expected[day] and day <= world.today], 4):
        lesson = chance.choice(sorted(expected[day]))
        marked[lesson] = await world.give_work(lesson)
        assert (await world.set_mark("5", marked[lesson])).status_code == 200
    for monday in DAYS[::7]:
        week = (await world.mother.get(f"/v1/children/{world.ivan}/week?day={monday}")).json()
        for day in week["days"]:
            shown = {UUID(lesson["id"]) for lesson in day["lessons"]}
            assert shown == expected[date.fromisoformat(day["day"])], day["day"]
            assert {UUID(item["id"]) for item in day["lessons"] if item["marks"]} == shown & marked.keys()


async def test_a_mark_for_who_was_not_in_the_group_that_day_is_refused(world: World) -> None:
    groups = await make_groups(world)
    half = world.today
    await live(world, groups, [(STARTS, half - timedelta(days=1), 0, 0), (half, None, 1, 1)])
    for group, day, status in (
        (groups.parts[0][0], half - timedelta(days=1), 200),
        (groups.parts[0][0], half, 422),
        (groups.parts[0][1], half - timedelta(days=1), 422),
        (groups.parts[1][1], half, 200),
        (groups.whole[0], half, 422),
    ):
        work = await world.give_work(groups.lessons[group, day])
        assert (await world.set_mark("4", work)).status_code == status, (group, day)


@pytest.mark.parametrize(("offset", "average"), [(-1, "2.00"), (0, "4.00"), (1, "4.00")])
async def test_a_mark_belongs_to_the_period_of_its_lesson(world: World, offset: int, average: str) -> None:
    """The second quarter begins on 1 November; the first ended the day before."""
    first = Period(
        id=new_id(), school_id=world.school.id, year_id=world.school.year_id, name="1 четверть", starts=STARTS,
        ends=date(2026, 10, 31),
    )  # fmt: skip
    await world.add(first)
    edge = date(2026, 11, 1)
    for day, value in (
        (edge - timedelta(days=1), "2"),
        (edge, "4"),
        (date(2026, 12, 31), "4"),
        (date(2027, 1, 1), "5"),
    ):
        work = await world.give_work(await world.lesson_on(day, 1))
        assert (await world.set_mark(value, work)).status_code == 200
    day = edge + timedelta(days=offset)
    week = (await world.mother.get(f"/v1/children/{world.ivan}/week?day={day}")).json()
    assert [item["average"] for item in week["averages"]] == [average]
    tables = [
        (await world.mother.get(f"/v1/children/{world.ivan}/progress?period={period}")).json()["average"]
        for period in (first.id, world.school.period_id)
    ]
    assert tables == ["2.00", "4.00"]


@pytest.mark.parametrize("zone", ZONES)
async def test_a_day_ends_at_the_schools_own_midnight(world: World, zone: str) -> None:
    """What is today, how long a mark may be put right, and to which day a lesson belongs."""
    await run_as_owner(world, f"UPDATE school SET timezone = '{zone}' WHERE id = '{world.school.id}'")
    midnight = datetime.combine(date(2026, 11, 20), time(), ZoneInfo(zone))
    assert midnight.astimezone(UTC).hour == (24 - ZONES[zone]) % 24
    lesson = await world.lesson_on(date(2026, 11, 19), 6)
    world.clock.now = (midnight - timedelta(minutes=1)).astimezone(UTC)
    await world.reissue()
    work = await world.give_work(lesson)
    assert (await world.set_mark("2", work)).json()["changed"] == 1
    assert (await world.set_mark("4", work)).json()["changed"] == 1
    week = (await world.mother.get(f"/v1/children/{world.ivan}/week")).json()
    assert week["today"] == "2026-11-19"
    world.clock.now = midnight.astimezone(UTC)
    assert (await world.mother.get(f"/v1/children/{world.ivan}/week")).json()["today"] == "2026-11-20"
    late = await world.set_mark("5", work)
    assert late.json()["errors"][0]["code"] == "reason-required"
