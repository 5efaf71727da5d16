"""Threads between a family and the staff: begun by either side, read page by page, marked as read, taken back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.messages.letters import page, reply, send, texts, threads, write
from tests.push.fixtures import run_as_owner
from tests.world import World, errors


async def test_either_side_begins_and_both_write_in_one_thread(world: World) -> None:
    asked = await write(world, world.mother, world.teacher, "Как дела у Ивана?")
    answered = await write(world, world.teacher, world.mother, "Хорошо")
    assert (answered["threadId"], answered["number"]) == (asked["threadId"], 2)
    assert (await reply(world.mother, asked["threadId"], "Спасибо"))["number"] == 3
    assert await texts(world.teacher, asked["threadId"]) == ["Спасибо", "Хорошо", "Как дела у Ивана?"]
    seen = await page(world.mother, asked["threadId"])
    assert [item["mine"] for item in seen["items"]] == [True, False, True]
    assert seen["thread"]["other"] == {
        "accountId": str(world.teacher.id), "name": "Петров Мария", "role": "teacher", "subjects": ["Математика"],
    }  # fmt: skip


@pytest.mark.parametrize("staff", ["teacher", "other_teacher", "class_teacher", "deputy"])
@pytest.mark.parametrize("family", ["mother", "father", "student"])
async def test_family_and_staff_write_to_each_other(world: World, family: str, staff: str) -> None:
    one, other = getattr(world, family), getattr(world, staff)
    first = await write(world, one, other)
    assert (await write(world, other, one))["threadId"] == first["threadId"]


async def test_a_thread_is_of_one_child_and_of_two_people(world: World) -> None:
    made = {
        (await write(world, author, world.class_teacher))["threadId"]
        for author in (world.mother, world.father, world.student)
    }
    assert len(made) == 3
    assert {thread["id"] for thread in await threads(world.class_teacher)} == made
    assert [len(await threads(who)) for who in (world.mother, world.father, world.student)] == [1, 1, 1]


async def test_threads_are_listed_by_their_last_message(world: World) -> None:
    first = await write(world, world.mother, world.teacher, "Первое")
    second = await write(world, world.mother, world.class_teacher, "Второе")
    await reply(world.teacher, first["threadId"], "Ответ")
    await reply(world.teacher, first["threadId"], "И ещё")
    listed = await threads(world.mother)
    assert [(item["id"], item["last"]["text"], item["unread"]) for item in listed] == [
        (first["threadId"], "И ещё", 2),
        (second["threadId"], "Второе", 0),
    ]
    assert {(item["givenName"], item["className"], item["mayWrite"]) for item in listed} == {("Иван", "5А", True)}
    assert await threads(world.mother, f"?childId={world.sofia}") == []


async def test_threads_and_messages_come_in_pages(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    thread = sent["threadId"]
    await run_as_owner(
        world,
        f"""INSERT INTO message (id, thread_id, number, school_id, author_id, body, urgent, written_at, sent_at)
            SELECT gen_random_uuid(), thread_id, n, school_id, author_id, 'письмо ' || n, false, sent_at, sent_at
              FROM message, generate_series(2, 60) n WHERE id = '{sent["id"]}'""",
        "UPDATE message_thread SET last_number = 60",
    )
    first = await page(world.teacher, thread)
    assert [item["number"] for item in first["items"]] == list(range(60, 10, -1))
    second = await page(world.teacher, thread, f"?cursor={first['next']}")
    assert ([item["number"] for item in second["items"]], second["next"]) == (list(range(10, 0, -1)), None)
    for wrong in ("?cursor=0", "?cursor=x", "?cursor=99999999999"):
        assert (await world.teacher.get(f"/v1/threads/{thread}{wrong}")).status_code == 422


async def test_many_threads_come_in_pages_and_in_one_statement(world: World) -> None:
    await write(world, world.class_teacher, world.mother)
    asked = await count_of(world)
    classmates = await world.classmates(60)
    for child in classmates:
        assert (await send(world, world.class_teacher, world.neighbour, child=child)).status_code == 201
        if child == classmates[30]:  # not so many in one hour
            world.clock.move(hours=1)
            await world.reissue()
    first = (await world.class_teacher.get("/v1/threads")).json()
    second = (await world.class_teacher.get(f"/v1/threads?cursor={first['next']}")).json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [50, 11, None]
    ids = [item["childId"] for item in first["items"] + second["items"]]
    assert ids == [*(str(child) for child in reversed(classmates)), str(world.ivan)]
    assert await count_of(world) == asked


async def count_of(world: World) -> int:
    """The statements of listing threads, beside the question for the session."""
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    await world.class_teacher.get("/v1/threads")
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 2
    return len(asked)


async def test_read_marks_are_shown_to_the_other_side_and_never_go_back(world: World) -> None:
    thread = (await write(world, world.mother, world.teacher))["threadId"]
    await reply(world.mother, thread)
    path = f"/v1/threads/{thread}/read"
    assert (await world.teacher.put(path, {"number": 2})).json() == {"read": 2, "readByOther": 0}
    assert (await world.teacher.put(path, {"number": 1})).json() == {"read": 2, "readByOther": 0}
    mine = (await page(world.mother, thread))["thread"]
    assert (mine["readByOther"], mine["read"], mine["unread"]) == (2, 0, 0)
    assert (await threads(world.teacher))[0]["unread"] == 0
    assert errors(await world.teacher.put(path, {"number": 3})) == {"/number": "not-written-yet"}


async def test_reading_a_thread_reads_its_alerts_and_no_others(world: World) -> None:
    sent = await write(world, world.teacher, world.mother)
    await reply(world.teacher, sent["threadId"])
    await write(world, world.class_teacher, world.mother)
    await world.mother.put(f"/v1/threads/{sent['threadId']}/read", {"number": 1})
    inbox = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [item["read"] for item in inbox] == [False, False, True]


async def test_what_is_taken_back_is_gone_for_everybody_and_its_place_stays(world: World) -> None:
    sent = await write(world, world.mother, world.teacher, "Не то")
    path = f"/v1/messages/{sent['id']}"
    assert (await world.teacher.delete(path)).status_code == 404
    assert (await world.father.delete(path)).status_code == 404
    world.clock.move(minutes=15)
    await world.reissue()
    assert (await world.mother.delete(path)).status_code == 204
    assert (await world.mother.delete(path)).status_code == 404
    for reader in (world.mother, world.teacher):
        (item,) = (await page(reader, sent["threadId"]))["items"]
        assert (item["text"], item["takenBack"]) == (None, True)
    (listed,) = await threads(world.teacher)
    assert (listed["last"]["text"], listed["last"]["takenBack"], listed["unread"]) == (None, True, 0)
    (alert,) = (await world.teacher.get("/v1/alerts")).json()["items"]
    assert alert["withdrawn"] is True
    assert await run_as_owner(world, "SELECT count(*) FROM message WHERE body LIKE '%Не то%'") == 0
    assert await run_as_owner(world, "SELECT count(*) FROM idempotent_answer WHERE answer::text LIKE '%Не то%'") == 0


async def test_after_a_quarter_of_an_hour_it_is_too_late(world: World) -> None:
    sent = await write(world, world.mother, world.teacher)
    world.clock.move(minutes=15, seconds=1)
    await world.reissue()
    answer = await world.mother.delete(f"/v1/messages/{sent['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "too-late")


@pytest.mark.parametrize("change", ["body = 'другое'", "body = NULL, taken_back_at = NULL", "number = 7"])
async def test_nobody_rewrites_a_message(world: World, change: str) -> None:
    await write(world, world.mother, world.teacher)
    with pytest.raises(Exception, match="never rewritten"):
        await run_as_owner(world, f"UPDATE message SET {change}")


async def test_a_message_sent_twice_is_written_once(world: World) -> None:
    path = f"/v1/children/{world.ivan}/people/{world.teacher.id}/messages"
    answers = [await world.mother.call("POST", path, {"text": "Раз"}, **{"idempotency-key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await texts(world.teacher, answers[0].json()["threadId"]) == ["Раз"]


async def test_two_who_write_at_the_same_moment_begin_one_thread(world: World) -> None:
    pairs = [(world.mother, world.teacher), (world.teacher, world.mother)] * 3
    sent = await asyncio.gather(*(write(world, *pair) for pair in pairs))
    assert len({item["threadId"] for item in sent}) == 1
    assert sorted(item["number"] for item in sent) == [1, 2, 3, 4, 5, 6]


async def test_what_was_written_offline_keeps_its_moment(world: World) -> None:
    written = world.clock.now - timedelta(hours=5)
    sent = await write(world, world.mother, world.teacher, occurredAt=written.isoformat())
    (item,) = (await page(world.teacher, sent["threadId"]))["items"]
    assert (item["writtenAt"], item["sentAt"]) == ("2026-11-18T04:00:00Z", "2026-11-18T09:00:00Z")


async def test_what_cannot_be_is_refused_at_every_field_and_nothing_is_saved(world: World) -> None:
    late = (world.clock.now + timedelta(minutes=3)).isoformat()
    old = (world.clock.now - timedelta(days=8)).isoformat()
    wrong = await send(world, world.mother, world.teacher, " \n ", urgent=True, occurredAt=late)
    assert errors(wrong) == {"/text": "required", "/urgent": "only-from-school", "/occurredAt": "in-the-future"}
    assert errors(await send(world, world.mother, world.teacher, occurredAt=old)) == {"/occurredAt": "too-far"}
    assert errors(await send(world, world.mother, world.teacher, "")) == {"/text": "out-of-range"}
    assert errors(await send(world, world.mother, world.teacher, "a" * 4001)) == {"/text": "out-of-range"}
    assert errors(await send(world, world.mother, world.teacher, "a\u202eb")) == {"/text": "bad-character"}
    for table in ("message_thread", "message", "message_pace", "alert"):
        assert await run_as_owner(world, f"SELECT count(*) FROM {table}") == 0


async def test_html_is_text(world: World) -> None:
    sent = await write(world, world.mother, world.teacher, "<script>alert(1)</script>\n&amp;")
    assert await texts(world.teacher, sent["threadId"]) == ["<script>alert(1)</script>\n&amp;"]


async def test_sixty_messages_an_hour_and_no_more(world: World) -> None:
    thread = (await write(world, world.mother, world.teacher))["threadId"]
    world.clock.move(minutes=5)
    await run_as_owner(world, "UPDATE message_pace SET sent = 58")
    path = f"/v1/threads/{thread}/messages"
    flood = await asyncio.gather(*(world.mother.post(path, {"text": "ау"}) for _ in range(4)))
    assert sorted(answer.status_code for answer in flood) == [201, 201, 429, 429]
    refused = next(answer for answer in flood if answer.status_code == 429)
    assert (refused.headers["retry-after"], refused.json()["code"]) == ("3301", "too-many-requests")
    assert (await write(world, world.father, world.teacher))["number"] == 1
    world.clock.move(minutes=55)
    await world.reissue()
    assert (await reply(world.mother, thread))["number"] == 4


async def test_the_database_itself_shows_threads_to_their_two_people_only(world: World) -> None:
    await write(world, world.mother, world.teacher)
    seen = {}
    for who in ("mother", "teacher", "father", "deputy", "class_teacher"):
        async with world.database.transaction(getattr(world, who).id) as session:
            counts = [
                (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
                for table in ("message_thread", "message")
            ]
        seen[who] = counts
    assert seen == {"mother": [1, 1], "teacher": [1, 1], "father": [0, 0], "deputy": [0, 0], "class_teacher": [0, 0]}
