"""The year's rollover: looked at first, done once, silent, and taken back without a trace."""

from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from backend.core.ids import new_id
from backend.school.models import Enrolment, GroupMember, SchoolClass, Student
from backend.timetable.models import Lesson
from tests.push.fixtures import run_as_owner
from tests.school.september import NEXT_STARTS, go_to, prepare, roll_over, scalar
from tests.school.test_year_setup import at, conflict
from tests.world import STARTS, World, errors


async def ready(world: World) -> None:
    """A school with a grade 11, a part of a class, and a year to come."""
    world.september = await prepare(world)
    here = world.school
    eleven, graduate = new_id(), new_id()
    await world.add(
        SchoolClass(
            id=eleven, school_id=here.id, year_id=here.year_id, grade=11, letter="А", class_teacher_id=world.teacher.id
        ),
        Student(id=graduate, school_id=here.id, family_name="Яшин", given_name="Яков", grade=11),
    )
    await world.add(
        Enrolment(id=new_id(), school_id=here.id, student_id=graduate, class_id=eleven, starts=STARTS),
        GroupMember(
            id=new_id(), school_id=here.id, student_id=world.ivan, group_id=world.september["english"], starts=STARTS
        ),
    )


async def dry_run(world: World, **more: object) -> httpx.Response:
    body = {"toYearId": str(world.september["next_year"]), **more}
    return await world.deputy.post(at(world, "/rollover"), body)


async def picture(world: World) -> Any:
    """Everything that a rollover could change."""
    tables = {
        "school_class": "id, year_id, grade, letter, class_teacher_id",
        "study_group": "id, name",
        "student": "id, grade, left_on",
        "enrolment": "id, student_id, class_id, starts, ends",
        "group_member": "id, starts, ends",
        "teaching_load": "id, starts, ends",
    }
    async with world.database.transaction() as session:
        return {
            table: [tuple(row) for row in await session.execute(text(f"SELECT {columns} FROM {table} ORDER BY id"))]
            for table, columns in tables.items()
        }


async def alerts(world: World) -> int:
    return int(await run_as_owner(world, "SELECT count(*) FROM alert"))


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(world: World) -> None:
    await ready(world)
    before = await picture(world)
    answer = await dry_run(world, leavers=[str(world.pyotr)])
    report = answer.json()
    assert (answer.status_code, report["id"], report["promoted"], report["leaving"]) == (201, None, 1, 2)
    assert [(row["name"], row["becomes"], row["promoted"], row["leaving"]) for row in report["classes"]] == [
        ("5А", "6А", 1, 1), ("5Б", "6Б", 0, 0), ("11А", None, 0, 1),
    ]  # fmt: skip
    assert await picture(world) == before


async def test_classes_are_promoted_and_leavers_leave(world: World) -> None:
    await ready(world)
    silent = await alerts(world)
    done = await roll_over(world, leavers=[str(world.pyotr)])
    assert done.status_code == 201, done.text
    classes = (await world.deputy.get(at(world, f"/years/{world.september['next_year']}/classes"))).json()["items"]
    assert [(row["name"], row["classTeacherId"]) for row in classes] == [
        ("6А", str(world.class_teacher.id)), ("6Б", None),
    ]  # fmt: skip
    groups = (await world.deputy.get(at(world, f"/years/{world.september['next_year']}/groups"))).json()["items"]
    assert [(row["name"], row["wholeClass"]) for row in groups] == [("6А", True), ("6Б", True)]
    found = (await world.deputy.get(at(world, "/students?left=true"))).json()["items"]
    assert [(row["givenName"], row["className"], row["leftOn"]) for row in found] == [
        ("Иван", "6А", None), ("Пётр", None, "2027-05-31"), ("Яков", None, "2027-05-31"),
    ]  # fmt: skip
    spans = "SELECT array_agg(concat(starts, '/', ends) ORDER BY starts) FROM enrolment WHERE student_id = :child"
    assert await scalar(world, spans, child=world.ivan) == ["2026-09-01/2027-05-31", "2027-09-01/"]
    stays = "SELECT ends FROM group_member WHERE student_id = :child"
    assert await scalar(world, stays, child=world.ivan) == date(2027, 5, 31)
    assert await alerts(world) == silent
    await go_to(world, NEXT_STARTS)
    children = (await world.mother.get("/v1/me")).json()["children"]
    assert "6А" in {child["className"] for child in children}
    assert (await world.class_teacher.get(f"/v1/classes/{classes[0]['id']}/students")).status_code == 200


