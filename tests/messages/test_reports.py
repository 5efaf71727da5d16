"""A message can be reported; the school's leaders see that one and no other, and decide until when its author may not
write to that person."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.messages.letters import page, reply, send, write
from tests.world import Someone, World, errors


async def report(who: Someone, message: str, reason: str = "Оскорбляет") -> Any:
    return await who.post(f"/v1/messages/{message}/reports", {"reason": reason})


async def listed(world: World, who: Someone, query: str = "") -> list[dict[str, Any]]:
    answer = await who.get(f"/v1/schools/{world.school.id}/message-reports{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def decide(who: Someone, made: str, decision: str, until: object = None, answer: str = "Поговорили") -> Any:
    body = {"decision": decision, "answer": answer} | ({"blockedUntil": str(until)} if until else {})
    return await who.put(f"/v1/message-reports/{made}", body)


async def test_the_leaders_see_the_reported_message_and_no_other(world: World) -> None:
    await write(world, world.mother, world.teacher, "Безобидное")
    sent = await write(world, world.mother, world.teacher, "Грубость")
    assert await listed(world, world.deputy) == []
    assert (await report(world.teacher, sent["id"])).status_code == 201
    for leader in (world.deputy, world.director):
        (item,) = await listed(world, leader)
        assert (item["text"], item["reason"], item["decision"]) == ("Грубость", "Оскорбляет", None)
        assert (item["author"]["name"], item["reportedBy"]["name"]) == ("Петров Анна", "Петров Мария")
        assert (await leader.get(f"/v1/threads/{sent['threadId']}")).status_code == 404
    assert (await world.class_teacher.get(f"/v1/schools/{world.school.id}/message-reports")).status_code == 404


async def test_a_message_is_reported_once_by_who_got_it(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    assert (await report(world.mother, sent["id"])).status_code == 404
    assert (await report(world.father, sent["id"])).status_code == 404
    answers = await asyncio.gather(*(report(world.teacher, sent["id"]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    taken = await write(world, world.mother, world.teacher)
    await world.mother.delete(f"/v1/messages/{taken['id']}")
    answer = await report(world.teacher, taken["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "message-taken-back")


async def test_what_was_reported_stays_with_the_report_when_it_is_taken_back(world: World) -> None:
    sent = await write(world, world.mother, world.teacher, "Грубость")
    await report(world.teacher, sent["id"])
    assert (await world.mother.delete(f"/v1/messages/{sent['id']}")).status_code == 204
    assert [item["text"] for item in await listed(world, world.deputy)] == ["Грубость"]
    assert [item["text"] for item in (await page(world.teacher, sent["threadId"]))["items"]] == [None]


async def test_whoever_is_blocked_may_not_write_until_the_day_is_over(world: World) -> None:
    sent = await write(world, world.mother, world.class_teacher)
    made = (await report(world.class_teacher, sent["id"])).json()["id"]
    until = world.today + timedelta(days=1)
    decided = await decide(world.deputy, made, "blocked", until)
    assert (decided.status_code, decided.json()["blockedUntil"]) == (200, str(until))
    for answer in (
        await world.mother.post(f"/v1/threads/{sent['threadId']}/messages", {"text": "Но"}),
        await send(world, world.mother, world.class_teacher),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "may-not-write")
    seen = (await page(world.mother, sent["threadId"]))["thread"]
    assert (seen["mayWrite"], seen["blockedUntil"]) == (False, str(until))
    # Others are not concerned, nor is the other direction.
    await write(world, world.mother, world.teacher)
    await write(world, world.father, world.class_teacher)
    await reply(world.class_teacher, sent["threadId"])
    world.clock.move(days=1)
    await world.reissue()
    assert (await send(world, world.mother, world.class_teacher)).status_code == 403
    world.clock.move(days=1)
    await world.reissue()
    assert (await send(world, world.mother, world.class_teacher)).status_code == 201


async def test_who_reported_reads_the_decision_with_the_message_and_the_author_nothing(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    made = (await report(world.teacher, sent["id"])).json()["id"]
    await decide(world.director, made, "dismissed", answer="Это не оскорбление")
    (mine,) = (await page(world.teacher, sent["threadId"]))["items"]
    assert (mine["report"]["decision"], mine["report"]["answer"]) == ("dismissed", "Это не оскорбление")
    (theirs,) = (await page(world.mother, sent["threadId"]))["items"]
    assert theirs["report"] is None
    assert (await world.mother.get("/v1/alerts")).json()["items"] == []
    assert await listed(world, world.deputy) == []
    assert [item["decision"] for item in await listed(world, world.deputy, "?decided=true")] == ["dismissed"]
    assert (await send(world, world.mother, world.teacher)).status_code == 201


async def test_two_who_decide_at_the_same_moment(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    made = (await report(world.teacher, sent["id"])).json()["id"]
    answers = await asyncio.gather(
        decide(world.deputy, made, "blocked", world.today), decide(world.director, made, "dismissed")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert (await decide(world.deputy, made, "dismissed")).json()["code"] == "report-decided"


async def test_nobody_judges_what_they_wrote_themselves(world: World) -> None:
    sent = await write(world, world.deputy, world.mother)
    made = (await report(world.mother, sent["id"])).json()["id"]
    assert await listed(world, world.deputy) == []
    assert (await decide(world.deputy, made, "dismissed")).status_code == 404
    assert (await decide(world.director, made, "dismissed")).status_code == 200


@pytest.mark.parametrize(
    ("decision", "days", "code"),
    [
        ("blocked", None, "required"), ("blocked", -1, "in-the-past"), ("blocked", 93, "too-far"),
        ("dismissed", 1, "only-when-blocked"),
    ],
)  # fmt: skip
async def test_a_block_has_an_end(world: World, decision: str, days: int | None, code: str) -> None:
    sent = await write(world, world.mother, world.teacher)
    made = (await report(world.teacher, sent["id"])).json()["id"]
    until = None if days is None else world.today + timedelta(days=days)
    assert errors(await decide(world.deputy, made, decision, until)) == {"/blockedUntil": code}
    assert [item["decision"] for item in await listed(world, world.deputy)] == [None]
