"""Every alert that the product is named for: fact, recipients, texts."""

from datetime import timedelta

import pytest

from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import World


async def test_homework(world: World, standin: Standin, worker: Worker) -> None:
    told = [await give_handset(world, standin, who) for who in (world.mother, world.student, world.neighbour)]
    due = str(world.today + timedelta(days=1))
    await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", {"dueOn": due, "text": "№ 412"})
    await deliver(worker)
    assert [handset.texts() for handset in told] == [
        ["Иван: задано на дом | Математика на 19 ноября"],
        ["Иван: задано на дом | Математика на 19 ноября"],
        ["Пётр: задано на дом | Математика на 19 ноября"],
    ]


async def test_absence_tells_parents_not_the_child(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    child = await give_handset(world, standin, world.student)
    entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    await deliver(worker)
    assert mother.texts() == ["Иван не на уроке | урок 3: Математика"]
    assert child.received == []


async def test_absence_with_a_notice_alarms_nobody(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    day = str(world.today)
    notice = {"firstDay": day, "lastDay": day, "reason": "illness"}
    filed = await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)
    assert filed.json()["days"] == [{"day": day, "state": "covered", "lessons": 2, "numbers": [3, 4]}]
    entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    await deliver(worker)
    assert mother.received == []


async def test_absence_notice_tells_class_teacher_and_the_other_parent(
    world: World, standin: Standin, worker: Worker
) -> None:
    people = (world.class_teacher, world.father, world.mother, world.student, world.teacher)
    handsets = [await give_handset(world, standin, who) for who in people]
    day = str(world.today + timedelta(days=1))
    notice = {"firstDay": day, "lastDay": day, "reason": "illness", "comment": "температура"}
    await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)
    await deliver(worker)
    text = ["Иван, 5А: не будет в школе | 19 ноября"]
    assert [handset.texts() for handset in handsets] == [text, text, [], [], []]


@pytest.mark.parametrize("caller", ["class_teacher", "deputy"])
async def test_meeting_calls_each_parent_once(world: World, standin: Standin, worker: Worker, caller: str) -> None:
    parents = [await give_handset(world, standin, who) for who in (world.mother, world.father, world.neighbour)]
    others = [await give_handset(world, standin, who) for who in (world.student, world.stranger)]
    starts = world.clock.now + timedelta(days=3)
    body = {
        "title": "Итоги", "place": "каб. 12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    answer = await getattr(world, caller).post(f"/v1/classes/{world.school.class_id}/meetings", body)
    assert answer.status_code == 201
    await deliver(worker)
    text = ["Родительское собрание, 5А | 21 ноября, 12:00, каб. 12. Итоги"]
    assert [handset.texts() for handset in parents] == [text, text, text]
    assert all(handset.received == [] for handset in others)
