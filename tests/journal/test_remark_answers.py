"""Parents acknowledge remarks and answer them once; the author hears of it, the other parent reads nothing."""

from typing import Any

import pytest

from backend.core.ids import new_id
from backend.school.models import Guardianship, SchoolRole
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import STARTS, Someone, World

SAID = "Поговорим дома"


async def give(world: World) -> str:
    body = {"studentId": str(world.ivan), "kind": "remark", "text": "Забыл тетрадь"}
    return str((await world.teacher.post(f"/v1/lessons/{world.lesson}/remarks", body)).json()["id"])


async def acknowledge(who: Someone, remark: str, text: str | None = None) -> Any:
    return await who.put(f"/v1/remarks/{remark}/acknowledgement", {"text": text})


async def listed(world: World, who: Someone) -> dict[str, Any]:
    (item,) = (await who.get(f"/v1/children/{world.ivan}/remarks")).json()["items"]
    return dict(item)


@pytest.mark.parametrize(
    ("language", "title"),
    [("ru", "Иван: родители ответили на запись | 18 ноября"),
     ("en", "Иван: the parents have answered a remark | 18 November")],
)  # fmt: skip
async def test_the_author_hears_of_an_answer(
    world: World, standin: Standin, worker: Worker, language: str, title: str
) -> None:
    teacher = await give_handset(world, standin, world.teacher)
    others = [await give_handset(world, standin, who) for who in (world.class_teacher, world.student)]
    await world.teacher.patch("/v1/me", {"language": language})
    remark = await give(world)
    answer = await acknowledge(world.mother, remark, SAID)
    assert answer.json() == {"acknowledgedAt": "2026-11-18T09:00:00Z", "answer": SAID}
    await deliver(worker)
    assert teacher.texts() == [title]
    assert teacher.opened()[0]["target"]["entityId"] == remark
    assert SAID not in str(teacher.opened()), "what was answered stays in the diary"
    assert all(handset.received == [] for handset in others)


async def test_without_words_nobody_is_alerted(world: World) -> None:
    remark = await give(world)
    assert (await acknowledge(world.mother, remark)).json()["answer"] is None
    assert (await world.teacher.get("/v1/alerts")).json()["items"] == []
    read = (await world.teacher.get(f"/v1/remarks/{remark}")).json()
    assert [(answer["name"], answer["text"]) for answer in read["answers"]] == [("Петров Анна", None)]


async def test_an_answer_is_said_once(world: World) -> None:
    remark = await give(world)
    await acknowledge(world.mother, remark)
    world.clock.move(minutes=1)
    answers = [await acknowledge(world.mother, remark, text) for text in (SAID, SAID, None, "Другое")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    assert answers[3].json()["code"] == "already-answered"
    assert {answer.json()["acknowledgedAt"] for answer in answers[:3]} == {"2026-11-18T09:00:00Z"}
    assert len((await world.teacher.get("/v1/alerts")).json()["items"]) == 1


async def test_one_parent_never_reads_the_others_words(world: World) -> None:
    remark = await give(world)
    await acknowledge(world.mother, remark, SAID)
    mothers, fathers, childs = [await listed(world, who) for who in (world.mother, world.father, world.student)]
    assert (mothers["answer"], mothers["answers"]) == (SAID, [])
    for other in (fathers, childs):
        assert (other["acknowledgedAt"], other["answer"], other["answers"]) == (None, None, [])
    assert (await listed(world, world.director))["answers"] == []
    for leader in (world.class_teacher, world.deputy):
        (answer,) = (await listed(world, leader))["answers"]
        assert (answer["name"], answer["text"]) == ("Петров Анна", SAID)


async def test_what_was_taken_back_is_not_acknowledged_and_its_answer_leaves_the_inbox(world: World) -> None:
    remark = await give(world)
    await acknowledge(world.mother, remark, SAID)
    await world.deputy.delete(f"/v1/remarks/{remark}")
    assert (await acknowledge(world.father, remark)).status_code == 404
    assert (await world.teacher.get(f"/v1/remarks/{remark}")).status_code == 404
    assert [item["withdrawn"] for item in (await world.teacher.get("/v1/alerts")).json()["items"]] == [True]


async def test_an_author_who_has_left_the_school_hears_and_reads_nothing(world: World) -> None:
    remark = await give(world)
    async with world.database.transaction() as session:
        role = await session.get_one(SchoolRole, (world.teacher.id, world.school.id, "teacher"))
        role.ends = STARTS
    await acknowledge(world.mother, remark, SAID)
    assert (await world.teacher.get("/v1/alerts")).json()["items"] == []
    assert (await world.teacher.get(f"/v1/remarks/{remark}")).status_code == 404


async def test_a_guardian_without_the_right_to_view_acknowledges_nothing(world: World) -> None:
    remark = await give(world)
    link = Guardianship(
        id=new_id(), school_id=world.school.id, student_id=world.ivan, account_id=world.neighbour.id, kind="other",
        may_view=False, may_file_absence=False, receives_push=False, contact_order=5, starts=STARTS,
    )  # fmt: skip
    await world.add(link)
    assert (await acknowledge(world.neighbour, remark)).status_code == 404
