"""Those who run the server see and answer what no school answers, and nothing else."""

import httpx
import pytest

from backend.core.errors import SetupError
from backend.core.settings import Settings
from backend.support_desk import go_on, list_requests, show_request
from tests.conftest import MovableClock
from tests.push.fixtures import run_as_owner
from tests.support.conftest import Mailbox
from tests.support.test_entry import ask, confirm
from tests.support.test_requests import asked
from tests.world import World


async def test_a_request_from_the_entry_screen_is_answered_by_mail(
    client: httpx.AsyncClient, settings: Settings, mailbox: Mailbox, clock: MovableClock
) -> None:
    number = (await ask(client, phone="+7 912 345-67-89")).json()["number"]
    assert [line.split()[0] for line in await list_requests(settings, clock.now, closed=False)] == [number]
    shown = "\n".join(await show_request(settings, number, clock.now))
    for word in ("Логин с листа не подходит", "anna@example.org (to-confirm)", "+79123456789"):
        assert word in shown

    assert "to-confirm" in await go_on(settings, number, "waiting", "В какой вы школе?", clock.now)
    assert len(await mailbox.mails()) == 1  # nothing goes to an address before its owner has said so
    await confirm(client, number, await mailbox.code("anna@example.org"))
    assert "В какой вы школе?" in (await mailbox.texts("anna@example.org"))[-1]
    await go_on(settings, number, "answered", "Пароль выдаст школа", clock.now)
    assert "Пароль выдаст школа" in (await mailbox.texts("anna@example.org"))[-1]
    assert "в приложении, в этом же" not in (await mailbox.texts("anna@example.org"))[-1]

    await go_on(settings, number, "closed", None, clock.now)
    assert await list_requests(settings, clock.now, closed=False) == []
    assert len(await list_requests(settings, clock.now, closed=True)) == 1


async def test_what_a_school_answers_is_not_theirs(world: World, settings: Settings, clock: MovableClock) -> None:
    number = (await asked(world.father))["number"]
    assert await list_requests(settings, clock.now, closed=True) == []
    with pytest.raises(SetupError, match=number):
        await show_request(settings, number, clock.now)
    with pytest.raises(SetupError, match=number):
        await go_on(settings, number, "answered", "Готово", clock.now)


async def test_the_person_is_told_in_the_app_too(world: World, settings: Settings, clock: MovableClock) -> None:
    made = await asked(world.administrator)
    await go_on(settings, made["number"], "answered", "Готово", clock.now)
    seen = (await world.administrator.get(f"/v1/support-requests/{made['id']}")).json()
    assert (seen["state"], seen["changes"][-1]["text"]) == ("answered", "Готово")
    (alert,) = (await world.administrator.get("/v1/alerts")).json()["items"]
    assert (alert["body"], alert["target"]["entityId"]) == (
        {"kind": "support-answered", "number": made["number"], "status": "answered"}, made["id"]
    )  # fmt: skip


async def test_what_cannot_be_done_is_said(client: httpx.AsyncClient, settings: Settings, clock: MovableClock) -> None:
    number = (await ask(client)).json()["number"]
    for state, text, says in (("answered", "", "needs a text"), ("new", "x", "no state")):
        with pytest.raises(SetupError, match=says):
            await go_on(settings, number, state, text, clock.now)
    await go_on(settings, number, "closed", None, clock.now)
    with pytest.raises(SetupError, match="is closed"):
        await go_on(settings, number, "answered", "Поздно", clock.now)


async def test_what_a_school_without_administrator_does_not_answer_they_do(
    world: World, settings: Settings, clock: MovableClock
) -> None:
    number = (await asked(world.father))["number"]
    await run_as_owner(world, f"UPDATE school_role SET ends = starts WHERE account_id = '{world.administrator.id}'")
    assert [line.split()[0] for line in await list_requests(settings, clock.now, closed=False)] == [number]
    assert "answered" in await go_on(settings, number, "answered", "Готово", clock.now)
