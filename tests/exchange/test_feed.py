"""A school whose journal lives elsewhere: what its feed writes, changes and takes back."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from backend.journal.audit import verify
from tests.exchange.feeding import Journal, give_journal, kinds_told, seen, work
from tests.timetable.scenes import lessons_of, planned, set_bells, set_plan
from tests.world import World

ALL_CREATED = {kind: ["created"] for kind in ("lessons", "works", "marks", "absences", "homework")}
UNCHANGED = {kind: ["unchanged"] for kind in ALL_CREATED}


async def one_lesson(world: World, days: int = 0) -> Journal:
    """A journal that has sent one lesson with one work."""
    journal = await give_journal(world)
    assert (await journal.send(lessons=[journal.lesson(days=days)], works=[work()])).status_code == 200
    return journal


async def own_id(world: World, journal: Journal, kind: str, external: str) -> str:
    """What the journal's thing is here."""
    statement = text("SELECT entity_id FROM external_id WHERE (source, kind, external) = (:source, :kind, :external)")
    values = {"source": f"feed:{journal.here.id}", "kind": kind, "external": external}
    async with world.database.transaction() as session:
        return str((await session.execute(statement, values)).scalar_one())


async def marks_seen(world: World, days: int = 0) -> list[str]:
    day = await seen(world, world.mother, world.today + timedelta(days=days))
    return [mark["value"] for lesson in day["lessons"] for mark in lesson["marks"]]


async def test_a_day_of_another_journal_stands_in_the_diary_and_tells_the_families(world: World) -> None:
    journal = await give_journal(world)
    assert await journal.outcomes(**journal.day()) == ALL_CREATED
    day = await seen(world, world.mother)
    assert [(lesson["number"], [mark["value"] for mark in lesson["marks"]]) for lesson in day["lessons"]] == [
        (3, []),
        (4, []),
        (6, ["5"]),
    ]
    due = await seen(world, world.mother, world.today + timedelta(days=2))
    assert [item["text"] for item in due["homework"]] == ["§ 12"]
    # No author is known, so the diary names none.
    assert [mark["setBy"] for mark in day["lessons"][-1]["marks"]] == [None]
    assert await kinds_told(world.mother) == ["mark-set", "homework-set"]
    assert await kinds_told(world.neighbour) == ["absent-without-notice", "homework-set"]


async def test_the_same_again_changes_nothing_and_tells_nobody(world: World) -> None:
    journal = await give_journal(world)
    await journal.send(**journal.day())
    world.clock.move(minutes=5)
    assert await journal.outcomes(**journal.day() | {"lessons": []}) == {
        kind: outcome for kind, outcome in UNCHANGED.items() if kind != "lessons"
    }
    assert await kinds_told(world.mother) == ["mark-set", "homework-set"]
    async with world.database.transaction() as session:
        versions = await session.execute(text("SELECT count(*) FROM mark_version"))
        assert versions.scalar_one() == 1


async def test_what_changed_is_another_version_long_after_the_teachers_window(world: World) -> None:
    journal = await one_lesson(world)
    await journal.send(marks=[journal.mark(value="2", teacher=str(world.teacher.id))])
    world.clock.move(days=20)
    await world.reissue()
    assert await journal.outcomes(marks=[journal.mark(value="4", comment="Переписана")]) == {"marks": ["changed"]}
    work_id = await own_id(world, journal, "work", "W1")
    history = (await world.deputy.get(f"/v1/works/{work_id}/marks/{world.ivan}/1/history")).json()
    assert [(entry["value"], entry["reason"], entry["setByName"]) for entry in history["versions"]] == [
        ("2", "feed", "Петров Мария"),
        ("4", "feed", None),
    ]
    async with world.database.transaction() as session:
        assert [finding.holds async for finding in verify(session)] == [True]


