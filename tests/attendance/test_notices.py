"""Absence notices: which days they cover, and what is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.attendance.rules import cover, notice_problems
from schemas.attendance import FileNotice
from tests.world import World

TODAY = date(2026, 11, 18)


async def test_days_without_lessons_are_skipped_and_covered_days_are_the_first_filers(world: World) -> None:
    first, last = str(world.today), str(world.today + timedelta(days=2))
    path = f"/v1/children/{world.ivan}/absence-notices"
    await world.father.post(path, {"firstDay": first, "lastDay": first, "reason": "family", "comment": "к бабушке"})
    answer = await world.mother.post(path, {"firstDay": first, "lastDay": last, "reason": "illness"})
    assert [(day["state"], day["lessons"]) for day in answer.json()["days"]] == [
        ("already-covered", 2),
        ("covered", 1),
        ("no-lessons", 0),
    ]
    seen = (await world.mother.get(path)).json()["items"]
    assert [(item["own"], item["comment"]) for item in seen] == [(True, None), (False, None)]
    leads = (await world.class_teacher.get(path)).json()["items"]
    assert [item["comment"] for item in leads] == [None, "к бабушке"]


@pytest.mark.parametrize(
    ("first", "last", "pointer", "code"),
    [
        (-4, 0, "/firstDay", "in-the-past"),
        (2, 1, "/lastDay", "ends-before-it-begins"),
        (1, 400, "/lastDay", "too-long"),
        (61, 62, "/firstDay", "too-far"),
    ],
)
async def test_days_that_are_refused(world: World, first: int, last: int, pointer: str, code: str) -> None:
    body = {
        "firstDay": str(world.today + timedelta(days=first)),
        "lastDay": str(world.today + timedelta(days=last)),
        "reason": "illness",
    }
    answer = await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", body)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


@given(
    first=st.integers(-3, 60),
    length=st.integers(0, 30),
    lessons=st.sets(st.integers(-3, 95)),
    taken=st.sets(st.integers(-3, 95)),
)
def test_every_day_has_exactly_one_state(first: int, length: int, lessons: set[int], taken: set[int]) -> None:
    start = TODAY + timedelta(days=first)
    wish = FileNotice(first_day=start, last_day=start + timedelta(days=length), reason="illness")
    assert notice_problems(wish, TODAY) == {}
    with_lessons = {TODAY + timedelta(days=number): 6 for number in lessons}
    covered = {TODAY + timedelta(days=number) for number in taken}
    days = cover(wish, with_lessons, covered)
    assert [day.day for day in days] == [start + timedelta(days=number) for number in range(length + 1)]
    for day in days:
        if day.state == "covered":
            assert day.day in with_lessons
            assert day.day not in covered


async def test_codes_follow_and_history_stays(world: World) -> None:
    from sqlalchemy import text

    path = f"/v1/lessons/{world.lesson}/attendance"
    for entries in (
        [{"studentId": str(world.ivan), "code": "absent"}],
        [{"studentId": str(world.ivan), "code": "late", "minutes": 5}],
        [],
    ):
        assert (await world.teacher.put(path, {"entries": entries})).json()["changed"] == 1
    assert (await world.teacher.put(path, {"entries": []})).json()["changed"] == 0
    async with world.database.transaction() as session:
        rows = await session.execute(text("SELECT version, code FROM attendance_version ORDER BY 1"))
        assert [tuple(row) for row in rows] == [(1, "absent"), (2, "late"), (3, "present")]


async def test_bad_entries(world: World) -> None:
    entries = [
        {"studentId": str(world.ivan), "code": "absent", "minutes": 5},
        {"studentId": str(world.oleg), "code": "absent"},
        {"studentId": str(world.pyotr), "code": "absent"},
        {"studentId": str(world.pyotr), "code": "late"},
    ]
    answer = await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/entries/0/minutes": "minutes-only-when-late",
        "/entries/1/studentId": "not-in-group",
        "/entries/2/studentId": "repeated",
        "/entries/3/studentId": "repeated",
    }
