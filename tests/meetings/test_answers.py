"""Whether somebody comes: said by each guardian and colleague, seen by who leads."""

import asyncio
from typing import Any

from tests.meetings.scenes import call, made
from tests.world import Someone, World


async def say(who: Someone, meeting: dict[str, Any], coming: bool) -> Any:
    return await who.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": coming})


async def answers(world: World, meeting: dict[str, Any], who: Someone | None = None) -> Any:
    return made(await (who or world.class_teacher).get(f"/v1/meetings/{meeting['id']}/answers"))


async def test_each_guardian_answers_and_who_leads_sees_who_comes(world: World) -> None:
    meeting = await call(world, staffIds=[str(world.teacher.id)])
    assert made(await say(world.mother, meeting, True))["coming"] is True
    await say(world.teacher, meeting, False)
    for who in (world.class_teacher, world.deputy, world.director, world.administrator):
        seen = await answers(world, meeting, who)
        assert (seen["coming"], seen["notComing"], seen["silent"]) == (1, 1, 2)
    people = {person["name"]: person for person in seen["people"]}
    assert people["Петров Анна"]["children"] == ["Петров Иван"]
    assert {name: (person["coming"], person["staff"]) for name, person in people.items()} == {
        "Петров Анна": (True, False), "Петров Сергей": (None, False), "Петров Ольга": (None, False),
        "Петров Мария": (False, True),
    }  # fmt: skip


async def test_a_guardian_sees_the_own_answer_only(world: World) -> None:
    meeting = await call(world)
    await say(world.mother, meeting, True)
    listed = {}
    for name in ("mother", "father"):
        items = (await getattr(world, name).get(f"/v1/children/{world.ivan}/meetings")).json()["items"]
        listed[name] = items[0]["coming"]
    assert listed == {"mother": True, "father": None}
    for who in (world.mother, world.student, world.teacher, world.stranger):
        assert (await who.get(f"/v1/meetings/{meeting['id']}/answers")).status_code == 404


async def test_an_answer_is_changed_until_it_begins(world: World) -> None:
    meeting = await call(world, 2)
    await say(world.mother, meeting, True)
    await say(world.mother, meeting, False)
    await say(world.mother, meeting, False)
    assert (await answers(world, meeting))["notComing"] == 1
    world.clock.move(hours=2)
    await world.reissue()
    late = await say(world.mother, meeting, True)
    assert (late.status_code, late.json()["code"]) == (409, "meeting-begun")
    assert (await answers(world, meeting))["notComing"] == 1


async def test_who_is_not_asked_cannot_answer(world: World) -> None:
    meeting = await call(world)
    for who in (world.student, world.class_teacher, world.deputy, world.teacher, world.stranger, world.former):
        assert (await say(who, meeting, True)).status_code == 404


async def test_a_parent_of_two_is_one_person_with_two_children(world: World) -> None:
    await world.classmates(1)
    meeting = await call(world)
    await say(world.neighbour, meeting, True)
    seen = await answers(world, meeting)
    assert (seen["coming"], seen["silent"]) == (1, 2)
    (neighbour,) = [person for person in seen["people"] if person["coming"]]
    assert neighbour["children"] == ["Петров Пётр", "Петров Ученик 0"]


async def test_two_answers_at_the_same_moment_are_one(world: World) -> None:
    meeting = await call(world)
    said = await asyncio.gather(*(say(world.mother, meeting, coming) for coming in (True, False) * 3))
    assert {answer.status_code for answer in said} == {200}
    seen = await answers(world, meeting)
    assert (seen["coming"] + seen["notComing"], seen["silent"]) == (1, 2)


async def test_a_colleague_who_has_left_the_school_is_asked_no_more(world: World) -> None:
    from datetime import timedelta

    from sqlalchemy import text

    meeting = await call(world, staffIds=[str(world.teacher.id)])
    async with world.database.transaction() as session:
        values = {"ends": world.today - timedelta(days=1), "account": world.teacher.id}
        await session.execute(text("UPDATE school_role SET ends = :ends WHERE account_id = :account"), values)
    assert (await say(world.teacher, meeting, True)).status_code == 404
    assert (await answers(world, meeting))["silent"] == 3
