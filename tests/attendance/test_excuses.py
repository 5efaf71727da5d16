"""The fact is the teacher's, the excuse is apart and may come later: counters follow, history stays (DOMAIN.md 7)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.push.fixtures import run_as_owner
from tests.world import World


async def be_absent(world: World, **entry: Any) -> None:
    entries = [{"studentId": str(world.ivan), "code": "absent"} | entry]
    answer = await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})
    assert answer.status_code == 200, answer.text


async def excuse(world: World, **wish: Any) -> Any:
    day = str(world.today)
    body = {"firstDay": day, "lastDay": day, "state": "excused"} | wish
    return await world.class_teacher.put(f"/v1/children/{world.ivan}/excuses", body)


async def attendance(world: World) -> Any:
    return (await world.mother.get(f"/v1/children/{world.ivan}/attendance")).json()


async def test_an_excuse_changes_the_counters_and_not_the_fact(world: World) -> None:
    await be_absent(world)
    before = await attendance(world)
    assert before["counters"] == {
        "lessons": 2, "missed": 1, "excused": 0, "unexcused": 0, "unexplained": 1, "late": 0, "lateMinutes": 0,
        "wholeDays": 0,
    }  # fmt: skip
    await excuse(world)
    after = await attendance(world)
    assert (after["counters"]["excused"], after["counters"]["unexplained"]) == (1, 0)
    assert [(item["fact"], item["code"], item["symbol"]) for item in after["days"][0]["lessons"]] == [
        ("absent", "excused", "Н")
    ]
    await excuse(world, state="unexcused")
    assert (await attendance(world))["counters"]["unexcused"] == 1
    await excuse(world, state=None)
    assert (await attendance(world))["counters"] == before["counters"]


async def test_every_version_of_an_excuse_stays(world: World) -> None:
    for state in ("excused", "unexcused", None):
        await excuse(world, state=state)
    listed = (await world.class_teacher.get(f"/v1/children/{world.ivan}/excuses")).json()["items"]
    assert [(item["state"], item["version"]) for item in listed] == [(None, 3)]
    with pytest.raises(Exception, match="append-only"):
        await run_as_owner(world, "UPDATE excuse_version SET state = 'excused'")


async def test_some_lessons_of_a_day_are_excused(world: World) -> None:
    await be_absent(world)
    entries = [{"studentId": str(world.ivan), "code": "absent"}]
    await world.other_teacher.put(f"/v1/lessons/{world.russian_lesson}/attendance", {"entries": entries})
    await excuse(world, lessons=[4])
    day = (await attendance(world))["days"][0]
    assert ([item["code"] for item in day["lessons"]], day["whole"]) == (["absent", "excused"], True)


async def test_a_parents_notice_excuses_what_the_teacher_only_saw(world: World) -> None:
    """Also one that comes afterwards; and the reason stays in the school."""
    await be_absent(world)
    day = str(world.today)
    notice = {"firstDay": day, "lastDay": day, "reason": "illness"}
    await world.father.post(f"/v1/children/{world.ivan}/absence-notices", notice)
    assert (await attendance(world))["days"][0]["lessons"][0]["code"] == "excused"
    await excuse(world, state="unexcused")
    assert (await attendance(world))["days"][0]["lessons"][0]["code"] == "unexcused"


@pytest.mark.parametrize(("typed", "stored"), [("H", "Н"), ("н", "Н"), ("НП", "НП"), ("oп", "ОП"), ("УП", "УП")])
async def test_latin_look_alikes_are_stored_right(world: World, typed: str, stored: str) -> None:
    await be_absent(world, code=None, symbol=typed)
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()
    assert [entry["symbol"] for entry in page["attendance"]] == [stored]


async def test_a_school_has_symbols_of_its_own(world: World) -> None:
    path = f"/v1/schools/{world.school.id}/attendance-settings"
    symbols = [
        {"symbol": "Н", "code": "absent", "name": "Не был"},
        {"symbol": "С", "code": "excused", "name": "На соревнованиях", "counts": False},
    ]
    assert (await world.deputy.patch(path, {"symbols": symbols})).status_code == 200
    await be_absent(world, code=None, symbol="C")
    counted = await attendance(world)
    assert (counted["days"][0]["lessons"][0]["symbol"], counted["counters"]["missed"]) == ("С", 0)
    wrong = [*symbols, {"symbol": "H", "code": "ill", "name": "Болел"}]
    answer = await world.deputy.patch(path, {"symbols": wrong})
    assert answer.json()["errors"][0]["pointer"] == "/symbols/2/symbol"


async def test_every_wrong_entry_is_named(world: World) -> None:
    entries = [
        {"studentId": str(world.ivan), "code": "absent", "symbol": "Н"},
        {"studentId": str(world.pyotr), "symbol": "Ы"},
        {"studentId": str(world.oleg), "code": "ill"},
    ]
    answer = await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/entries/0/code": "code-or-symbol",
        "/entries/1/symbol": "unknown-symbol",
        "/entries/2/studentId": "not-in-group",
    }


@pytest.mark.parametrize(
    ("wish", "pointer", "code"),
    [
        ({"lastDay": "2026-11-17"}, "/lastDay", "ends-before-it-begins"),
        ({"lastDay": "2027-11-17"}, "/lastDay", "too-long"),
        ({"state": None, "reason": "illness"}, "/reason", "only-with-a-state"),
    ],
)
async def test_an_excuse_that_cannot_be_is_refused(world: World, wish: dict[str, Any], pointer: str, code: str) -> None:
    answer = await excuse(world, **wish)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_the_morning_at_one_look(world: World) -> None:
    path = f"/v1/classes/{world.school.class_id}/morning"
    day = str(world.today)
    notice = {"firstDay": day, "lastDay": day, "reason": "doctor"}
    await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)
    early = (await world.class_teacher.get(path)).json()
    assert early["checkedLessons"] == 0
    assert [(item["givenName"], item["state"], item["reason"]) for item in early["students"]] == [
        ("Иван", "expected-absent", "doctor"),
        ("Пётр", "unknown", None),
    ]
    entries = [{"studentId": str(world.pyotr), "code": "absent"}]
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})
    board = (await world.administrator.get(path)).json()
    assert board["checkedLessons"] == 1
    assert [(item["state"], item["sinceLesson"], item["notice"], item["reason"]) for item in board["students"]] == [
        ("present", None, True, None),
        ("absent", 3, False, None),
    ]


async def test_a_range_that_cannot_be_is_refused(world: World) -> None:
    yesterday = world.today - timedelta(days=1)
    answer = await world.mother.get(f"/v1/children/{world.ivan}/attendance?first={world.today}&last={yesterday}")
    assert answer.json()["errors"][0]["code"] == "ends-before-it-begins"
