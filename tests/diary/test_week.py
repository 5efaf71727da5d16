"""One child's week in one request."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.journal.rules import average
from schemas.diary import DiaryDay, DiaryWeek
from tests.world import World


async def test_the_week_holds_marks_absences_averages_and_homework(world: World) -> None:
    for kind, value in (("test", "4"), ("homework", "5"), ("answer", "pass"), ("classwork", "3")):
        await world.set_mark(value, await world.give_work(kind=kind))
    entries = {"entries": [{"studentId": str(world.ivan), "code": "late", "minutes": 7}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    due = str(world.today + timedelta(days=1))
    await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", {"dueOn": due, "text": "§ 5", "minutes": 20})

    week = (await world.mother.get(f"/v1/children/{world.ivan}/week")).json()
    assert (week["firstDay"], week["lastDay"], week["today"]) == ("2026-11-16", "2026-11-22", "2026-11-18")
    assert [len(day["lessons"]) for day in week["days"]] == [0, 0, 2, 1, 0, 0, 0]
    wednesday, thursday = week["days"][2], week["days"][3]
    lesson = wednesday["lessons"][0]
    assert (lesson["subject"], lesson["absence"]) == ("Математика", {"code": "late", "symbol": "ОП", "minutes": 7})
    assert [mark["value"] for mark in lesson["marks"]] == ["4", "5", "pass", "3"]
    assert [(item["subject"], item["text"]) for item in thursday["homework"]] == [("Математика", "§ 5")]
    # (4 x 4 + 5 x 1 + 3 x 2) / 7 = 3.857...; "pass" stays out
    assert [(item["subject"], item["average"]) for item in week["averages"]] == [("Математика", "3.86")]


async def test_the_page_is_what_its_schema_says(world: World) -> None:
    """The statement writes the JSON: each field must be there, of its type, and none beside them."""
    work = await world.give_work()
    await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=1)), comment="долг")
    due = str(world.today + timedelta(days=1))
    await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", {"dueOn": due, "text": "§ 5 «Дроби»\n№ 7"})
    entries = {"entries": [{"studentId": str(world.ivan), "code": "late", "minutes": 7}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    week = await world.mother.get(f"/v1/children/{world.ivan}/week")
    of_week = msgspec.json.decode(week.content, type=DiaryWeek)
    day = await world.mother.get(f"/v1/children/{world.ivan}/day")
    of_day = msgspec.json.decode(day.content, type=DiaryDay)
    assert of_week.days[2] == of_day
    assert same_fields(msgspec.to_builtins(of_week), week.json())
    assert same_fields(msgspec.to_builtins(of_day), day.json())
    lesson = of_day.lessons[0]
    assert (lesson.marks[0].value, lesson.marks[0].comment) == ("dot", "долг")
    assert lesson.starts_at.utcoffset() == timedelta()


def same_fields(ours: Any, theirs: Any) -> bool:
    """Whether two JSON values have the same fields, all the way down."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same_fields(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same_fields, ours, theirs))
    return True


async def test_a_removed_mark_is_gone_from_the_diary(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("2", work)
    await world.set_mark(None, work)
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    assert [lesson["marks"] for lesson in day["lessons"]] == [[], []]
    assert (await world.mother.get(f"/v1/children/{world.ivan}/week")).json()["averages"] == []


async def test_a_classmates_marks_stay_with_the_classmate(world: World) -> None:
    await world.set_mark("5")
    day = (await world.neighbour.get(f"/v1/children/{world.pyotr}/day")).json()
    assert all(lesson["marks"] == [] for lesson in day["lessons"])


async def test_a_parent_sees_children_of_two_schools(world: World) -> None:
    me = (await world.mother.get("/v1/me")).json()
    assert [(child["givenName"], child["className"], child["school"]["name"]) for child in me["children"]] == [
        ("Иван", "5А", "Школа № 5"),
        ("Софья", "5А", "Школа № 6"),
    ]
    for child in me["children"]:
        assert (await world.mother.get(f"/v1/children/{child['id']}/week")).status_code == 200


async def test_the_student_is_told_of_a_notice_but_not_why(world: World) -> None:
    day = str(world.today)
    body = {"firstDay": day, "lastDay": day, "reason": "illness", "comment": "температура"}
    await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", body)
    answer = await world.student.get(f"/v1/children/{world.ivan}/day")
    assert answer.json()["absenceNotice"] is True
    assert "illness" not in answer.text
    assert "температура" not in answer.text


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-11-16", "2026-11-16", "2026-11-22"),
        ("2026-11-22", "2026-11-16", "2026-11-22"),
        ("2026-12-31", "2026-12-28", "2027-01-03"),
    ],
)
async def test_a_week_is_monday_to_sunday_around_its_day(world: World, day: str, first: str, last: str) -> None:
    week = (await world.mother.get(f"/v1/children/{world.ivan}/week?day={day}")).json()
    assert (week["firstDay"], week["lastDay"], len(week["days"])) == (first, last, 7)


async def test_averages_are_of_the_period_and_of_nothing_else(world: World) -> None:
    """The second quarter begins on 1 November: what was set in October belongs to the first."""
    await world.set_mark("5")
    october = await world.lesson_on(date(2026, 10, 30), 1)
    await world.set_mark("2", await world.give_work(october))
    week = (await world.mother.get(f"/v1/children/{world.ivan}/week")).json()
    assert [(item["average"], item["marks"]) for item in week["averages"]] == [("5.00", 1)]


marks = st.lists(st.tuples(st.sampled_from("12345"), st.sampled_from([Decimal(1), Decimal(2), Decimal("4.5")])))


@given(marks)
def test_an_average_lies_between_its_marks(found: list[tuple[str, Decimal]]) -> None:
    result = average(found)
    if not found:
        assert result is None
    else:
        assert result is not None
        values = [Decimal(value) for value, _ in found]
        assert min(values) <= result <= max(values)
        assert result == result.quantize(Decimal("0.01"))


@given(marks, st.lists(st.sampled_from(["pass", "fail", "exempt", "not-attested"])))
def test_what_is_no_number_changes_no_average(found: list[tuple[str, Decimal]], others: list[str]) -> None:
    assert average(found) == average([*found, *((other, Decimal(9)) for other in others)])


def test_halves_round_up() -> None:
    assert average([("4", Decimal(1)), ("5", Decimal(1)), ("5", Decimal(6)), ("4", Decimal(0))]) == Decimal("4.88")
    assert average([("1", Decimal(199)), ("2", Decimal(1))]) == Decimal("1.01")
