"""Absence notices: which days they cover, and what is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from backend.attendance.notice_rules import Limits, cover, range_problems
from backend.core.days import days_between
from backend.school.models import SchoolRole
from tests.files.samples import pdf, upload
from tests.world import STARTS, World, errors

TODAY = date(2026, 11, 18)
LIMITS = Limits(back=3, ahead=90)


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
    # Of another's the dates, the state and the reason's category are seen.
    assert [seen[1][name] for name in ("firstDay", "lastDay", "state", "reason")] == [first, first, "filed", "family"]
    leads = (await world.class_teacher.get(path)).json()["items"]
    assert [item["comment"] for item in leads] == [None, "к бабушке"]


@pytest.mark.parametrize(
    ("first", "last", "pointer", "code"),
    [
        (-4, 0, "/firstDay", "in-the-past"),
        (2, 1, "/lastDay", "ends-before-it-begins"),
        (1, 400, "/lastDay", "too-long"),
        (61, 62, "/firstDay", "too-far"),
        (50, 61, "/lastDay", "too-far"),
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


DAYS = st.integers(0, 30).map(lambda number: TODAY + timedelta(days=number))
NUMBERS = st.frozensets(st.integers(1, 7), min_size=1)


@given(
    first=st.integers(-3, 60),
    length=st.integers(0, 30),
    wished=st.none() | NUMBERS,
    lessons=st.dictionaries(DAYS, NUMBERS.map(sorted)),
    taken=st.dictionaries(DAYS, st.lists(st.none() | NUMBERS, min_size=1, max_size=3)),
)
def test_every_day_has_one_state_and_no_lesson_is_covered_twice(
    first: int,
    length: int,
    wished: frozenset[int] | None,
    lessons: dict[date, list[int]],
    taken: dict[date, list[frozenset[int] | None]],
) -> None:
    start = TODAY + timedelta(days=first)
    days = days_between(start, start + timedelta(days=length))
    assert range_problems(days[0], days[-1], TODAY, LIMITS) == {}
    found = cover(days, wished, lessons, taken)
    assert [one.day for one in found] == days
    for one in found:
        before = taken.get(one.day, [])
        asked = set(lessons.get(one.day, [])) & (wished if wished is not None else set(range(1, 8)))
        covered = asked if None in before else {number for part in before if part is not None for number in part}
        assert (one.state == "covered") == bool(asked - covered)
        if one.state == "covered":
            assert set(one.numbers) == asked - covered
            assert one.whole == (wished is None and not before)


async def notice(world: World, days: tuple[int, int], **more: object) -> str:
    """Filed by the mother, for days from today on; returns its id."""
    first, last = (str(world.today + timedelta(days=number)) for number in days)
    body = {"firstDay": first, "lastDay": last, "reason": "illness", **more}
    answer = await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_two_parents_share_a_day_by_lessons(world: World) -> None:
    path, day = f"/v1/children/{world.ivan}/absence-notices", str(world.today)
    await world.father.post(path, {"firstDay": day, "lastDay": day, "reason": "doctor", "lessons": [3]})
    whole = await world.mother.post(path, {"firstDay": day, "lastDay": day, "reason": "illness"})
    assert whole.json()["days"] == [{"day": day, "state": "covered", "lessons": 1, "numbers": [4]}]
    again = await world.mother.post(path, {"firstDay": day, "lastDay": day, "reason": "illness", "lessons": [3, 7]})
    assert again.json()["days"] == [{"day": day, "state": "already-covered", "lessons": 1, "numbers": [3]}]
    assert again.json()["id"] is None


async def test_a_notice_begins_with_the_first_lesson_that_it_covers(world: World) -> None:
    """The father's covers the first lesson, the mother's what is left: hers can be cancelled until that begins."""
    path, day = f"/v1/children/{world.ivan}/absence-notices", str(world.today)
    async with world.database.transaction() as session:
        shift = (
            "UPDATE lesson SET starts_at = starts_at + :by, ends_at = ends_at + :by WHERE day = :day AND number = :n"
        )
        for number, hours in ((3, -1), (4, 2)):
            values = {"by": timedelta(hours=hours), "day": world.today, "n": number}
            await session.execute(text(shift), values)
    await world.father.post(path, {"firstDay": day, "lastDay": day, "reason": "doctor", "lessons": [3]})
    whole = (await world.mother.post(path, {"firstDay": day, "lastDay": day, "reason": "illness"})).json()
    assert (await world.mother.put(f"/v1/absence-notices/{whole['id']}/cancellation")).status_code == 204


async def test_only_the_covered_lesson_is_excused_and_prefilled(world: World) -> None:
    await notice(world, (0, 0), lessons=[3])
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()["students"]
    assert {one["givenName"]: (one["absenceNotice"], one["prefilled"]) for one in page} == {
        "Иван": (True, "absent"),
        "Пётр": (False, None),
    }
    other = (await world.other_teacher.get(f"/v1/lessons/{world.russian_lesson}")).json()["students"]
    assert [one["absenceNotice"] for one in other] == [False, False]
    entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    await world.other_teacher.put(f"/v1/lessons/{world.russian_lesson}/attendance", entries)
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    assert [lesson["absence"]["code"] for lesson in day["lessons"]] == ["excused", "absent"]
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()["students"]
    assert [one["prefilled"] for one in page] == [None, None]


async def test_a_notice_is_cancelled_before_it_begins_and_shortened_after(world: World) -> None:
    later = await notice(world, (1, 1))
    assert (await world.mother.put(f"/v1/absence-notices/{later}/cancellation")).status_code == 204
    again = await world.mother.put(f"/v1/absence-notices/{later}/cancellation")
    assert (again.status_code, again.json()["code"]) == (409, "notice-over")
    begun = await notice(world, (0, 1))  # the third lesson has begun
    answer = await world.mother.put(f"/v1/absence-notices/{begun}/cancellation")
    assert (answer.status_code, answer.json()["code"]) == (409, "notice-begun")
    for last, code in ((-2, "ends-before-it-begins"), (40, "too-long")):
        body = {"lastDay": str(world.today + timedelta(days=last))}
        answer = await world.mother.patch(f"/v1/absence-notices/{begun}", body)
        assert answer.json()["errors"] == [
            {"pointer": "/lastDay", "code": code, "detail": answer.json()["errors"][0]["detail"]}
        ]
    answer = await world.mother.patch(f"/v1/absence-notices/{begun}", {"lastDay": str(world.today)})
    assert answer.json()["notice"]["lastDay"] == str(world.today)
    tomorrow = {"firstDay": str(world.today + timedelta(days=1)), "lastDay": str(world.today + timedelta(days=1))}
    path = f"/v1/children/{world.ivan}/absence-notices"
    freed = await world.father.post(path, tomorrow | {"reason": "family"})
    assert freed.json()["days"][0]["state"] == "covered"


async def test_extending_covers_what_is_free_and_waits_for_the_decision_again(world: World) -> None:
    made = await notice(world, (0, 0))
    await world.class_teacher.put(f"/v1/absence-notices/{made}/decision", {"accept": True})
    answer = await world.mother.patch(f"/v1/absence-notices/{made}", {"lastDay": str(world.today + timedelta(days=2))})
    assert [(day["state"], day["numbers"]) for day in answer.json()["days"]] == [("covered", [1]), ("no-lessons", [])]
    assert answer.json()["notice"]["lastDay"] == str(world.today + timedelta(days=1))
    assert answer.json()["notice"]["state"] == "filed"


async def test_a_declined_notice_excuses_nothing(world: World) -> None:
    made = await notice(world, (0, 0))
    entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    bare = await world.class_teacher.put(f"/v1/absence-notices/{made}/decision", {"accept": False})
    assert [error["pointer"] for error in bare.json()["errors"]] == ["/answer"]
    body = {"accept": False, "answer": "Справка нужна сегодня"}
    decided = await world.class_teacher.put(f"/v1/absence-notices/{made}/decision", body)
    assert (decided.json()["state"], decided.json()["own"]) == ("declined", False)
    counters = (await world.mother.get(f"/v1/children/{world.ivan}/attendance")).json()["counters"]
    assert (counters["missed"], counters["excused"], counters["unexplained"]) == (1, 0, 1)
    path = f"/v1/children/{world.ivan}/absence-notices"
    mine, others = [(await who.get(path)).json()["items"][0] for who in (world.mother, world.father)]
    assert (mine["answer"], others["answer"]) == ("Справка нужна сегодня", None)
    assert (await world.mother.patch(f"/v1/absence-notices/{made}", {"comment": "?"})).status_code == 409


async def test_the_school_sees_its_notices_and_only_some_see_reasons(world: World) -> None:
    await notice(world, (0, 0), comment="температура")
    path = f"/v1/classes/{world.school.class_id}/absence-notices"
    seen = {
        name: [(one["givenName"], one["reason"], one["comment"]) for one in answer.json()["items"]]
        for name in ("class_teacher", "deputy", "administrator")
        if (answer := await getattr(world, name).get(path)).status_code == 200
    }
    assert seen == {
        "class_teacher": [("Иван", "illness", "температура")],
        "deputy": [("Иван", "illness", "температура")],
        "administrator": [("Иван", None, None)],
    }
    await world.add(
        SchoolRole(account_id=world.stranger.id, school_id=world.school.id, role="health-worker", starts=STARTS)
    )
    health = (await world.stranger.get(f"/v1/schools/{world.school.id}/absences")).json()
    assert (health["byReason"], [one["givenName"] for one in health["items"]]) == ({"illness": 1}, ["Иван"])
    assert "температура" not in str(health)
    assert (await world.stranger.get(f"/v1/children/{world.ivan}/absence-notices")).status_code == 404


async def test_a_school_sets_how_far_a_notice_may_reach(world: World) -> None:
    path = f"/v1/schools/{world.school.id}/attendance-settings"
    await world.deputy.patch(path, {"noticeDaysBack": 0, "noticeDaysAhead": 7})
    days = {"firstDay": str(world.today - timedelta(days=1)), "lastDay": str(world.today), "reason": "illness"}
    answer = await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", days)
    assert [error["code"] for error in answer.json()["errors"]] == ["in-the-past"]
    made = await notice(world, (0, 0))
    await world.lesson_on(world.today + timedelta(days=7), 1)
    for days_ahead, code in ((8, 422), (7, 200)):
        wish = {"lastDay": str(world.today + timedelta(days=days_ahead))}
        assert (await world.mother.patch(f"/v1/absence-notices/{made}", wish)).status_code == code
    await world.deputy.patch(path, {"noticeDaysAhead": 3})
    shorter = {"lastDay": str(world.today + timedelta(days=5))}
    assert (await world.mother.patch(f"/v1/absence-notices/{made}", shorter)).status_code == 200
    further = await world.deputy.patch(path, {"noticeDaysAhead": 71})  # further than lessons are laid down
    assert errors(further) == {"/noticeDaysAhead": "out-of-range"}


async def test_codes_follow_and_history_stays(world: World) -> None:
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


async def test_a_doctors_note_is_for_few_eyes(world: World) -> None:
    """The filer and who leads the child have it; not the other guardian, the student, a teacher, the director."""
    file = (await upload(world.mother, pdf(), "Справка.pdf")).json()["id"]
    made = await notice(world, (0, 0), files=[file])
    allowed = {"mother", "class_teacher", "deputy"}
    everybody = allowed | {
        "father",
        "student",
        "teacher",
        "director",
        "administrator",
        "neighbour",
        "stranger",
        "former",
    }
    for name in sorted(everybody):
        answer = await getattr(world, name).get(f"/v1/files/{file}")
        assert answer.status_code == (200 if name in allowed else 404), name
    path = f"/v1/children/{world.ivan}/absence-notices"
    shown = [len((await who.get(path)).json()["items"][0]["files"]) for who in (world.mother, world.father)]
    assert shown == [1, 0]
    later = (await upload(world.mother, pdf(), "Выписка.pdf")).json()["id"]
    answer = await world.mother.patch(f"/v1/absence-notices/{made}", {"files": [file, later]})
    assert [one["name"] for one in answer.json()["notice"]["files"]] == ["Справка.pdf", "Выписка.pdf"]
    seen = (await world.class_teacher.get(f"/v1/classes/{world.school.class_id}/absence-notices")).json()["items"]
    assert [len(one["files"]) for one in seen] == [2]


async def test_the_health_worker_finds_the_documents(world: World) -> None:
    file = (await upload(world.mother, pdf(), "Справка.pdf")).json()["id"]
    await notice(world, (0, 0), files=[file])
    role = SchoolRole(account_id=world.stranger.id, school_id=world.school.id, role="health-worker", starts=STARTS)
    await world.add(role)
    (item,) = (await world.stranger.get(f"/v1/schools/{world.school.id}/absences")).json()["items"]
    assert [one["id"] for one in item["files"]] == [file]
    assert (await world.stranger.get(f"/v1/files/{file}")).status_code == 200


async def test_somebody_elses_file_is_no_doctors_note(world: World) -> None:
    file = (await upload(world.father, pdf(), "Справка.pdf")).json()["id"]
    day = str(world.today)
    body = {"firstDay": day, "lastDay": day, "reason": "illness", "files": [file]}
    answer = await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", body)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/files/0", "unknown-file")]
    assert (await world.mother.get(f"/v1/children/{world.ivan}/absence-notices")).json()["items"] == []
