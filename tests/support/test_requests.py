"""Requests of people who are signed in: asked, answered by the school's administrator, gone on with, closed."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.identity.models import Account
from backend.school.models import SchoolRole
from backend.support.jobs import forget_old_requests
from push.standin.server import Standin
from push.worker import Worker
from tests.files.samples import pdf, upload
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.support.conftest import Mailbox
from tests.world import STARTS, Someone, World, errors


async def ask(who: Someone, **more: Any) -> Any:
    body = {"kind": "wrong-data", "subject": "Дата рождения", "text": "В дневнике не тот год"} | more
    return await who.post("/v1/support-requests", body)


async def asked(who: Someone, **more: Any) -> dict[str, Any]:
    answer = await ask(who, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def answer(who: Someone, request: dict[str, Any], state: str = "answered", **more: Any) -> Any:
    body = {"state": state, "version": request["version"]} | more
    return await who.call("PUT", f"/v1/support-requests/{request['id']}/answer", body)


async def test_a_request_has_a_number_and_the_administrator_answers_it(world: World) -> None:
    made = await asked(world.father, email="a@b.example", phone="8 912 345-67-89", appVersion="1.4.0", platform="ios")
    assert made["number"].startswith("2026-")
    assert (made["state"], made["handler"], made["phone"]) == ("new", "school", "+79123456789")
    listed = (await world.administrator.get(f"/v1/schools/{world.school.id}/support-requests")).json()["items"]
    assert [(item["number"], item["person"]) for item in listed] == [(made["number"], "Петров Сергей")]

    done = (await answer(world.administrator, made, text="Исправили")).json()
    assert (done["state"], done["version"], done["email"], done["platform"]) == ("answered", 2, "a@b.example", "ios")
    seen = (await world.father.get(f"/v1/support-requests/{made['id']}")).json()
    assert [(change["side"], change["state"], change["text"], change["by"]) for change in seen["changes"]] == [
        ("person", "new", "В дневнике не тот год", None),
        ("support", "answered", "Исправили", None),
    ]
    assert [change["by"] for change in done["changes"]] == ["Петров Сергей", "Петров Олег"]


async def test_who_asked_writes_more_and_closes(world: World) -> None:
    made = await asked(world.father)
    await answer(world.administrator, made, text="Исправили")
    path = f"/v1/support-requests/{made['id']}"
    more = await world.father.post(f"{path}/messages", {"text": "Месяц тоже не тот"})
    assert (more.status_code, more.json()["state"], more.json()["version"]) == (201, "in-progress", 3)
    for _ in range(2):
        assert (await world.father.put(f"{path}/closing")).status_code == 204
    assert (await world.father.get(path)).json()["version"] == 4
    late = await world.father.post(f"{path}/messages", {"text": "И ещё"})
    assert (late.status_code, late.json()["code"]) == (409, "request-closed")
    stale = await answer(world.administrator, made, text="Поздно")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    closed = await answer(world.administrator, {"id": made["id"], "version": 4}, text="Поздно")
    assert (closed.status_code, closed.json()["code"]) == (409, "request-closed")


async def test_changes_are_appended_and_never_rewritten(world: World) -> None:
    made = await asked(world.father)
    await answer(world.administrator, made, "in-progress")
    again = await answer(world.administrator, made | {"version": 2}, "in-progress")
    assert again.json()["version"] == 2
    for statement in ("UPDATE support_change SET body = 'x'", "DELETE FROM support_change"):
        with pytest.raises(Exception, match="permission denied"):
            async with world.database.transaction() as session:
                await session.execute(text(statement))


async def test_who_asked_is_told_without_a_text(world: World, standin: Standin, worker: Worker) -> None:
    father, mother = [await give_handset(world, standin, who) for who in (world.father, world.mother)]
    made = await asked(world.father)
    await answer(world.administrator, made, text="Секретный ответ")
    await deliver(worker)
    assert father.texts() == [f"Поддержка: обращение {made['number']} | Есть ответ"]
    assert father.opened()[0]["target"] == {"screen": "support", "childId": None, "date": None, "entityId": made["id"]}
    assert mother.received == []


async def test_answers_are_mailed_to_an_address_that_is_the_persons(world: World, mailbox: Mailbox) -> None:
    await run_as_owner(world, f"UPDATE account SET email = 'Sergey@example.org' WHERE id = '{world.father.id}'")
    made = await asked(world.father, email="sergey@example.org")
    assert made["answersByMail"] == "yes"
    await answer(world.administrator, made, "waiting", text="Какой год верен?")
    (mail,) = await mailbox.mails()
    assert mail["Subject"] == f"Мой дневник: обращение {made['number']}, ждёт вашего ответа"
    assert "Какой год верен?" in mail.get_content()
    assert "help@school.example, +74950000000" in mail.get_content()
    await world.father.post(f"/v1/support-requests/{made['id']}/messages", {"text": "2014"})
    await world.father.put(f"/v1/support-requests/{made['id']}/closing")
    subjects = [mail["Subject"].rpartition(", ")[2] for mail in await mailbox.mails()]
    assert subjects == ["ждёт вашего ответа", "взято в работу", "закрыто"]


async def test_an_address_that_is_not_the_persons_is_confirmed_first_and_once(world: World, mailbox: Mailbox) -> None:
    made = await asked(world.father, email="other@example.org")
    assert made["answersByMail"] == "to-confirm"
    await answer(world.administrator, made, text="Исправили")
    (question,) = await mailbox.texts("other@example.org")
    assert made["number"] in question
    assert "Исправили" not in question
    confirm = {"number": made["number"], "code": await mailbox.code("other@example.org")}
    said = await world.client.post("/v1/app/support-confirmations", json=confirm)
    assert said.status_code == 204
    assert "Исправили" in (await mailbox.texts("other@example.org"))[-1]
    assert (await asked(world.father, email="Other@example.org"))["answersByMail"] == "yes"
    assert (await asked(world.mother, email="other@example.org", schoolId=str(world.school.id)))[
        "answersByMail"
    ] == "to-confirm"


async def test_mails_are_in_the_persons_language(world: World, mailbox: Mailbox) -> None:
    await world.father.patch("/v1/me", {"language": "en"})
    await run_as_owner(world, f"UPDATE account SET email = 'sergey@example.org' WHERE id = '{world.father.id}'")
    made = await asked(world.father, email="sergey@example.org")
    await answer(world.administrator, made, "in-progress")
    await world.father.put(f"/v1/support-requests/{made['id']}/closing")
    assert [mail["Subject"] for mail in await mailbox.mails()] == [
        f"My Diary: request {made['number']}, in the works", f"My Diary: request {made['number']}, closed"
    ]  # fmt: skip


async def test_what_was_answered_before_the_address_was_confirmed_is_in_the_first_mail(
    world: World, mailbox: Mailbox
) -> None:
    made = await asked(world.father, email="other@example.org")
    said = (("waiting", "Какой год верен?"), ("answered", "Исправили"), ("closed", None))
    for version, (state, words) in enumerate(said, start=1):
        await answer(world.administrator, made | {"version": version}, state, text=words)
    confirm = {"number": made["number"], "code": await mailbox.code("other@example.org")}
    await world.client.post("/v1/app/support-confirmations", json=confirm)
    mail = (await mailbox.mails())[-1]
    assert mail["Subject"] == f"Мой дневник: обращение {made['number']}, закрыто"
    assert mail.get_content().index("Какой год верен?") < mail.get_content().index("Исправили")


async def test_all_that_is_wrong_is_named_at_once(world: World) -> None:
    theirs = (await upload(world.mother, pdf())).json()["id"]
    wrong = await ask(
        world.father, kind="complaint", subject="", text="a\u202eb", email="anna", phone="12345", platform="dos"
    )
    assert errors(wrong) == {
        "/kind": "not-one-of", "/subject": "out-of-range", "/text": "bad-character", "/platform": "not-one-of",
    }  # fmt: skip
    wrong = await ask(
        world.father, subject=" \t", text="\n", email="anna@", phone="12345", files=[theirs, str(uuid4())]
    )
    assert errors(wrong) == {
        "/subject": "required", "/text": "required", "/email": "bad-email", "/phone": "bad-phone",
        "/files/0": "unknown-file", "/files/1": "unknown-file",
    }  # fmt: skip
    assert (await world.father.get("/v1/support-requests")).json() == {"items": [], "next": None}


async def test_html_is_text(world: World) -> None:
    tricky = "<script>alert(1)</script> & { $number }"
    made = await asked(world.father, subject=tricky, text=tricky)
    assert (made["subject"], made["changes"][0]["text"]) == (tricky, tricky)


async def test_an_answer_has_a_text(world: World) -> None:
    made = await asked(world.father)
    for state, more in (("answered", {}), ("waiting", {"text": " "}), ("closed", {"text": "\t"})):
        assert errors(await answer(world.administrator, made, state, **more)) == {"/text": "required"}
    assert errors(await answer(world.administrator, made, "new")) == {"/state": "not-one-of"}
    assert (await answer(world.administrator, made, "closed")).json()["state"] == "closed"


async def test_files_are_read_by_who_asked_and_who_answers(world: World) -> None:
    file = (await upload(world.father, pdf())).json()["id"]
    made = await asked(world.father, files=[file])
    assert [attached["id"] for attached in made["changes"][0]["files"]] == [file]
    for who, status in (
        (world.father, 200), (world.administrator, 200), (world.mother, 404), (world.deputy, 404), (world.stranger, 404)
    ):  # fmt: skip
        assert (await who.get(f"/v1/files/{file}")).status_code == status
    later = (await upload(world.father, pdf())).json()["id"]
    path = f"/v1/support-requests/{made['id']}/messages"
    more = await world.father.post(path, {"text": "Вот справка", "files": [later]})
    assert [attached["id"] for attached in more.json()["changes"][1]["files"]] == [later]


async def test_a_person_of_two_schools_names_one(world: World) -> None:
    assert errors(await ask(world.mother)) == {"/schoolId": "required"}
    there = await asked(world.mother, schoolId=str(world.elsewhere.id))
    assert there["handler"] == "operators"  # that school has no administrator
    foreign = await ask(world.father, schoolId=str(world.elsewhere.id))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not-found")


async def test_who_has_no_school_asks_those_who_run_the_server(world: World) -> None:
    made = await asked(world.former)
    assert (made["handler"], made["schoolId"]) == ("operators", None)
    file = (await upload(world.former, pdf())).json()["id"]
    assert errors(await ask(world.former, files=[file])) == {"/files": "only-to-a-school"}


async def test_an_administrator_does_not_answer_themselves(world: World) -> None:
    made = await asked(world.administrator)
    assert made["handler"] == "operators"
    assert (await answer(world.administrator, made, text="Сам")).status_code == 404
    listed = await world.administrator.get(f"/v1/schools/{world.school.id}/support-requests")
    assert listed.json()["items"] == []


async def test_another_schools_administrator_and_a_former_one_see_nothing(world: World) -> None:
    made = await asked(world.father)
    role = SchoolRole(account_id=world.stranger.id, school_id=world.elsewhere.id, role="administrator", starts=STARTS)
    await world.add(role)
    for path in (f"/v1/support-requests/{made['id']}", f"/v1/schools/{world.school.id}/support-requests"):
        assert (await world.stranger.get(path)).status_code == 404
    found = await world.stranger.get(
        f"/v1/schools/{world.elsewhere.id}/support-requests?number={made['number']}"
    )  # fmt: skip
    assert found.json()["items"] == []
    await run_as_owner(world, f"UPDATE school_role SET ends = starts WHERE account_id = '{world.administrator.id}'")
    assert (await world.administrator.get(f"/v1/support-requests/{made['id']}")).status_code == 404
    assert (await world.father.get(f"/v1/support-requests/{made['id']}")).status_code == 200


async def test_lists_are_filtered_and_paged(world: World) -> None:
    made = []
    for _ in range(3):
        made += [(await asked(world.father))["number"] for _ in range(18)]
        world.clock.move(days=1, seconds=1)
        await world.reissue()
    path = f"/v1/schools/{world.school.id}/support-requests"
    first = (await world.administrator.get(path)).json()
    second = (await world.administrator.get(f"{path}?after={first['next']}")).json()
    assert [item["number"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None
    own = (await world.father.get("/v1/support-requests")).json()
    assert (len(own["items"]), {item["person"] for item in own["items"]}) == (50, {None})
    one = (await world.administrator.get(f"{path}?number={made[7]}&state=new")).json()["items"]
    assert [item["number"] for item in one] == [made[7]]
    assert (await world.administrator.get(f"{path}?state=closed")).json()["items"] == []
    foreign = await world.mother.get(f"/v1/support-requests?after={first['next']}")
    assert foreign.json()["errors"][0]["code"] == "bad-cursor"


async def test_nobody_writes_without_end(world: World) -> None:
    made = await asked(world.father)
    path = f"/v1/support-requests/{made['id']}/messages"
    answers = await asyncio.gather(*(world.father.post(path, {"text": "Ау"}) for _ in range(22)))
    assert sorted(found.status_code for found in answers) == [201] * 19 + [429] * 3
    assert (await ask(world.father)).status_code == 429
    assert (await ask(world.student)).status_code == 201
    world.clock.move(days=1)
    await world.reissue()
    assert (await ask(world.father)).status_code == 201


async def test_two_answers_at_once_are_one(world: World) -> None:
    made = await asked(world.father)
    answers = await asyncio.gather(*(answer(world.administrator, made, text=f"Ответ {n}") for n in range(4)))
    assert sorted(found.status_code for found in answers) == [200, 412, 412, 412]


async def test_a_request_sent_twice_is_one(world: World) -> None:
    body = {"kind": "wish", "subject": "Тема", "text": "Хочу тёмную тему"}
    first, second = [
        await world.father.post("/v1/support-requests", body, **{"Idempotency-Key": "k1"}) for _ in range(2)
    ]  # fmt: skip
    assert first.json() == second.json()
    assert len((await world.father.get("/v1/support-requests")).json()["items"]) == 1


async def test_what_is_over_is_forgotten_after_three_years(world: World) -> None:
    file = (await upload(world.father, pdf())).json()["id"]
    old = await asked(world.father, files=[file])
    await answer(world.administrator, old, "closed")
    still_open = await asked(world.father)
    end = world.clock.now + timedelta(days=3 * 365)
    for moment, forgotten in ((end, 0), (end + timedelta(seconds=1), 1), (end + timedelta(seconds=1), 0)):
        async with world.database.transaction() as session:
            assert await forget_old_requests(session, moment) == forgotten
    assert (await world.father.get(f"/v1/support-requests/{old['id']}")).status_code == 404
    assert (await world.father.get(f"/v1/files/{file}")).status_code == 404
    assert (await world.father.get(f"/v1/support-requests/{still_open['id']}")).status_code == 200
    async with world.database.transaction() as session:
        assert await session.get(Account, world.father.id) is not None
