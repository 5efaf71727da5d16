"""What phones show of absence notices (DOMAIN.md sections 8 and 12): who, what, when."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.scheduler import Scheduler
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import World


async def file(world: World, first: int, last: int, **more: object) -> str:
    days = {"firstDay": str(world.today + timedelta(days=first)), "lastDay": str(world.today + timedelta(days=last))}
    answer = await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", days | {"reason": "illness", **more})
    return str(answer.json()["id"])


async def speaks_english(world: World, *people: str) -> None:
    for name in people:
        assert (await getattr(world, name).patch("/v1/me", {"language": "en"})).status_code == 204


async def test_a_change_and_a_cancellation_replace_what_hangs_there(
    world: World, standin: Standin, worker: Worker
) -> None:
    await speaks_english(world, "father")
    await world.lesson_on(world.today + timedelta(days=2), 1)
    teacher, father, mother = [
        await give_handset(world, standin, who) for who in (world.class_teacher, world.father, world.mother)
    ]
    made = await file(world, 1, 1, lessons=[1])
    await deliver(worker)
    assert teacher.screen().texts() == ["Иван, 5А: не будет в школе | 19 ноября, уроки: 1"]
    world.clock.move(minutes=2)
    await world.mother.patch(f"/v1/absence-notices/{made}", {"lastDay": str(world.today + timedelta(days=2))})
    await deliver(worker)
    assert teacher.screen().texts() == ["Иван, 5А: дни отсутствия изменены | 19 ноября – 20 ноября, уроки: 1"]
    changed = "Иван, 5А: the days of absence have changed | 19 November – 20 November, lessons: 1"
    assert father.screen().texts() == [changed]
    world.clock.move(minutes=2)
    await world.mother.put(f"/v1/absence-notices/{made}/cancellation")
    await deliver(worker)
    assert teacher.screen().texts() == ["Иван, 5А: будет в школе | 19 ноября – 20 ноября, уроки: 1"]
    assert mother.received == []


@pytest.mark.parametrize(("accept", "word"), [(True, "accepted"), (False, "declined")])
async def test_only_the_filer_hears_of_the_decision(
    world: World, standin: Standin, worker: Worker, accept: bool, word: str
) -> None:
    await speaks_english(world, "mother")
    made = await file(world, 1, 1)
    mother, father = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    await world.class_teacher.put(f"/v1/absence-notices/{made}/decision", {"accept": accept, "answer": "Ок"})
    await deliver(worker)
    assert mother.texts() == [f"Иван: absence notice | 19 November: {word}"]
    assert father.texts() == ["Иван, 5А: не будет в школе | 19 ноября"]


async def test_without_a_class_teacher_the_deputies_hear_of_it(world: World, standin: Standin, worker: Worker) -> None:
    async with world.database.transaction() as session:
        await session.execute(text("UPDATE school_class SET class_teacher_id = NULL"))
    deputy = await give_handset(world, standin, world.deputy)
    await file(world, 1, 1)
    await deliver(worker)
    assert deputy.texts() == ["Иван, 5А: не будет в школе | 19 ноября"]


async def test_at_0710_the_filer_is_asked_who_is_back(world: World, standin: Standin, worker: Worker) -> None:
    """Ill on Wednesday: on Thursday at 07:10 the mother is asked, and extends with one tap; the question goes."""
    made = await file(world, 0, 0)
    mother, father = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    await deliver(worker)
    scheduler = Scheduler("one", world.database, world.clock)
    world.clock.move(hours=19, minutes=9)
    await scheduler.tick()
    await deliver(worker)
    assert mother.screen().texts() == []
    world.clock.move(minutes=1)
    await scheduler.tick()
    await scheduler.tick()
    await deliver(worker)
    assert mother.texts() == ["Иван сегодня в школе? | Если нет, продлите сообщение об отсутствии"]
    assert father.screen().texts() == ["Иван, 5А: не будет в школе | 18 ноября"]
    await world.reissue()
    await world.mother.patch(f"/v1/absence-notices/{made}", {"lastDay": str(world.today)})
    await deliver(worker)
    world.clock.move(seconds=6)  # what has to go from screens is gathered
    await deliver(worker)
    assert mother.screen().texts() == []


@pytest.mark.parametrize(
    "said", ["another notice", "an excuse", "cancelled", "lessons only", "no lessons", "too late", "seen too late"]
)
async def test_nobody_is_asked_where_it_makes_no_sense(
    world: World, standin: Standin, worker: Worker, said: str
) -> None:
    day = world.today + timedelta(days=1)
    await file(world, 0, 0, **({"lessons": [3]} if said == "lessons only" else {}))
    if said == "another notice":
        body = {"firstDay": str(day), "lastDay": str(day), "reason": "family"}
        await world.father.post(f"/v1/children/{world.ivan}/absence-notices", body)
    if said == "an excuse":
        body = {"firstDay": str(day), "lastDay": str(day), "state": "excused"}
        await world.class_teacher.put(f"/v1/children/{world.ivan}/excuses", body)
    if said == "cancelled":
        notice = (await world.mother.get(f"/v1/children/{world.ivan}/absence-notices")).json()["items"][0]["id"]
        await world.class_teacher.put(f"/v1/absence-notices/{notice}/decision", {"accept": False, "answer": "Нет"})
    if said == "no lessons":
        async with world.database.transaction() as session:
            await session.execute(text("UPDATE lesson SET state = 'cancelled' WHERE day = :day"), {"day": day})
    mother = await give_handset(world, standin, world.mother)
    # The first lesson of tomorrow begins at 10:00.
    world.clock.move(hours=22 if said == "too late" else 19, minutes=11)
    await Scheduler("one", world.database, world.clock).tick()
    if said == "seen too late":  # the phone was off until the lessons began
        world.clock.move(hours=3)
    await deliver(worker)
    assert not any("в школе?" in shown for shown in mother.texts())


async def test_an_excuse_that_was_taken_back_answers_no_question(
    world: World, standin: Standin, worker: Worker
) -> None:
    await file(world, 0, 0)
    day = str(world.today + timedelta(days=1))
    for state in ("excused", None):
        await world.class_teacher.put(
            f"/v1/children/{world.ivan}/excuses", {"firstDay": day, "lastDay": day, "state": state}
        )
    mother = await give_handset(world, standin, world.mother)
    world.clock.move(hours=19, minutes=11)
    await Scheduler("one", world.database, world.clock).tick()
    await deliver(worker)
    assert [text for text in mother.texts() if "в школе?" in text] != []


async def test_a_long_notice_is_made_longer_by_the_answer_to_the_question(world: World) -> None:
    """31 days are the most that can be filed; whoever is asked at 07:10 answers by one tap all the same."""
    made = await file(world, 0, 30)
    world.clock.move(days=31)
    await world.reissue()
    await world.lesson_on(world.today, 6)
    wish = {"lastDay": str(world.today)}
    assert (await world.mother.patch(f"/v1/absence-notices/{made}", wish)).status_code == 200
