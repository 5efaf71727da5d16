"""Who may write to whom, and who never sees a thread: each as an adversary tries it (DOMAIN.md section 1)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.messages.letters import page, reply, send, texts, threads, write
from tests.push.fixtures import run_as_owner
from tests.world import Someone, World

OUTSIDERS = (
    "father", "student", "former", "neighbour", "stranger", "other_teacher", "class_teacher", "deputy", "director",
    "administrator", "foreign_teacher",
)  # fmt: skip


async def every_way(someone: Someone, sent: dict[str, Any]) -> list[int]:
    """What somebody gets who tries all that can be done with a thread and its message."""
    thread, message = f"/v1/threads/{sent['threadId']}", f"/v1/messages/{sent['id']}"
    answers = [
        await someone.get(thread),
        await someone.post(f"{thread}/messages", {"text": "Я тоже"}),
        await someone.put(f"{thread}/read", {"number": 1}),
        await someone.put(f"{thread}/muting", {"muted": True}),
        await someone.delete(message),
        await someone.post(f"{message}/reports", {"reason": "Любопытно"}),
    ]
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("outsider", OUTSIDERS)
async def test_nobody_else_sees_what_a_mother_and_a_teacher_write(world: World, outsider: str) -> None:
    sent = await write(world, world.mother, world.teacher)
    await write(world, world.teacher, world.mother)
    someone = getattr(world, outsider)
    assert await every_way(someone, sent) == [404] * 6
    assert await threads(someone) == []
    assert [item["kind"] for item in (await someone.get("/v1/alerts")).json()["items"]] == []


@pytest.mark.parametrize(
    ("author", "to"),
    [
        ("mother", "father"), ("mother", "former"), ("mother", "student"), ("mother", "foreign_teacher"),
        ("mother", "director"), ("mother", "administrator"), ("mother", "mother"), ("former", "teacher"),
        ("neighbour", "teacher"), ("stranger", "teacher"), ("foreign_teacher", "mother"), ("director", "mother"),
        ("administrator", "mother"), ("teacher", "former"), ("teacher", "neighbour"), ("teacher", "stranger"),
        ("teacher", "class_teacher"), ("teacher", "deputy"),
    ],
)  # fmt: skip
async def test_to_a_stranger_one_cannot_write_and_learns_nothing(world: World, author: str, to: str) -> None:
    someone = getattr(world, author)
    answer = await send(world, someone, getattr(world, to))
    nobody = await someone.post(f"/v1/children/{world.ivan}/people/{world.ivan}/messages", {"text": "а"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.json() | {"requestId": None} == nobody.json() | {"requestId": None}
    assert await run_as_owner(world, "SELECT count(*) FROM message_thread") == 0


async def test_when_a_guardianship_ends_the_thread_closes_for_both(world: World) -> None:
    sent = await write(world, world.mother, world.teacher, "Здравствуйте")
    await reply(world.teacher, sent["threadId"])
    yesterday = world.today - timedelta(days=1)
    await run_as_owner(
        world, f"UPDATE guardianship SET ends = '{yesterday}' WHERE account_id = '{world.mother.id}'"
    )  # fmt: skip
    assert await every_way(world.mother, sent) == [404] * 6
    assert await threads(world.mother) == []
    assert (await world.mother.get("/v1/alerts")).json()["items"] == []
    answer = await world.teacher.post(f"/v1/threads/{sent['threadId']}/messages", {"text": "Вы где?"})
    assert (answer.status_code, answer.json()["code"]) == (403, "may-not-write")
    seen = await page(world.teacher, sent["threadId"])
    assert (seen["thread"]["mayWrite"], seen["thread"]["other"]["role"], len(seen["items"])) == (False, None, 2)


async def test_a_guardian_who_may_not_view_reads_nothing(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    await run_as_owner(world, f"UPDATE guardianship SET may_view = false WHERE account_id = '{world.mother.id}'")
    assert await every_way(world.mother, sent) == [404] * 6


async def test_who_no_longer_teaches_the_child_reads_and_does_not_write(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    yesterday = world.today - timedelta(days=1)
    await run_as_owner(world, f"UPDATE teaching_load SET ends = '{yesterday}'")
    assert await texts(world.teacher, sent["threadId"]) == ["Здравствуйте!"]
    for who, to in ((world.teacher, world.mother), (world.mother, world.teacher)):
        answer = await who.post(f"/v1/threads/{sent['threadId']}/messages", {"text": "Ещё"})
        assert (answer.status_code, answer.json()["code"]) == (403, "may-not-write")
        assert (await send(world, who, to)).status_code == 404
    assert [item["mayWrite"] for item in await threads(world.mother)] == [False]


async def test_who_left_the_school_reads_nothing(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    yesterday = world.today - timedelta(days=1)
    await run_as_owner(world, f"UPDATE school_role SET ends = '{yesterday}' WHERE account_id = '{world.teacher.id}'")
    assert await every_way(world.teacher, sent) == [404] * 6
    assert await threads(world.teacher) == []


async def test_when_a_child_leaves_the_family_reads_nothing(world: World) -> None:
    sent = await write(world, world.student, world.teacher)
    await run_as_owner(world, f"UPDATE student SET left_on = '{world.today}' WHERE id = '{world.ivan}'")
    assert await every_way(world.student, sent) == [404] * 6
    assert (await world.teacher.get(f"/v1/threads/{sent['threadId']}")).json()["thread"]["mayWrite"] is False


async def test_a_substitute_writes_until_seven_days_after_the_lesson(world: World) -> None:
    await run_as_owner(
        world,
        f"INSERT INTO school_role (account_id, school_id, role, starts) "
        f"VALUES ('{world.foreign_teacher.id}', '{world.school.id}', 'teacher', '2026-09-01')",
    )
    assert (await send(world, world.foreign_teacher, world.mother)).status_code == 404
    await run_as_owner(
        world,
        f"UPDATE lesson SET replaces_teacher_id = teacher_id, teacher_id = '{world.foreign_teacher.id}' "
        f"WHERE id = '{world.lesson}'",
    )
    assert (await send(world, world.foreign_teacher, world.mother)).status_code == 201
    world.clock.move(days=7)
    await world.reissue()
    assert (await send(world, world.mother, world.foreign_teacher)).status_code == 201
    world.clock.move(days=1)
    await world.reissue()
    assert (await send(world, world.mother, world.foreign_teacher)).status_code == 404


async def test_a_teacher_of_a_class_is_a_parent_of_another(world: World) -> None:
    """One who is both writes as what the child makes of them."""
    await run_as_owner(
        world,
        f"UPDATE guardianship SET account_id = '{world.other_teacher.id}' WHERE student_id = '{world.pyotr}'",
    )
    sent = await send(world, world.other_teacher, world.teacher, child=world.pyotr)
    (mine,) = await threads(world.other_teacher)
    assert (mine["id"], mine["other"]["role"]) == (sent.json()["threadId"], "teacher")
    (theirs,) = await threads(world.teacher)
    assert theirs["other"]["role"] == "parent"


async def test_the_staff_of_a_child(world: World) -> None:
    hours = [{"weekday": 1, "opens": "14:00:00", "closes": "16:00:00"}]
    path = f"/v1/schools/{world.school.id}/office-hours"
    await world.teacher.put(path, {"hours": hours})
    found = (await world.mother.get(f"/v1/children/{world.ivan}/staff")).json()["items"]
    assert [(item["name"], item["subjects"], item["classTeacher"], item["deputy"]) for item in found] == [
        ("Петров Елена", [], True, False),
        ("Петров Мария", ["Математика"], False, False),
        ("Петров Нина", ["Русский язык"], False, False),
        ("Петров Ирина", [], False, True),
    ]
    assert found[1]["officeHours"] == hours


async def test_the_families_of_a_class_and_of_a_child(world: World) -> None:
    found = (await world.teacher.get(f"/v1/classes/{world.school.class_id}/families")).json()["items"]
    assert [(item["givenName"], [one["kind"] for one in item["people"]]) for item in found] == [
        ("Иван", ["student", "parent", "parent"]),
        ("Пётр", ["parent"]),
    ]
    (ivan,) = (await world.deputy.get(f"/v1/children/{world.ivan}/family")).json()["items"]
    assert {one["accountId"] for one in ivan["people"]} == {
        str(who.id) for who in (world.student, world.mother, world.father)
    }
    assert ivan["className"] == "5А"
