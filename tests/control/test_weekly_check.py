"""What a class teacher looks at every week: gaps, missing marks, absences in a row, sharp drops, the trend."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from backend.control.rules import DROP, CountedMark, absent_in_a_row, drops
from tests.world import World


async def check(world: World) -> Any:
    answer = await world.class_teacher.get(f"/v1/classes/{world.school.class_id}/weekly-check")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def mark(world: World, lesson: UUID, value: str, kind: str = "answer") -> None:
    work = await world.give_work(lesson, kind)
    marks = [{"studentId": str(world.ivan), "value": value}]
    assert (await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})).status_code == 200


async def test_gaps_and_missing_marks(world: World) -> None:
    await world.teacher.put(f"/v1/lessons/{world.lesson}", {"attendance": [], "topic": "Дроби"})
    await mark(world, world.lesson, "5", "control-work")
    world.clock.move(hours=2)
    await world.reissue()
    seen = await check(world)
    assert [(gap["subject"], gap["lacks"]) for gap in seen["gaps"]] == [
        ("Математика", ["homework"]),
        ("Русский язык", ["attendance", "topic", "homework"]),
    ]
    assert [(item["student"], item["subject"]) for item in seen["missingMarks"]] == [("Петров Пётр", "Математика")]


async def test_three_absences_in_a_row(world: World) -> None:
    for back in (2, 1):
        lesson = await world.lesson_on(world.today - timedelta(days=back), 1)
        entries = {"entries": [{"studentId": str(world.ivan), "code": "ill"}]}
        await world.teacher.put(f"/v1/lessons/{lesson}/attendance", entries)
    assert (await check(world))["absentInARow"] == []
    entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    assert (await check(world))["absentInARow"] == [
        {
            "studentId": str(world.ivan), "student": "Петров Иван", "days": 3, "lastDay": "2026-11-18",
            "unexplained": True,
        }
    ]  # fmt: skip


async def test_a_sharp_drop_and_the_trend(world: World) -> None:
    before = await world.lesson_on(world.today - timedelta(days=7), 1)
    for value in ("5", "5"):
        await mark(world, before, value)
    for value in ("3", "4"):
        await mark(world, world.lesson, value)
    seen = await check(world)
    assert [(item["subject"], item["before"], item["now"]) for item in seen["drops"]] == [
        ("Математика", "5.00", "3.50")
    ]
    assert seen["trend"] == {"week": "3.50", "weekBefore": "5.00", "period": "4.25"}


@given(attended=st.lists(st.booleans(), max_size=10))
def test_absences_in_a_row_are_the_newest_days(attended: list[bool]) -> None:
    student = uuid4()
    days = [
        {"student_id": student, "student": "", "day": date(2026, 11, 20) - timedelta(days=n), "attended": was,
         "unexplained": False}
        for n, was in enumerate(attended)
    ]  # fmt: skip
    row = next((n for n, was in enumerate(attended) if was), len(attended))
    assert [item.days for item in absent_in_a_row(days)] == ([row] if row >= 3 else [])


@given(before=st.lists(st.integers(1, 5), max_size=5), since=st.lists(st.integers(1, 5), max_size=5))
def test_one_bad_mark_is_no_drop(before: list[int], since: list[int]) -> None:
    monday, student, subject = date(2026, 11, 16), uuid4(), uuid4()
    marks = [
        CountedMark(student, "", subject, "", monday + timedelta(days=shift), Decimal(value), Decimal(1))
        for values, shift in ((before, -3), (since, 1))
        for value in values
    ]
    found = drops(marks, monday)
    if len(before) < 2 or len(since) < 2:
        assert found == []
    else:
        fell = Decimal(sum(before)) / len(before) - Decimal(sum(since)) / len(since)
        assert bool(found) == (fell >= DROP) or abs(fell - DROP) < Decimal("0.01")