async def test_several_marks_of_a_student_in_one_work(world: World) -> None:
    journal = await one_lesson(world)
    rows = [journal.mark("M1", "5"), journal.mark("M2", "3")]
    assert await journal.outcomes(marks=rows) == {"marks": ["created", "created"]}
    assert await journal.outcomes(marks=[journal.mark("M2", "4"), journal.mark("M1", "5")]) == {
        "marks": ["changed", "unchanged"]
    }
    assert await marks_seen(world) == ["5", "4"]
    more = [journal.mark(f"M{number}") for number in range(3, 11)]
    assert (await journal.outcomes(marks=more))["marks"] == ["created"] * 7 + ["too-many-marks"]


async def test_absences_say_nothing_of_who_is_not_named(world: World) -> None:
    journal = await one_lesson(world)
    lesson = await own_id(world, journal, "lesson", "L1")
    ill = {"entries": [{"studentId": str(world.pyotr), "code": "ill"}]}
    await world.teacher.put(f"/v1/lessons/{lesson}/attendance", ill)
    assert await journal.outcomes(absences=[journal.absence(code="late", minutes=7)]) == {"absences": ["created"]}
    page = (await world.teacher.get(f"/v1/lessons/{lesson}")).json()
    codes = {entry["studentId"]: (entry["code"], entry["minutes"]) for entry in page["attendance"]}
    assert codes == {str(world.pyotr): ("ill", None), str(world.ivan): ("late", 7)}


async def test_a_list_counts_as_gone_through_only_when_the_journal_says_so(world: World) -> None:
    journal = await one_lesson(world)
    lesson = await own_id(world, journal, "lesson", "L1")

    async def checked() -> bool:
        return bool((await world.teacher.get(f"/v1/lessons/{lesson}")).json()["attendanceChecked"])

    await journal.send(absences=[journal.absence()])
    assert await checked() is False
    taken = [journal.lesson(attendanceTaken=True)]
    assert [await journal.outcomes(lessons=taken) for _ in range(2)] == [
        {"lessons": ["changed"]},
        {"lessons": ["unchanged"]},
    ]
    assert await checked() is True


async def test_what_is_taken_back_is_gone_and_what_was_said_of_it_too(world: World) -> None:
    journal = await give_journal(world)
    await journal.send(**journal.day() | {"absences": [journal.absence()]})
    gone: dict[str, Any] = {
        "marks": [{"externalId": "M1", "removed": True}],
        "absences": [{"externalId": "A1", "removed": True}],
        "homework": [{"externalId": "H1", "removed": True}],
    }
    assert await journal.outcomes(**gone) == {kind: ["changed"] for kind in gone}
    assert await journal.outcomes(**gone) == {kind: ["unchanged"] for kind in gone}
    day = await seen(world, world.mother)
    assert [(lesson["absence"], lesson["marks"]) for lesson in day["lessons"]] == [(None, [])] * 3
    assert (await seen(world, world.mother, world.today + timedelta(days=2)))["homework"] == []
    items = (await world.mother.get("/v1/alerts")).json()["items"]
    assert {item["kind"]: item["withdrawn"] for item in items} == {
        "mark-set": False,
        "mark-corrected": False,
        "absent-without-notice": False,
        "absence-corrected": False,
        "homework-set": True,
    }


async def test_an_absence_that_comes_under_another_id_is_one_change(world: World) -> None:
    journal = await one_lesson(world)
    await journal.send(absences=[journal.absence("A1", "ill")])
    gone = {"externalId": "A1", "removed": True}
    assert await journal.outcomes(absences=[gone, journal.absence("A2", "excused")]) == {
        "absences": ["changed", "created"]
    }
    assert await journal.outcomes(absences=[journal.absence("A2", "excused"), gone]) == {
        "absences": ["unchanged", "unchanged"]
    }
    day = await seen(world, world.mother)
    assert [lesson["absence"]["code"] for lesson in day["lessons"] if lesson["absence"]] == ["excused"]


async def test_a_mark_that_was_taken_back_comes_again_in_the_same_place(world: World) -> None:
    journal = await one_lesson(world)
    for _ in range(12):
        assert await journal.outcomes(marks=[journal.mark()]) == {"marks": ["created"]}
        assert await journal.outcomes(marks=[{"externalId": "M1", "removed": True}]) == {"marks": ["changed"]}


