"""What the school's set-up changes in a diary never hides behind a 304."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from backend.core.ids import new_id
from backend.timetable.models import Lesson
from tests.diary.test_unchanged import ask
from tests.school.september import prepare
from tests.world import World


async def transfer(world: World) -> None:
    body = {"classId": str(world.september["other_class"]), "starts": str(world.today + timedelta(days=1))}
    assert (await world.deputy.post(f"/v1/students/{world.ivan}/transfer", body)).status_code == 200


async def set_members(world: World) -> None:
    body = {"starts": str(world.today), "members": [{"studentId": str(world.ivan)}]}
    path = f"/v1/groups/{world.september['english']}/members"
    assert (await world.deputy.put(path, body)).status_code == 200


async def rename_subject(world: World) -> None:
    path = f"/v1/schools/{world.school.id}/subjects/{world.school.mathematics}"
    assert (await world.deputy.patch(path, {"name": "Алгебра"})).status_code == 200


async def move_period(world: World) -> None:
    period = {"id": str(world.school.period_id), "name": "2", "starts": str(world.today)}
    path = f"/v1/schools/{world.school.id}/years/{world.school.year_id}/periods"
    body = {"periods": [period | {"ends": "2026-12-31"}]}
    assert (await world.deputy.put(path, body)).status_code == 200


CHANGES = [transfer, set_members, rename_subject, move_period]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_what_is_set_up_anew_changes_the_tag(world: World, change: Callable[[World], Awaitable[None]]) -> None:
    world.september = await prepare(world)
    monday = world.today - timedelta(days=world.today.weekday())
    old = await world.lesson_on(monday, 1)
    await world.set_mark("3", await world.give_work(old))
    await world.set_mark("5")
    english = Lesson(
        id=new_id(), school_id=world.school.id, group_id=world.september["english"],
        subject_id=world.school.russian, teacher_id=world.teacher.id, day=world.today, number=7,
        starts_at=world.clock.now, ends_at=world.clock.now + timedelta(minutes=45),
    )  # fmt: skip
    await world.add(english)
    before = await ask(world, world.father)
    await change(world)
    after = await ask(world, world.father, before.headers["etag"])
    assert after.status_code == 200
    assert after.json() != before.json()


async def test_a_new_subject_changes_nothing_that_is_shown(world: World) -> None:
    tag = (await ask(world, world.father)).headers["etag"]
    made = await world.deputy.post(f"/v1/schools/{world.school.id}/subjects", {"name": "Физика"})
    assert made.status_code == 201
    assert (await ask(world, world.father, tag)).status_code == 304
