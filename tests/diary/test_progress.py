"""The table of a period, statistics, dynamics, the way to a goal, the place in the class."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.diary.progress_rules import marks_needed, steps
from backend.journal.averages import Sums
from tests.world import World


async def mark(world: World, value: str, kind: str = "test", student: Any = None, **more: Any) -> None:
    work = await world.give_work(kind=kind)
    marks = [{"studentId": str(student or world.ivan), "value": value} | more]
    assert (await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})).status_code == 200


async def read(world: World, what: str) -> Any:
    answer = await world.mother.get(f"/v1/children/{world.ivan}/{what}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_table_holds_marks_absences_averages_and_finals(world: World) -> None:
    await mark(world, "4", "test")
    await mark(world, "5", "homework")
    await mark(world, "pass", "practice")
    entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    await world.other_teacher.put(f"/v1/lessons/{world.russian_lesson}/attendance", entries)
    path = f"/v1/groups/{world.school.group_id}/subjects/{world.school.mathematics}/periods/{world.school.period_id}"
    await world.teacher.put(f"{path}/finals", {"finals": [{"studentId": str(world.ivan), "value": "4"}]})
    before = await read(world, "progress")
    assert [subject["finals"] for subject in before["subjects"]] == [[], []]
    closing = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    await world.deputy.put(closing, {"closed": True})
    table = await read(world, "progress")
    assert [(period["name"], period["closed"]) for period in table["periods"]] == [("2 четверть", True)]
    mathematics, russian = table["subjects"]
    assert [(item["value"], item["counted"]) for item in mathematics["marks"]] == [
        ("4", True), ("5", True), ("pass", False),
    ]  # fmt: skip
    # (4 x 4 + 5 x 1) / 5
    assert (mathematics["average"], mathematics["finals"][0]["value"]) == ("4.20", "4")
    assert ([item["code"] for item in russian["absences"]], russian["average"]) == (["absent"], None)
    assert table["average"] == "4.20"


async def test_statistics_of_a_choice(world: World) -> None:
    for value, kind in (("5", "test"), ("3", "homework"), ("4", "homework"), ("dot", "homework")):
        due = {"dueOn": str(world.today + timedelta(days=3))} if value == "dot" else {}
        await mark(world, value, kind, **due)
    whole = await read(world, "statistics")
    assert whole["counts"] == {"3": 1, "4": 1, "5": 1, "dot": 1}
    assert [(item["kind"], item["average"], item["marks"]) for item in whole["kinds"]] == [
        ("homework", "3.50", 3),
        ("test", "5.00", 1),
    ]
    chosen = await read(world, "statistics?kind=homework")
    assert (chosen["marks"], chosen["subjects"][0]["average"]) == (3, "3.50")
    other = await read(world, f"statistics?subject={world.school.russian}")
    assert (other["marks"], other["average"]) == (0, None)


async def test_dynamics_are_points_for_a_chart(world: World) -> None:
    lesson = await world.lesson_on(world.today - timedelta(days=7), 2)
    early = await world.give_work(lesson)
    await world.teacher.put(f"/v1/works/{early}/marks", {"marks": [{"studentId": str(world.ivan), "value": "2"}]})
    await mark(world, "4")
    line = (await read(world, "dynamics?first=2026-11-04&last=2026-11-20"))["lines"][0]
    assert [(point["starts"], point["average"], point["running"]) for point in line["points"]] == [
        ("2026-11-04", None, None),
        ("2026-11-09", "2.00", "2.00"),
        ("2026-11-16", "4.00", "3.00"),
    ]


async def test_how_many_fives_reach_the_goal(world: World) -> None:
    await mark(world, "3", "test")
    plan = await read(world, f"subjects/{world.school.mathematics}/goal?goal=4.5")
    ways = {(way["value"], way["kind"]): way["count"] for way in plan["ways"]}
    # (12 + 20 n) / (4 + 4 n) >= 4.5 from 3 on; with homework (12 + 5 n) / (4 + n) from 12 on.
    assert (plan["average"], plan["reached"]) == ("3.00", False)
    assert (ways[5, "test"], ways[5, "homework"], ways[4, "test"]) == (3, 12, None)


@pytest.mark.parametrize("goal", ["1.9", "5.1", "NaN"])
async def test_a_goal_that_is_no_average(world: World, goal: str) -> None:
    answer = await world.mother.get(f"/v1/children/{world.ivan}/subjects/{world.school.mathematics}/goal?goal={goal}")
    assert answer.status_code == 422


MARKS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 10)), max_size=12)


@given(marks=MARKS, goal=st.integers(20, 50), value=st.integers(4, 5), weight=st.integers(1, 10))
def test_the_way_to_a_goal_is_the_shortest(marks: list[tuple[int, int]], goal: int, value: int, weight: int) -> None:
    standing = Sums(Decimal(sum(v * w for v, w in marks)), Decimal(sum(w for _, w in marks)))
    wanted = Decimal(goal) / 10

    def reaches(more: int) -> bool:
        total, weights = standing.total + value * weight * more, standing.weight + weight * more
        return bool(weights) and total / weights >= wanted

    count = marks_needed(standing, wanted, value, Decimal(weight))
    if count is None:
        assert not reaches(100_000)
    else:
        assert reaches(count)
        assert count == 0 or not reaches(count - 1)


@given(
    first=st.dates(date(2026, 8, 1), date(2027, 6, 30)),
    days=st.integers(0, 300),
    step=st.sampled_from(["week", "month"]),
)
def test_steps_cover_every_day_once(first: date, days: int, step: Any) -> None:
    last = first + timedelta(days=days)
    spans = steps(first, last, step)
    covered = [starts + timedelta(days=n) for starts, ends in spans for n in range((ends - starts).days + 1)]
    assert covered == [first + timedelta(days=n) for n in range(days + 1)]


async def test_the_place_in_the_class_names_nobody(world: World) -> None:
    others = await world.classmates(4)
    for student, value in zip(others, ("5", "5", "4", "2"), strict=True):
        await mark(world, value, student=student)
    assert (await read(world, "rating"))["shown"] is False
    await mark(world, "4")
    rating = await read(world, "rating")
    assert (rating["place"], rating["students"], rating["average"], rating["classAverage"]) == (3, 5, "4.00", "4.00")
    assert [(bucket["upTo"], bucket["students"]) for bucket in rating["spread"]] == [
        ("2.5", 1), ("3", 0), ("3.5", 0), ("4", 2), ("4.5", 0), ("5", 2),
    ]  # fmt: skip
    settings = f"/v1/schools/{world.school.id}/journal-settings"
    await world.deputy.patch(settings, {"ratingShown": False})
    assert (await read(world, "rating"))["shown"] is False


async def test_the_day_of_all_children_in_one_request(world: World) -> None:
    await mark(world, "5")
    items = (await world.mother.get("/v1/me/children/day")).json()["items"]
    assert [(item["givenName"], len(item["day"]["lessons"])) for item in items] == [("Иван", 2), ("Софья", 1)]
    assert [item["value"] for item in items[0]["day"]["lessons"][0]["marks"]] == ["5"]
    assert (await world.former.get("/v1/me/children/day")).json()["items"] == []


async def test_another_schools_period_is_not_there(world: World) -> None:
    path = f"/v1/children/{world.ivan}/progress?period={world.elsewhere.period_id}"
    assert (await world.mother.get(path)).status_code == 404