async def test_works_and_lessons_go_as_long_as_nothing_was_recorded_of_them(world: World) -> None:
    journal = await one_lesson(world)
    gone = {
        "works": [{"externalId": "W1", "removed": True}],
        "lessons": [{"externalId": "L1", "removed": True}],
    }
    assert await journal.outcomes(**gone) == {"lessons": ["changed"], "works": ["changed"]}
    assert await journal.outcomes(**gone) == {"lessons": ["changed"], "works": ["unchanged"]}
    assert await journal.outcomes(**gone) == {"lessons": ["unchanged"], "works": ["unchanged"]}
    assert await journal.outcomes(lessons=[journal.lesson()], works=[work()], marks=[journal.mark()]) == {
        "lessons": ["created"],
        "works": ["created"],
        "marks": ["created"],
    }
    await journal.send(marks=[{"externalId": "M1", "removed": True}])
    assert await journal.outcomes(**gone) == {"lessons": ["changed"], "works": ["not-removable"]}


async def states(world: World) -> list[tuple[int, str, list[str]]]:
    """Ivan's lessons of today: number, state, marks."""
    day = await seen(world, world.mother)
    return [
        (lesson["number"], lesson["state"], [mark["value"] for mark in lesson["marks"]]) for lesson in day["lessons"]
    ]


async def test_a_lesson_of_which_something_was_recorded_is_cancelled_and_held_again(world: World) -> None:
    journal = await one_lesson(world)
    await journal.send(marks=[journal.mark()])
    gone = [{"externalId": "L1", "removed": True}]
    # Its place is free for another at once.
    other = journal.lesson("L2", subject=str(world.school.russian))
    assert await journal.outcomes(lessons=[*gone, other]) == {"lessons": ["changed", "created"]}
    assert await states(world) == [(3, "planned", []), (4, "planned", []), (6, "cancelled", ["5"]), (6, "planned", [])]
    assert await journal.outcomes(
        lessons=gone, works=[work(topic="Дроби"), work("W2")], absences=[journal.absence()],
        marks=[journal.mark(value="4"), journal.mark("M2", student=world.pyotr)], homework=[journal.homework()],
    ) == {
        "lessons": ["unchanged"], "works": ["lesson-cancelled"] * 2, "marks": ["depends-on-refused"] * 2,
        "absences": ["lesson-cancelled"], "homework": ["lesson-cancelled"],
    }  # fmt: skip
    assert await journal.outcomes(marks=[journal.mark(), journal.mark("M2", student=world.pyotr)]) == {
        "marks": ["unchanged", "lesson-cancelled"]
    }
    assert await journal.outcomes(lessons=[journal.lesson()]) == {"lessons": ["number-taken"]}
    back = [journal.lesson(), {"externalId": "L2", "removed": True}]
    assert await journal.outcomes(lessons=back) == {"lessons": ["changed", "changed"]}
    assert await states(world) == [(3, "planned", []), (4, "planned", []), (6, "planned", ["5"])]


async def test_the_schools_own_plan_leaves_lessons_of_the_feed_alone(world: World) -> None:
    journal = await give_journal(world)
    await set_bells(world)
    day = world.today + timedelta(days=2)
    await journal.send(lessons=[journal.lesson(days=2, number=2, room="7"), journal.lesson("L2", days=2, number=5)])
    await set_plan(world, planned(world, day.isoweekday(), 1), planned(world, day.isoweekday(), 2))
    lessons = [(lesson["number"], lesson["room"]) for lesson in await lessons_of(world, str(day))]
    assert sorted(lessons) == [(1, "12"), (2, "7"), (5, None)]


