"""Whom a feed tells: the families, of what is new, once; of what is old in the inbox only; silently nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.attendance.jobs import tell_due_absences
from backend.journal.jobs import tell_due_marks
from push.standin.server import Standin
from push.worker import Worker
from tests.exchange.feeding import give_journal, kinds_told, seen, work
from tests.exchange.test_feed import marks_seen, one_lesson
from tests.push.fixtures import deliver, give_handset
from tests.world import World


async def queued(world: World) -> int:
    """How many alerts are on their way to phones."""
    async with world.database.transaction() as session:
        return int((await session.execute(text("SELECT count(*) FROM fanout"))).scalar_one())


async def delay_marks(world: World, minutes: int) -> None:
    path = f"/v1/schools/{world.school.id}/journal-settings"
    assert (await world.deputy.patch(path, {"markDelayMinutes": minutes})).status_code == 200


async def delay_absences(world: World, minutes: int) -> None:
    path = f"/v1/schools/{world.school.id}/attendance-settings"
    assert (await world.deputy.patch(path, {"delayMinutes": minutes})).status_code == 200


async def tell(world: World) -> None:
    async with world.database.transaction() as session:
        await tell_due_marks(session, world.clock.now)
        await tell_due_absences(session, world.clock.now)


async def absences_seen(world: World) -> list[str]:
    day = await seen(world, world.mother)
    return [lesson["absence"]["code"] for lesson in day["lessons"] if lesson["absence"]]


async def test_marks_of_one_feed_are_one_item_on_the_phone(world: World, standin: Standin, worker: Worker) -> None:
    journal = await give_journal(world)
    phone = await give_handset(world, standin, world.mother)
    rows = {
        "lessons": [journal.lesson(), journal.lesson("L2", number=7, subject=str(world.school.russian))],
        "works": [work(), work("W2", "L2")],
        "marks": [journal.mark(), journal.mark("M2", "4", work="W2")],
    }
    await journal.send(**rows)
    await deliver(worker)
    assert len(phone.received) == 1
    (said,) = phone.texts()
    assert "5" in said
    assert "4" in said
    await journal.send(**rows)
    await deliver(worker)
    assert len(phone.received) == 1


@pytest.mark.parametrize(("days", "rings"), [(0, True), (-3, True), (-4, False), (-30, False)])
async def test_facts_of_the_last_three_days_ring(world: World, days: int, rings: bool) -> None:
    journal = await give_journal(world)
    await journal.send(lessons=[journal.lesson(days=days)], works=[work()], marks=[journal.mark()])
    assert await kinds_told(world.mother) == ["mark-set"]
    assert bool(await queued(world)) is rings


async def test_an_absence_rings_on_the_day_itself_only(world: World) -> None:
    journal = await give_journal(world)
    await journal.send(lessons=[journal.lesson(days=-1)], absences=[journal.absence()])
    assert (await kinds_told(world.mother), await queued(world)) == (["absent-without-notice"], 0)


async def test_silently_nobody_is_told_and_everything_stands(world: World) -> None:
    journal = await give_journal(world)
    day = journal.day() | {"absences": [journal.absence()]}
    assert set(map(tuple, (await journal.outcomes(alerts="silent", **day)).values())) == {("created",)}
    assert (await kinds_told(world.mother), await queued(world)) == ([], 0)
    assert await marks_seen(world) == ["5"]
    # Nor when the same comes again for all to hear: it is no news.
    await journal.send(**day)
    assert await kinds_told(world.mother) == []
    await journal.send(marks=[journal.mark(value="4")])
    assert await kinds_told(world.mother) == ["mark-corrected"]


async def test_what_came_silently_and_shows_later_is_not_told_then(world: World) -> None:
    await delay_marks(world, 10)
    journal = await one_lesson(world)
    await journal.send(alerts="silent", marks=[journal.mark()])
    path = f"/v1/children/{world.ivan}/week"
    tag = (await world.mother.get(path)).headers["etag"]
    assert await marks_seen(world) == []
    world.clock.move(minutes=11)
    await world.reissue()
    await tell(world)
    assert (await world.mother.get(path, **{"If-None-Match": tag})).status_code == 200
    assert (await marks_seen(world), await kinds_told(world.mother)) == (["5"], [])


async def test_what_was_to_be_told_is_told_as_it_stands_by_then(world: World) -> None:
    await delay_marks(world, 10)
    journal = await one_lesson(world)
    await journal.send(marks=[journal.mark(value="2")])
    await journal.send(alerts="silent", marks=[journal.mark(value="4")])
    world.clock.move(minutes=11)
    await world.reissue()
    await tell(world)
    (item,) = (await world.mother.get("/v1/alerts")).json()["items"]
    assert (item["kind"], item["body"]["value"]) == ("mark-set", "4")


async def test_what_waits_silently_and_is_put_right_silently_nobody_hears_of(world: World) -> None:
    await delay_marks(world, 10)
    await delay_absences(world, 10)
    journal = await one_lesson(world)
    for value, code in (("2", "absent"), ("4", "late")):
        await journal.send(alerts="silent", marks=[journal.mark(value=value)], absences=[journal.absence(code=code)])
    world.clock.move(minutes=11)
    await world.reissue()
    await tell(world)
    assert (await marks_seen(world), await absences_seen(world)) == (["4"], ["late"])
    assert await kinds_told(world.mother) == []


async def test_an_absence_waits_for_the_schools_delay_like_a_teachers(world: World) -> None:
    await delay_absences(world, 5)
    journal = await one_lesson(world)
    await journal.send(absences=[journal.absence()])
    assert (await absences_seen(world), await kinds_told(world.mother)) == ([], [])
    world.clock.move(minutes=5)
    await tell(world)
    assert (await absences_seen(world), await kinds_told(world.mother)) == (["absent"], ["absent-without-notice"])


async def test_a_silent_absence_shows_after_the_delay_and_is_never_told(world: World) -> None:
    await delay_absences(world, 5)
    journal = await one_lesson(world)
    await journal.send(alerts="silent", absences=[journal.absence()])
    path = f"/v1/children/{world.ivan}/week"
    tag = (await world.mother.get(path)).headers["etag"]
    assert await absences_seen(world) == []
    world.clock.move(minutes=5)
    await tell(world)
    assert (await world.mother.get(path, **{"If-None-Match": tag})).status_code == 200
    assert (await absences_seen(world), await kinds_told(world.mother)) == (["absent"], [])


async def test_an_absence_that_was_to_be_told_is_told_though_another_word_for_it_came_silently(world: World) -> None:
    await delay_absences(world, 5)
    settings = {"symbols": [{"symbol": symbol, "code": "absent", "name": symbol} for symbol in ("Н", "НБ")]}
    path = f"/v1/schools/{world.school.id}/attendance-settings"
    assert (await world.deputy.patch(path, settings)).status_code == 200
    journal = await one_lesson(world)
    await journal.send(absences=[journal.absence()])
    absence = {"externalId": "A1", "lesson": "L1", "student": str(world.ivan), "symbol": "НБ"}
    assert await journal.outcomes(alerts="silent", absences=[absence]) == {"absences": ["changed"]}
    world.clock.move(minutes=5)
    await tell(world)
    assert await kinds_told(world.mother) == ["absent-without-notice"]
    # What was told still holds under the other word, and is taken back once it does not.
    await journal.send(absences=[absence | {"symbol": "Н"}])
    world.clock.move(minutes=5)
    await world.reissue()
    await tell(world)
    assert await withdrawn(world) == [False]
    await journal.send(alerts="silent", absences=[journal.absence(code="ill")])
    assert await withdrawn(world) == [True]


async def withdrawn(world: World) -> list[bool]:
    return [item["withdrawn"] for item in (await world.mother.get("/v1/alerts")).json()["items"]]


async def test_what_was_said_of_a_dot_that_ended_silently_is_taken_back(world: World) -> None:
    journal = await one_lesson(world)
    term = str(world.today + timedelta(days=9))
    await journal.send(marks=[journal.mark(value="dot", dueOn=term), journal.mark("M2", "dot", dueOn=term)])
    gone = {"externalId": "M2", "removed": True}
    assert await journal.outcomes(alerts="silent", marks=[journal.mark(), gone]) == {"marks": ["changed", "changed"]}
    items = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [(item["kind"], item["withdrawn"]) for item in items] == [("dot-set", True)] * 2


async def test_homework_is_told_again_when_text_or_date_changed(world: World) -> None:
    journal = await one_lesson(world)
    for more in ({}, {"minutes": 20}, {"text": "§ 13"}, {"text": "§ 13", "minutes": 10}):
        await journal.send(homework=[journal.homework(**more)])
    assert await kinds_told(world.mother) == ["homework-set", "homework-changed"]
    due = await seen(world, world.mother, world.today + timedelta(days=2))
    assert [(item["text"], item["minutes"]) for item in due["homework"]] == [("§ 13", 10)]
