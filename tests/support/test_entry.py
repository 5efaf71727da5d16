"""Requests of people who cannot sign in: what an abuser gets out of it is next to nothing."""

from typing import Any

import httpx
import pytest

from backend.app import build_app
from backend.core.db import Database
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.parts import Parts
from tests.conftest import MovableClock
from tests.push.fixtures import run_as_owner
from tests.support.conftest import Mailbox
from tests.world import World

ASKED = {"kind": "sign-in", "subject": "Не пускает", "text": "Логин с листа не подходит", "email": "anna@example.org"}


async def ask(client: httpx.AsyncClient, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    return await client.post("/v1/app/support-requests", json=ASKED | more, headers=headers)


async def confirm(client: httpx.AsyncClient, number: str, code: str) -> httpx.Response:
    return await client.post("/v1/app/support-confirmations", json={"number": number, "code": code})


async def test_the_first_mail_has_a_number_and_a_code_and_nothing_of_the_request(
    client: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    made = await ask(client, phone="+7 912 345-67-89")
    assert made.status_code == 201
    assert made.json() == {"number": made.json()["number"], "answersByMail": "to-confirm"}
    (mail,) = await mailbox.mails()
    whole = f"{mail['Subject']} {mail.get_content()}"
    assert made.json()["number"] in whole
    for word in ("Не пускает", "Логин", "912"):
        assert word not in whole
    assert len(mail.get_content()) < 400


async def test_in_the_language_of_the_app(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await ask(client, {"accept-language": "en"})
    (mail,) = await mailbox.mails()
    assert mail["Subject"].endswith("confirmation code")


async def test_what_is_answered_says_nothing_of_accounts(world: World) -> None:
    await run_as_owner(world, f"UPDATE account SET email = 'anna@example.org' WHERE id = '{world.mother.id}'")
    known, unknown = await ask(world.client), await ask(world.client, email="nobody@example.org")
    assert known.status_code == unknown.status_code == 201
    assert known.json().keys() == unknown.json().keys()
    assert known.json()["answersByMail"] == unknown.json()["answersByMail"] == "to-confirm"


async def test_an_address_gets_three_mails(client: httpx.AsyncClient, mailbox: Mailbox, clock: MovableClock) -> None:
    addresses = ("anna@example.org", "Anna@Example.org", "anna@example.org", "ANNA@example.org")
    codes = [(await ask(client, email=email)).status_code for email in addresses]
    assert codes == [201, 201, 201, 429]
    assert len(await mailbox.mails()) == 3
    clock.move(days=1)
    assert (await ask(client)).status_code == 201


async def test_from_one_place_twenty_requests_an_hour(client: httpx.AsyncClient, clock: MovableClock) -> None:
    found = [await ask(client, email=f"a{number}@example.org") for number in range(21)]
    assert [answer.status_code for answer in found] == [201] * 20 + [429]
    assert int(found[-1].headers["Retry-After"]) == 3600
    clock.move(hours=1)
    assert (await ask(client, email="b@example.org")).status_code == 201


async def test_only_the_right_code_confirms(client: httpx.AsyncClient, mailbox: Mailbox, clock: MovableClock) -> None:
    number = (await ask(client)).json()["number"]
    other = (await ask(client, email="other@example.org")).json()["number"]
    code = await mailbox.code("anna@example.org")
    for wrong in ((number, "aaaaaaaaaa"), (other, code), ("2026-999999", code), (number, "ключ")):
        answer = await confirm(client, *wrong)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "wrong-code")
    for _ in range(2):  # said twice it is no error
        assert (await confirm(client, number, f" {code.upper()} ")).status_code == 204
    clock.move(days=7, seconds=1)
    late = await confirm(client, other, await mailbox.code("other@example.org"))
    assert late.json()["errors"][0]["code"] == "wrong-code"


async def test_codes_cannot_be_tried_without_end(client: httpx.AsyncClient) -> None:
    number = (await ask(client)).json()["number"]
    tries = [(await confirm(client, number, "aaaaaaaaaa")).status_code for _ in range(61)]
    assert tries == [422] * 60 + [429]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"email": "anna"}, {"/email": "bad-email"}),
        ({"email": "anna@example.org\r\nBcc: all@example.org"}, {"/email": "bad-email"}),
        ({"email": "a@b.example,c@d.example", "phone": "позвоните", "text": " "},
         {"/email": "bad-email", "/phone": "bad-phone", "/text": "required"}),
        ({"text": "a" * 2001}, {"/text": "out-of-range"}),
        ({"subject": "a\u2066b", "kind": "x"}, {"/subject": "bad-character", "/kind": "not-one-of"}),
        ({"files": []}, {"/files": "unknown-field"}),
        ({"schoolId": "x"}, {"/schoolId": "unknown-field"}),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_named(
    client: httpx.AsyncClient, mailbox: Mailbox, more: dict[str, Any], found: dict[str, str]
) -> None:
    answer = await ask(client, **more)
    assert answer.status_code == 422
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == found
    assert await mailbox.mails() == []


async def test_sent_twice_it_is_one(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    first, second = [await ask(client, {"Idempotency-Key": "k"}) for _ in range(2)]
    assert first.json() == second.json()
    assert len(await mailbox.mails()) == 1
    assert (await ask(client, {"Idempotency-Key": "k"}, text="Другое")).json()["code"] == "idempotency-key-reused"


async def test_without_mail_the_answer_says_so(world: World, settings: Settings, clock: MovableClock) -> None:
    bare = settings.model_copy(update={"mail_url": "", "mail_from": ""})
    redis = connect_redis(settings.redis_url)
    database = Database(settings.database_url, pool=2)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build_app(Parts(bare, database, redis, clock))),  # type: ignore[arg-type]
        base_url="http://diary.test",
    ) as client:
        assert (await ask(client)).json()["answersByMail"] == "not-set-up"
        assert (await client.get("/v1/app")).json()["support"]["answersByMail"] is False
    await database.close()
    await redis.aclose()
    info = (await world.client.get("/v1/app")).json()
    contact = {"email": "help@school.example", "phone": "+74950000000"}
    assert info["support"] == contact | {"answersByMail": True}
    assert info["administrator"] == {"email": "office@school.example", "phone": "+74950000001"}


async def test_without_redis_one_can_still_ask(settings: Settings, database: Database, clock: MovableClock) -> None:
    gone = connect_redis("redis://127.0.0.1:1/0")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build_app(Parts(settings, database, gone, clock))),  # type: ignore[arg-type]
        base_url="http://diary.test",
    ) as client:
        assert [(await ask(client)).status_code for _ in range(4)] == [201, 201, 201, 429]
    await gone.aclose()