async def test_the_plan_does_not_remove_a_lesson_of_which_a_feed_has_told_an_absence(world: World) -> None:
    journal = await give_journal(world)
    await set_bells(world)
    day = world.today + timedelta(days=2)
    await set_plan(world, planned(world, day.isoweekday()))
    (lesson,) = await lessons_of(world, str(day))
    absences = [journal.absence(lesson=lesson["id"], code="excused")]
    assert await journal.outcomes(absences=absences) == {"absences": ["created"]}
    await set_plan(world)
    assert [item["id"] for item in await lessons_of(world, str(day))] == [lesson["id"]]


async def test_what_the_school_changed_by_date_gives_way(world: World) -> None:
    journal = await one_lesson(world)
    lesson_id = await own_id(world, journal, "lesson", "L1")
    for change in ({"state": "cancelled"}, {"teacherId": str(world.other_teacher.id)}):
        assert (await world.deputy.patch(f"/v1/lessons/{lesson_id}", change)).status_code == 200
        assert await journal.outcomes(lessons=[journal.lesson()]) == {"lessons": ["changed"]}
        lesson = (await seen(world, world.mother))["lessons"][-1]
        assert (lesson["state"], lesson["substitution"]) == ("planned", False)


async def test_absences_by_the_schools_symbols(world: World) -> None:
    journal = await one_lesson(world)
    absence = {"externalId": "A1", "lesson": "L1", "student": str(world.ivan), "symbol": "оп", "minutes": 7}
    late = {"code": "late", "symbol": "ОП", "minutes": 7}
    for outcome in ("created", "unchanged"):
        assert await journal.outcomes(absences=[absence]) == {"absences": [outcome]}
        assert (await seen(world, world.mother))["lessons"][-1]["absence"] == late
    # A code alone leaves the symbol to the school.
    assert await journal.outcomes(absences=[journal.absence(code="late", minutes=7)]) == {"absences": ["unchanged"]}
    assert await journal.outcomes(absences=[absence | {"symbol": "Ы"}]) == {"absences": ["unknown-symbol"]}
    assert await journal.outcomes(absences=[absence | {"code": "late"}]) == {"absences": ["code-or-symbol"]}
    assert await journal.outcomes(absences=[absence | {"symbol": None}]) == {"absences": ["code-or-symbol"]}
    assert await journal.outcomes(absences=[absence | {"symbol": "Н"}]) == {"absences": ["minutes-only-when-late"]}


async def test_a_work_of_another_kind_counts_otherwise(world: World) -> None:
    journal = await one_lesson(world)
    await journal.send(marks=[journal.mark()])
    tag = (await world.mother.get(f"/v1/children/{world.ivan}/week")).headers["etag"]
    assert await journal.outcomes(works=[work(kind="homework", topic="№ 5")]) == {"works": ["changed"]}
    day = await world.mother.get(f"/v1/children/{world.ivan}/week", **{"If-None-Match": tag})
    (mark,) = [mark for day in day.json()["days"] for lesson in day["lessons"] for mark in lesson["marks"]]
    assert (mark["kind"], mark["topic"], mark["weight"]) == ("homework", "№ 5", "1.00")
    at = (world.clock.now + timedelta(days=2)).isoformat()
    assert await journal.outcomes(works=[work(kind="homework", publishAt=at)]) == {"works": ["has-marks"]}


async def test_a_whole_feed_takes_as_many_statements_as_one_row(world: World) -> None:
    journal = await one_lesson(world)
    students = await world.classmates(20)
    statements: list[str] = []
    listening = (world.database.engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    event.listen(*listening)
    counts = []
    for some, lessons in ((students[:1], range(2, 3)), (students, range(3, 13))):
        rows = {
            "lessons": [journal.lesson(f"L{number}", number=number + 5) for number in lessons],
            "works": [work(f"W{number}", f"L{number}") for number in lessons],
            "marks": [
                journal.mark(f"M{number}-{student}", student=student, work=f"W{number}")
                for number in lessons
                for student in some
            ],
        }
        statements.clear()
        assert set((await journal.outcomes(**rows))["marks"]) == {"created"}
        counts.append(len(statements))
    event.remove(*listening)
    assert counts[0] == counts[1]
