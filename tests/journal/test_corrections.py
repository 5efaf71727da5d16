"""Free for the author on the day itself, later with a reason and the deputy's approval; always with a trace."""

from datetime import date

import pytest
from sqlalchemy import text

from backend.core.ids import new_id
from backend.journal.models import PeriodClosing
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.world import World


async def marked(world: World, value: str = "2") -> str:
    """A mark of yesterday."""
    work = await world.give_work()
    await world.set_mark(value, work)
    world.clock.move(days=1)
    await world.reissue()
    return work


async def stands(world: World) -> list[str]:
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day?day={date(2026, 11, 18)}")).json()
    return [mark["value"] for lesson in day["lessons"] for mark in lesson["marks"]]


async def request_id(world: World) -> str:
    (waiting,) = (await world.deputy.get("/v1/corrections")).json()["items"]
    return str(waiting["id"])


async def test_on_the_day_itself_the_author_is_free(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("2", work)
    assert (await world.set_mark("4", work)).json() | {"items": []} == {"items": [], "changed": 1, "pending": 0}


async def test_later_it_needs_a_reason(world: World) -> None:
    work = await marked(world)
    answer = await world.set_mark("4", work)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/marks/0/reason", "reason-required")
    ]


async def test_with_a_reason_it_waits_for_the_deputy(world: World, standin: Standin, worker: Worker) -> None:
    deputy, teacher, mother = [
        await give_handset(world, standin, who) for who in (world.deputy, world.teacher, world.mother)
    ]
    work = await marked(world)
    await deliver(worker)
    answer = (await world.set_mark("4", work, reason="Работа переписана")).json()
    assert (answer["changed"], answer["pending"]) == (0, 1)
    assert await stands(world) == ["2"]
    again = await world.set_mark("5", work, reason="Ещё раз")
    assert again.json()["errors"][0]["code"] == "correction-pending"
    path = f"/v1/corrections/{await request_id(world)}"
    assert (await world.deputy.put(path, {"approve": True})).json()["approved"] is True
    assert await stands(world) == ["4"]
    assert (await world.deputy.put(path, {"approve": False})).json()["code"] == "correction-decided"
    await deliver(worker)
    assert deputy.texts() == ["Просят исправить оценку | Математика, 5А"]
    assert teacher.texts() == ["Решение об исправлении оценки | Математика, 5А: исправлено"]
    assert mother.texts()[-1] == "Иван: оценка исправлена | Математика: исправлено, было 2, теперь 4"


async def test_declined_nothing_changes(world: World) -> None:
    work = await marked(world)
    await world.set_mark("4", work, reason="Работа переписана")
    await world.deputy.put(f"/v1/corrections/{await request_id(world)}", {"approve": False, "answer": "Нет"})
    assert await stands(world) == ["2"]
    assert (await world.deputy.get("/v1/corrections")).json()["items"] == []


async def test_the_deputy_corrects_with_a_reason_and_waits_for_nobody(world: World) -> None:
    work = await marked(world)
    marks = {"marks": [{"studentId": str(world.ivan), "value": "3", "reason": "Апелляция"}]}
    assert (await world.deputy.put(f"/v1/works/{work}/marks", marks)).json()["changed"] == 1


async def test_the_history_shows_who_when_what_and_why(world: World) -> None:
    work = await marked(world)
    await world.set_mark("4", work, reason="Работа переписана")
    await world.deputy.put(f"/v1/corrections/{await request_id(world)}", {"approve": True})
    history = (await world.teacher.get(f"/v1/works/{work}/marks/{world.ivan}/1/history")).json()
    assert [(entry["version"], entry["value"], entry["reason"]) for entry in history["versions"]] == [
        (1, "2", None),
        (2, "4", "Работа переписана"),
    ]
    assert {entry["setBy"] for entry in history["versions"]} == {str(world.teacher.id)}


async def test_in_a_closed_period_nothing_is_written(world: World) -> None:
    work = await marked(world)
    await world.set_mark("4", work, reason="Работа переписана")
    waiting = await request_id(world)
    period = await run_as_owner(world, f"SELECT id FROM period WHERE school_id = '{world.school.id}'")
    await world.add(
        PeriodClosing(
            id=new_id(), school_id=world.school.id, period_id=period, class_id=world.school.class_id, closed=True,
            reason=None, made_by=world.deputy.id, made_at=world.clock.now,
        )
    )  # fmt: skip
    answer = await world.set_mark("5", await world.give_work())
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/marks/0", "period-closed")]
    overtaken = await world.deputy.put(f"/v1/corrections/{waiting}", {"approve": True})
    assert (overtaken.status_code, overtaken.json()["code"]) == (409, "correction-overtaken")


@pytest.mark.parametrize("value", ["4", None])
async def test_what_the_author_changed_meanwhile_is_not_overwritten(world: World, value: str | None) -> None:
    work = await marked(world)
    await world.set_mark("3", work, reason="Первая просьба")
    waiting = await request_id(world)
    marks = {"marks": [{"studentId": str(world.ivan), "value": value, "reason": "Решение завуча"}]}
    async with world.database.transaction() as session:
        await session.execute(text("UPDATE correction_request SET approved = NULL"))
    answer = await world.deputy.put(f"/v1/works/{work}/marks", marks)
    assert answer.json()["errors"][0]["code"] == "correction-pending"
    await world.deputy.put(f"/v1/corrections/{waiting}", {"approve": False})
    assert (await world.deputy.put(f"/v1/works/{work}/marks", marks)).json()["changed"] == 1
