"""Groups: who is in them from a day on, and what stays of who was."""

import asyncio
from datetime import date, timedelta

import httpx

from backend.core.ids import new_id
from backend.timetable.models import Lesson
from tests.school.september import go_to, prepare
from tests.school.test_year_setup import conflict, of_year
from tests.world import World, errors


async def set_members(world: World, starts: date, *members: object, **more: object) -> httpx.Response:
    wished = [{"studentId": str(member), **more} for member in members]
    path = f"/v1/groups/{world.september['english']}/members"
    return await world.deputy.put(path, {"starts": str(starts), "members": wished})


def spans(answer: httpx.Response) -> list[tuple[str, str, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(item["givenName"], item["starts"], item["ends"]) for item in answer.json()["items"]]


async def test_who_leaves_a_group_ends_the_day_before(world: World) -> None:
    world.september = await prepare(world)
    september = date(2026, 9, 1)
    await set_members(world, september, world.ivan, world.pyotr)
    answer = await set_members(world, world.today, world.pyotr)
    assert spans(answer) == [("Иван", "2026-09-01", "2026-11-17"), ("Пётр", "2026-09-01", None)]
    tomorrow = world.today + timedelta(days=1)
    answer = await set_members(world, tomorrow, world.ivan, world.pyotr, ends="2026-12-31")
    assert spans(answer) == [
        ("Иван", "2026-09-01", "2026-11-17"),
        ("Иван", "2026-11-19", "2026-12-31"),
        ("Пётр", "2026-09-01", "2026-12-31"),
    ]
    # What was only going to begin never was.
    assert spans(await set_members(world, world.today)) == [
        ("Иван", "2026-09-01", "2026-11-17"), ("Пётр", "2026-09-01", "2026-11-17"),
    ]  # fmt: skip


async def test_a_group_has_students_of_its_class(world: World) -> None:
    world.september = await prepare(world)
    answer = await set_members(world, world.today, world.oleg, world.ivan, world.ivan)
    assert errors(answer) == {"/members/0/studentId": "not-in-class", "/members/2/studentId": "repeated"}
    assert errors(await set_members(world, date(2026, 8, 31), world.ivan)) == {"/starts": "outside-the-year"}
    late = await set_members(world, world.today, world.ivan, ends="2027-06-01")
    assert errors(late) == {"/members/0/ends": "outside-the-year"}


async def test_a_whole_class_has_no_members_of_its_own(world: World) -> None:
    path = f"/v1/groups/{world.school.group_id}/members"
    answer = await world.deputy.put(path, {"starts": str(world.today), "members": []})
    assert conflict(answer) == "whole-class-group"
    names = [item["givenName"] for item in (await world.teacher.get(path)).json()["items"]]
    assert names == ["Иван", "Пётр"]


async def test_a_group_across_classes_and_its_name(world: World) -> None:
    across = {"name": "Физкультура, мальчики"}
    assert (await world.deputy.post(of_year(world, "/groups"), across)).status_code == 201
    again = {"name": "физкультура,  Мальчики"}
    assert conflict(await world.deputy.post(of_year(world, "/groups"), again)) == "group-exists"
    foreign = {"name": "Английский", "classId": str(world.elsewhere.class_id)}
    assert errors(await world.deputy.post(of_year(world, "/groups"), foreign)) == {"/classId": "unknown-class"}


async def test_two_deputies_at_once_make_one_group(world: World) -> None:
    """No constraint says so: they come one after the other."""
    across = {"name": "Хор"}
    people = (world.deputy, world.administrator) * 2
    answers = await asyncio.gather(*(who.post(of_year(world, "/groups"), across) for who in people))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_nobody_leaves_a_group_behind_a_mark(world: World) -> None:
    """The lesson would vanish from the diary, and its mark with it."""
    world.september = await prepare(world)
    await set_members(world, date(2026, 9, 1), world.ivan)
    lesson = Lesson(
        id=new_id(), school_id=world.school.id, group_id=world.september["english"],
        subject_id=world.school.mathematics, teacher_id=world.teacher.id, day=world.today, number=6,
        starts_at=world.clock.now, ends_at=world.clock.now + timedelta(minutes=45),
    )  # fmt: skip
    await world.add(lesson)
    given = await world.deputy.post("/v1/works", {"lessonId": str(lesson.id), "kind": "test"})
    marks = {"marks": [{"studentId": str(world.ivan), "value": "5"}]}
    assert (await world.deputy.put(f"/v1/works/{given.json()['id']}/marks", marks)).status_code == 200
    assert conflict(await set_members(world, world.today)) == "recorded-since"
    yesterday = str(world.today - timedelta(days=1))
    assert conflict(await set_members(world, date(2026, 9, 1), world.ivan, ends=yesterday)) == "recorded-since"
    assert (await set_members(world, world.today + timedelta(days=1))).status_code == 200
    await go_to(world, world.today + timedelta(days=7))
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day?day=2026-11-18")).json()
    values = [mark["value"] for lesson in day["lessons"] for mark in lesson["marks"]]
    assert values == ["5"]
