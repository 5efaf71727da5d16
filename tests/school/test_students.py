"""Single students: found, added, corrected, moved; what families see of it."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from backend.core.ids import new_id
from backend.school.models import GroupMember
from backend.timetable.models import Lesson
from tests.school.september import go_to, prepare, scalar
from tests.school.test_year_setup import at, conflict, of_year
from tests.world import Someone, World, errors


async def search(world: World, query: str, **more: str) -> list[str]:
    params = "&".join(f"{name}={value}" for name, value in {"query": query, **more}.items())
    items = (await world.deputy.get(at(world, f"/students?{params}"))).json()["items"]
    return [f"{item['familyName']} {item['givenName']}" for item in items]


async def rename(world: World, student: UUID, **names: str) -> None:
    answer = await world.deputy.patch(f"/v1/students/{student}", names)
    assert answer.status_code == 200, answer.text


async def test_search_folds_ё_and_case_and_begins_at_any_word(world: World) -> None:
    await rename(world, world.ivan, familyName="Ёлкин-Водкин", patronymic="Петрович")
    await rename(world, world.pyotr, familyName="Ежов")
    assert await search(world, "ЕЛКИН") == await search(world, "иван ёл") == ["Ёлкин-Водкин Иван"]
    assert await search(world, "водк") == ["Ёлкин-Водкин Иван"]
    assert await search(world, "петр") == ["Ежов Пётр", "Ёлкин-Водкин Иван"]
    assert await search(world, "лкин") == await search(world, "Олег") == await search(world, "%25") == []


async def test_the_list_pages_by_cursor_in_russian_order(world: World) -> None:
    await world.classmates(60)
    seen: list[str] = []
    after = ""
    while True:
        page = (await world.deputy.get(at(world, f"/students?query={after}"))).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 62
    assert len((await world.deputy.get(at(world, "/students"))).json()["items"]) == 50
    bad = await world.deputy.get(at(world, f"/students?after={world.oleg}"))
    assert errors(bad) == {"query:after": "bad-cursor"}


def newcomer(world: World, **more: object) -> dict[str, object]:
    return {
        "familyName": "Щёголев", "givenName": " Лев ", "birthDate": "2015-03-01", "sex": "male",
        "starts": str(world.today), **more,
    }  # fmt: skip


async def add(world: World, who: Someone, **more: object) -> httpx.Response:
    return await who.post(f"/v1/classes/{world.school.class_id}/students", newcomer(world, **more))


async def test_a_class_teacher_adds_a_student_who_then_gets_a_password(world: World) -> None:
    made = await add(world, world.class_teacher)
    card = made.json()
    assert (made.status_code, card["givenName"], card["className"]) == (201, "Лев", "5А")
    assert card["login"] == "shchegolev.lev"
    assert await scalar(world, "SELECT password_state FROM account WHERE id = :id", id=card["accountId"]) == "none"
    issued = await world.class_teacher.post(f"/v1/accounts/{card['accountId']}/one-time-password")
    assert issued.status_code == 201
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()
    assert "Щёголев" in {student["familyName"] for student in page["students"]}


async def test_the_same_child_twice_is_refused_also_at_the_same_moment(world: World) -> None:
    answers = await asyncio.gather(*(add(world, who) for who in (world.deputy, world.class_teacher)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 1}
    assert conflict(await add(world, world.deputy, familyName="ЩЕГОЛЕВ")) == "student-exists"
    twin = await add(world, world.deputy, givenName="Глеб")
    assert (twin.status_code, twin.json()["login"]) == (201, "shchegolev.gleb")


async def test_all_that_is_wrong_with_a_student_is_named(world: World) -> None:
    answer = await add(world, world.deputy, familyName=" ", birthDate="2031-01-01", starts="2026-08-31")
    assert errors(answer) == {
        "/familyName": "required", "/birthDate": "bad-birth-date", "/starts": "outside-the-year",
    }  # fmt: skip
    assert await search(world, "Лев") == []


async def test_a_name_is_corrected_in_the_account_too(world: World) -> None:
    await rename(world, world.ivan, familyName="Сидоров")
    me = (await world.student.get("/v1/me")).json()
    assert (me["familyName"], me["givenName"]) == ("Сидоров", "Иван")
    cleared = await world.class_teacher.patch(f"/v1/students/{world.ivan}", {"patronymic": None, "sex": "male"})
    assert (cleared.json()["patronymic"], cleared.json()["sex"]) == (None, "male")


async def transfer(world: World, who: Someone, starts: date, student: UUID | None = None) -> httpx.Response:
    body = {"classId": str(world.september["other_class"]), "starts": str(starts)}
    return await who.post(f"/v1/students/{student or world.ivan}/transfer", body)


async def other_lesson(world: World, day: date) -> str:
    """A lesson of mathematics in 5Б."""
    group = await scalar(world, "SELECT id FROM study_group WHERE name = '5Б' AND school_id = :school")
    starts = world.clock.now + timedelta(days=(day - world.today).days)
    lesson = Lesson(
        id=new_id(), school_id=world.school.id, group_id=group, subject_id=world.school.mathematics,
        teacher_id=world.other_teacher.id, day=day, number=2, starts_at=starts, ends_at=starts + timedelta(minutes=45),
    )  # fmt: skip
    await world.add(lesson)
    return str(lesson.id)


async def week(world: World, who: Someone, day: date) -> dict[str, Any]:
    answer = await who.get(f"/v1/children/{world.ivan}/week?day={day}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def lessons(week: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [
        (day["day"], lesson["id"], [mark["value"] for mark in lesson["marks"]])
        for day in week["days"]
        for lesson in day["lessons"]
    ]


async def test_a_transfer_in_the_middle_of_the_year(world: World) -> None:
    """Old marks follow the student, the old class's lessons end and the new one's begin with the day."""
    world.september = await prepare(world)
    tomorrow = world.today + timedelta(days=1)
    await world.set_mark("5")
    before, after = await other_lesson(world, world.today), await other_lesson(world, tomorrow)
    moved = await transfer(world, world.deputy, tomorrow)
    assert (moved.status_code, moved.json()["className"]) == (200, "5А")
    shown = lessons(await week(world, world.mother, world.today))
    assert (str(world.today), str(world.lesson), ["5"]) in shown
    assert (str(tomorrow), after, []) in shown
    assert {str(world.tomorrows_lesson), before}.isdisjoint({lesson for _, lesson, _ in shown})
    averages = (await week(world, world.mother, world.today))["averages"]
    assert [(item["subject"], item["average"]) for item in averages] == [("Математика", "5.00")]
    await go_to(world, tomorrow)
    # The old teacher and the old class teacher have the student no longer.
    work = await world.give_work(world.tomorrows_lesson)
    assert errors(await world.set_mark("2", work)) == {"/marks/0/studentId": "not-in-group"}
    assert (await world.class_teacher.get(f"/v1/children/{world.ivan}/week")).status_code == 404
    assert (await world.class_teacher.patch(f"/v1/students/{world.ivan}", {"sex": "male"})).status_code == 404


async def test_the_parts_of_the_old_class_end_with_it(world: World) -> None:
    world.september = await prepare(world)
    english = world.september["english"]
    stay = GroupMember(
        id=new_id(), school_id=world.school.id, student_id=world.ivan, group_id=english, starts=date(2026, 9, 1)
    )
    await world.add(stay)
    assert (await transfer(world, world.deputy, world.today)).status_code == 200
    items = (await world.deputy.get(f"/v1/groups/{english}/members")).json()["items"]
    assert [item["ends"] for item in items] == [str(world.today - timedelta(days=1))]


async def test_a_transfer_never_hides_what_was_recorded(world: World) -> None:
    world.september = await prepare(world)
    entries = [{"studentId": str(world.ivan), "code": "absent"}]
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})
    assert conflict(await transfer(world, world.deputy, world.today)) == "recorded-since"
    assert (await transfer(world, world.deputy, world.today, world.pyotr)).status_code == 200


async def test_two_transfers_at_once_leave_one_class_at_a_time(world: World) -> None:
    world.september = await prepare(world)
    third = (await world.deputy.post(of_year(world, "/classes"), {"grade": 5, "letter": "В"})).json()
    path = f"/v1/students/{world.ivan}/transfer"
    bodies = [
        {"classId": str(class_id), "starts": str(world.today)}
        for class_id in (world.september["other_class"], third["id"])
    ]
    answers = await asyncio.gather(world.deputy.post(path, bodies[0]), world.administrator.post(path, bodies[1]))
    assert {answer.status_code for answer in answers} == {200}
    classes = "SELECT count(*) FROM enrolment WHERE student_id = :child AND ends IS NULL"
    assert await scalar(world, classes, child=world.ivan) == 1


async def test_a_class_teacher_moves_nobody_into_a_class_of_others(world: World) -> None:
    world.september = await prepare(world)
    assert (await transfer(world, world.class_teacher, world.today)).status_code == 404
    foreign = {"classId": str(world.elsewhere.class_id), "starts": str(world.today)}
    assert (await world.deputy.post(f"/v1/students/{world.ivan}/transfer", foreign)).status_code == 404
    same = {"classId": str(world.school.class_id), "starts": str(world.today)}
    assert conflict(await world.deputy.post(f"/v1/students/{world.ivan}/transfer", same)) == "already-enrolled"
    assert errors(await transfer(world, world.deputy, date(2027, 6, 1))) == {"/starts": "outside-the-year"}


async def leave(world: World, last_day: date) -> httpx.Response:
    return await world.deputy.post(f"/v1/students/{world.ivan}/leave", {"lastDay": str(last_day)})


async def test_a_student_who_left_is_gone_from_every_list_and_comes_back_with_all_marks(world: World) -> None:
    world.september = await prepare(world)
    await world.set_mark("5")
    assert conflict(await leave(world, world.today - timedelta(days=1))) == "recorded-since"
    assert errors(await leave(world, world.today + timedelta(days=1))) == {"/lastDay": "in-the-future"}
    assert errors(await leave(world, date.min)) == {"/lastDay": "too-far"}
    left = await leave(world, world.today)
    assert left.json()["leftOn"] == str(world.today)
    children = (await world.mother.get("/v1/me")).json()["children"]
    assert [child["givenName"] for child in children] == ["Софья"]
    for who in (world.mother, world.student, world.class_teacher):
        assert (await who.get(f"/v1/children/{world.ivan}/week")).status_code == 404
    assert (await search(world, "Иван"), await search(world, "Иван", left="true")) == ([], ["Петров Иван"])
    assert conflict(await leave(world, world.today)) == "student-left"
    guardians = f"/v1/students/{world.ivan}/guardians"
    adult = {"kind": "other", "contactOrder": 1, "accountId": str(world.neighbour.id)}
    assert conflict(await world.deputy.post(guardians, adult)) == "student-left"
    tomorrow = world.today + timedelta(days=1)
    assert (await transfer(world, world.deputy, tomorrow)).json()["leftOn"] is None
    assert ["5"] in [marks for _, _, marks in lessons(await week(world, world.mother, world.today))]


async def test_nobody_comes_into_a_class_of_a_year_that_is_over(world: World) -> None:
    world.september = await prepare(world)
    await go_to(world, date(2027, 6, 10))
    assert conflict(await add(world, world.deputy, starts="2027-05-01")) == "year-over"
    assert conflict(await transfer(world, world.deputy, date(2027, 5, 1))) == "year-over"


async def test_a_child_enrolled_from_a_later_day_is_edited_before_it(world: World) -> None:
    made = await add(world, world.class_teacher, starts=str(world.today + timedelta(days=5)))
    path = f"/v1/students/{made.json()['id']}"
    assert (await world.class_teacher.patch(path, {"sex": "female"})).status_code == 200


async def test_an_import_that_writes_at_the_same_moment_is_a_conflict_and_no_crash(world: World) -> None:
    """What the school's lock does not hold off, the constraint does."""
    world.september = await prepare(world)
    insert = text("""INSERT INTO enrolment (id, school_id, student_id, class_id, starts)
                     VALUES (:id, :school, :student, :class_id, :day)""")
    values = {
        "id": new_id(), "school": world.school.id, "student": world.ivan, "day": world.today,
        "class_id": world.september["other_class"],
    }  # fmt: skip
    end = text("UPDATE enrolment SET ends = :day WHERE student_id = :student")
    async with world.database.transaction() as session:
        await session.execute(end, {"day": world.today - timedelta(days=1), "student": world.ivan})
        await session.execute(insert, values)
        going = asyncio.create_task(transfer(world, world.deputy, world.today))
        async with asyncio.timeout(10):
            while not await waiting(world):
                await asyncio.sleep(0.01)
    assert conflict(await going) in {"already-enrolled", "recorded-since"}


async def waiting(world: World) -> bool:
    """Whether somebody waits for a lock."""
    return bool(await scalar(world, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