async def test_twice_is_refused_and_a_year_that_runs_is_not_rolled_over(world: World) -> None:
    await ready(world)
    assert conflict(await dry_run(world, dryRun=False)) == "year-not-over"
    key = {"Idempotency-Key": "once"}
    await go_to(world, date(2027, 6, 10))
    body = {"toYearId": str(world.september["next_year"]), "dryRun": False}
    first = await world.deputy.post(at(world, "/rollover"), body, **key)
    again = await world.deputy.post(at(world, "/rollover"), body, **key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert conflict(await dry_run(world, dryRun=False)) == conflict(await dry_run(world)) == "rolled-over"


async def test_what_is_wrong_is_named(world: World) -> None:
    await ready(world)
    assert errors(await dry_run(world, leavers=[str(world.oleg), str(world.ivan)])) == {"/leavers/0": "not-in-class"}
    for year, code in ((world.elsewhere.year_id, "unknown-year"), (world.school.year_id, "no-year-before")):
        assert errors(await dry_run(world, toYearId=str(year))) == {"/toYearId": code}


async def test_undone_it_never_was(world: World) -> None:
    await ready(world)
    before = await picture(world)
    assert (await roll_over(world, leavers=[str(world.pyotr)])).status_code == 201
    undone = await world.administrator.post(at(world, "/rollover/undo"))
    assert (undone.status_code, undone.json()["classes"], undone.json()["students"]) == (200, 2, 3)
    assert await picture(world) == before
    assert conflict(await world.administrator.post(at(world, "/rollover/undo"))) == "no-rollover"
    assert (await roll_over(world)).status_code == 201


async def test_classes_that_are_there_are_filled_and_stay_after_an_undo(world: World) -> None:
    await ready(world)
    path = at(world, f"/years/{world.september['next_year']}/classes")
    made = (await world.deputy.post(path, {"grade": 6, "letter": "А", "classTeacherId": str(world.teacher.id)})).json()
    before = await picture(world)
    report = (await roll_over(world)).json()
    row = next(item for item in report["classes"] if item["name"] == "5А")
    assert (row["exists"], row["becomesId"], row["classTeacherId"]) == (True, made["id"], str(world.teacher.id))
    assert (await world.deputy.post(at(world, "/rollover/undo"))).status_code == 200
    assert await picture(world) == before


async def new_lesson(world: World) -> Lesson:
    group = await scalar(world, "SELECT id FROM study_group WHERE name = '6А' AND school_id = :school")
    now = world.clock.now
    lesson = Lesson(
        id=new_id(), school_id=world.school.id, group_id=group, subject_id=world.school.mathematics,
        teacher_id=world.teacher.id, day=NEXT_STARTS, number=1, starts_at=now, ends_at=now + timedelta(minutes=45),
    )  # fmt: skip
    await world.add(lesson)
    return lesson


async def test_a_year_in_use_is_not_taken_back(world: World) -> None:
    await ready(world)
    await roll_over(world)
    await go_to(world, NEXT_STARTS)
    lesson = await new_lesson(world)
    before = await picture(world)
    entries = [{"studentId": str(world.ivan), "code": "absent"}]
    assert (await world.deputy.put(f"/v1/lessons/{lesson.id}/attendance", {"entries": entries})).status_code == 200
    assert conflict(await world.deputy.post(at(world, "/rollover/undo"))) == "rollover-in-use"
    assert await picture(world) == before


async def test_a_load_in_a_new_class_is_use_as_well(world: World) -> None:
    await ready(world)
    await roll_over(world)
    group = await scalar(world, "SELECT id FROM study_group WHERE name = '6А' AND school_id = :school")
    load = {
        "teacherId": str(world.teacher.id), "subjectId": str(world.school.mathematics), "groupId": str(group),
        "starts": str(NEXT_STARTS),
    }  # fmt: skip
    assert (await world.deputy.post(at(world, "/loads"), load)).status_code == 201
    assert conflict(await world.deputy.post(at(world, "/rollover/undo"))) == "rollover-in-use"
    children = (await world.mother.get("/v1/me")).json()["children"]
    assert len(children) == 2
    assert await scalar(world, "SELECT count(*) FROM school_class WHERE grade = 6") == 2


async def test_who_left_in_summer_stays_away_after_an_undo(world: World) -> None:
    await ready(world)
    await roll_over(world)
    gone = await world.deputy.post(f"/v1/students/{world.ivan}/leave", {"lastDay": str(world.today)})
    assert gone.status_code == 200
    assert (await world.deputy.post(at(world, "/rollover/undo"))).status_code == 200
    left = await scalar(world, "SELECT left_on FROM student WHERE id = :child", child=world.ivan)
    assert left == world.today
