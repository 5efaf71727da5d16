"""Meetings that are moved or cancelled, and who hears of it; minutes, of which nobody hears."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.core.ids import new_id
from backend.files.models import StoredFile
from push.standin.server import Standin
from push.worker import Worker
from tests.meetings.scenes import call, call_school, made
from tests.push.fixtures import deliver, give_handset
from tests.world import Someone, World, errors

CALLED = "Родительское собрание, 5А | 21 ноября, 12:00, каб. 12. Итоги"


async def change(world: World, meeting: dict[str, Any], who: Someone | None = None, **wish: Any) -> Any:
    body = {"version": meeting["version"]} | wish
    return await (who or world.class_teacher).patch(f"/v1/meetings/{meeting['id']}", body)


async def cancel(world: World, meeting: dict[str, Any], reason: str = "Учитель болен") -> Any:
    body = {"version": meeting["version"], "reason": reason}
    return await world.class_teacher.put(f"/v1/meetings/{meeting['id']}/cancellation", body)


def at(world: World, **later: float) -> dict[str, Any]:
    starts = world.clock.now + timedelta(**later)
    return {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=1)).isoformat()}


@pytest.mark.parametrize(
    ("wish", "ru", "en"),
    [
        (
            {"days": 4},
            "Изменилось собрание, 5А | перенесено с 21 ноября, 12:00 на 22 ноября, 12:00, каб. 12. Итоги",
            "Meeting changed, 5А | moved from 21 November, 12:00 to 22 November, 12:00, каб. 12. Итоги",
        ),
        (
            {"days": 4, "place": "каб. 9"},
            "Изменилось собрание, 5А | перенесено с 21 ноября, 12:00 на 22 ноября, 12:00, новое место: каб. 9. Итоги",
            "Meeting changed, 5А | moved from 21 November, 12:00 to 22 November, 12:00, new place: каб. 9. Итоги",
        ),
        (
            {"place": None, "link": "https://meet.example.org/5a"},
            "Изменилось собрание, 5А | 21 ноября, 12:00, новое место: онлайн. Итоги",
            "Meeting changed, 5А | 21 November, 12:00, new place: online. Итоги",
        ),
    ],
)
async def test_a_move_takes_the_place_of_what_was_said(
    world: World, standin: Standin, worker: Worker, wish: dict[str, Any], ru: str, en: str
) -> None:
    await world.father.patch("/v1/me", {"language": "en"})
    mother = await give_handset(world, standin, world.mother)
    father = await give_handset(world, standin, world.father)
    student = await give_handset(world, standin, world.student)
    meeting = await call(world)
    await deliver(worker)
    world.clock.move(minutes=5)
    wish = dict(wish)
    moment = at(world, days=wish.pop("days"), minutes=-5) if "days" in wish else {}
    moved = made(await change(world, meeting, **moment, **wish))
    await deliver(worker)
    assert moved["version"] == 2
    assert mother.texts() == [CALLED, ru]
    assert father.texts()[1] == en
    assert student.received == []
    assert mother.screen().texts() == [ru]
    assert mother.screen().rung == 2
    inbox = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [(item["kind"], item["withdrawn"]) for item in inbox] == [("meeting-moved", False), ("meeting-called", True)]


async def test_another_link_is_told_of_and_another_title_is_not(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    meeting = await call(world, link="https://meet.example.org/1")
    meeting = made(await change(world, meeting, title="Итоги четверти", agenda="1. Оценки"))
    meeting = made(await change(world, meeting, endsAt=at(world, hours=73)["endsAt"]))
    await deliver(worker)
    assert mother.texts() == [CALLED]
    world.clock.move(minutes=5)
    await change(world, meeting, link="https://meet.example.org/2")
    await deliver(worker)
    assert mother.texts()[1:] == ["Изменилось собрание, 5А | 21 ноября, 12:00, новая ссылка. Итоги четверти"]


async def test_the_same_again_changes_nothing(world: World) -> None:
    meeting = await call(world)
    again = made(await change(world, meeting, title="Итоги", place="каб. 12", startsAt=meeting["startsAt"]))
    assert again == meeting
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 1


async def test_a_stale_change_is_refused(world: World) -> None:
    meeting = await call(world)
    await change(world, meeting, title="Первое")
    stale = await change(world, meeting, title="Второе")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert "Первое" in stale.json()["detail"]
    assert (await cancel(world, meeting)).status_code == 412


async def test_of_two_who_change_at_once_one_is_refused(world: World) -> None:
    meeting = await call(world)
    people = (world.class_teacher, world.deputy, world.director)
    changed = await asyncio.gather(
        *(change(world, meeting, who, **at(world, days=number + 5)) for number, who in enumerate(people))
    )
    assert sorted(answer.status_code for answer in changed) == [200, 412, 412]
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 2


async def test_a_cancelled_meeting_is_told_without_the_reason_and_stays_in_the_list(
    world: World, standin: Standin, worker: Worker
) -> None:
    await world.father.patch("/v1/me", {"language": "en"})
    mother, father = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    colleague = await give_handset(world, standin, world.teacher)
    meeting = await call(world, staffIds=[str(world.teacher.id)])
    await world.mother.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": False})
    await deliver(worker)
    world.clock.move(minutes=5)
    gone = made(await cancel(world, meeting))
    await deliver(worker)
    ru = "Собрание отменено, 5А | 21 ноября, 12:00. Итоги"
    assert (gone["state"], gone["cancelReason"]) == ("cancelled", "Учитель болен")
    assert [handset.texts()[-1] for handset in (mother, colleague)] == [ru, ru]
    assert father.texts()[-1] == "Meeting cancelled, 5А | 21 November, 12:00. Итоги"
    (item,) = (await world.mother.get(f"/v1/children/{world.ivan}/meetings")).json()["items"]
    assert (item["state"], item["cancelReason"], item["coming"]) == ("cancelled", "Учитель болен", False)
    again = await cancel(world, gone)
    assert (again.status_code, again.json()["code"]) == (409, "meeting-cancelled")
    assert (await change(world, gone, title="Всё-таки")).json()["code"] == "meeting-cancelled"
    late = await world.father.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": True})
    assert late.json()["code"] == "meeting-cancelled"


async def test_what_has_begun_is_not_changed(world: World) -> None:
    meeting = await call(world, 1)
    world.clock.move(hours=1)
    await world.reissue()
    for answer in (await change(world, meeting, title="Поздно"), await cancel(world, meeting)):
        assert (answer.status_code, answer.json()["code"]) == (409, "meeting-begun")


async def test_a_change_that_cannot_be_is_refused_whole(world: World) -> None:
    meeting = await call(world)
    yesterday = at(world, days=-1)["startsAt"]
    answer = await change(world, meeting, title="Новое", startsAt=yesterday, place=None)
    assert errors(answer) == {"/startsAt": "in-the-past", "/endsAt": "too-long", "/place": "place-or-link"}
    assert made(await world.mother.get(f"/v1/meetings/{meeting['id']}"))["title"] == "Итоги"


async def test_answers_outlive_a_move(world: World) -> None:
    meeting = await call(world)
    await world.mother.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": True})
    await change(world, meeting, **at(world, days=5))
    answers = (await world.class_teacher.get(f"/v1/meetings/{meeting['id']}/answers")).json()
    assert (answers["coming"], answers["silent"]) == (1, 2)


async def test_who_called_it_leads_it_while_working_here(world: World) -> None:
    meeting = await call_school(world, studentIds=[str(world.ivan)])
    assert (await change(world, meeting, world.deputy, title="Разговор")).status_code == 200
    for who in (world.class_teacher, world.teacher, world.mother, world.stranger, world.foreign_teacher):
        assert (await change(world, meeting, who, title="Чужое")).status_code == 404


async def test_minutes_are_attached_when_it_has_begun_and_alert_nobody(world: World) -> None:
    meeting = await call(world, 1)
    path = f"/v1/meetings/{meeting['id']}"
    body = {"version": 1, "text": "Решили: поездка 12 мая."}
    early = await world.class_teacher.put(f"{path}/minutes", body)
    assert (early.status_code, early.json()["code"]) == (409, "meeting-not-begun")
    world.clock.move(hours=3)
    await world.reissue()
    assert made(await world.class_teacher.put(f"{path}/minutes", body))["minutes"] == body["text"]
    assert (await world.class_teacher.put(f"{path}/minutes", body | {"text": "Другое"})).status_code == 412
    for who in (world.mother, world.father, world.neighbour, world.student):
        assert made(await who.get(path))["minutes"] == body["text"]
    assert (await world.stranger.get(path)).status_code == 404
    (item,) = (await world.mother.get(f"/v1/children/{world.ivan}/meetings?when=past")).json()["items"]
    assert item["hasMinutes"] is True
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 1


async def upload(world: World, owner: Someone) -> str:
    """A file that waits to be attached."""
    file = StoredFile(
        id=new_id(), uploaded_by=owner.id, name="протокол.pdf", media_type="application/pdf", size=7,
        uploaded_at=world.clock.now,
    )  # fmt: skip
    await world.add(file)
    return str(file.id)


async def test_files_of_the_minutes_are_for_those_who_see_the_meeting(world: World) -> None:
    meeting = await call(world, 1)
    world.clock.move(hours=2)
    await world.reissue()
    file, foreign = await upload(world, world.class_teacher), await upload(world, world.deputy)
    path = f"/v1/meetings/{meeting['id']}"
    body = {"version": 1, "text": "Протокол во вложении."}
    refused = await world.class_teacher.put(f"{path}/minutes", body | {"files": [file, foreign]})
    assert errors(refused) == {"/files/1": "unknown-file"}
    assert made(await world.mother.get(path))["minutes"] is None
    made(await world.class_teacher.put(f"{path}/minutes", body | {"files": [file]}))
    (seen,) = made(await world.mother.get(path))["files"]
    assert (seen["id"], seen["name"]) == (file, "протокол.pdf")
    for who, status in ((world.mother, 200), (world.deputy, 200), (world.stranger, 404), (world.former, 404)):
        assert (await who.get(f"/v1/files/{file}")).status_code == status
    both = made(await world.deputy.put(f"{path}/minutes", body | {"version": 2, "files": [foreign, file]}))
    assert [item["id"] for item in both["files"]] == [foreign, file]
    made(await world.deputy.put(f"{path}/minutes", body | {"version": 3}))
    assert (await world.mother.get(f"/v1/files/{file}")).status_code == 404


async def test_a_cancelled_meeting_has_no_minutes(world: World) -> None:
    gone = made(await cancel(world, await call(world, 1)))
    world.clock.move(hours=2)
    await world.reissue()
    body = {"version": gone["version"], "text": "Ничего"}
    answer = await world.class_teacher.put(f"/v1/meetings/{gone['id']}/minutes", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "meeting-cancelled")
