"""Quiet hours, summaries, feed only: what a person chose is what happens, looked at when it is sent."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import World

NIGHT = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)  # 22:30 in Moscow


async def choose(world: World, *rules: dict[str, object], quiet: object = None) -> None:
    body = {"quietHours": quiet, "summaryAt": "18:00:00", "rules": list(rules)}
    answer = await world.mother.put("/v1/preferences", body)
    assert answer.status_code == 200, answer.text


async def until(world: World, moment: datetime) -> None:
    world.clock.now = moment
    await world.reissue()


async def give_homework(world: World) -> None:
    body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 5"}
    assert (await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)).status_code == 201


async def test_whoever_has_chosen_nothing_is_told_at_once_but_not_at_night(world: World) -> None:
    assert (await world.mother.get("/v1/preferences")).json() == {
        "quietHours": {"from": "21:00:00", "until": "07:00:00"},
        "summaryAt": "18:00:00",
        "rules": [],
    }


async def test_what_comes_at_night_arrives_in_the_morning_as_one_summary(
    world: World, standin: Standin, worker: Worker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    await until(world, NIGHT)
    await world.set_mark("4", work)
    await world.set_mark("5")
    await give_homework(world)
    await deliver(worker)
    assert handset.received == []
    await until(world, datetime(2026, 11, 19, 3, 59, tzinfo=UTC))
    await deliver(worker)
    assert handset.received == []
    await until(world, datetime(2026, 11, 19, 4, 0, tzinfo=UTC))
    await deliver(worker)
    assert handset.screen().texts() == [
        "Сводка дневника: 2 новости | "
        "Иван: новые оценки (Математика: 4, 5)\nИван: задано на дом (Математика на 19 ноября)"
    ]
    assert len(handset.received) == 1


async def test_a_summary_with_two_hours_comes_twice(world: World, standin: Standin, worker: Worker) -> None:
    """In the morning what came at night, in the evening also what the person wants then: the phone takes both."""
    handset = await give_handset(world, standin, world.mother)
    night = {"from": "21:00:00", "until": "07:00:00"}
    await choose(world, {"kind": "homework-set", "mode": "summary"}, quiet=night)
    await until(world, NIGHT)
    await world.set_mark("5")
    await give_homework(world)
    await deliver(worker)
    for hour, news in ((4, 1), (15, 2)):
        await until(world, datetime(2026, 11, 19, hour, 0, tzinfo=UTC))
        await deliver(worker)
        (item,) = handset.screen().texts()
        assert len(item.splitlines()) == news, item


async def test_a_correction_in_the_night_leaves_one_line(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    await until(world, NIGHT)
    await world.set_mark("2", work)
    await deliver(worker)
    await world.set_mark("4", work)
    await deliver(worker)
    await until(world, datetime(2026, 11, 19, 4, 0, tzinfo=UTC))
    await deliver(worker)
    (shown,) = handset.screen().texts()
    assert shown.endswith("(Математика: исправлено, было 2, теперь 4)")
    async with world.database.transaction() as session:
        rows = await session.execute(text("SELECT outcome, count(*) FROM delivery GROUP BY 1 ORDER BY 1"))
        assert [tuple(row) for row in rows] == [("accepted", 1), ("superseded", 1)]


async def test_read_in_the_night_it_is_not_told_in_the_morning(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    await until(world, NIGHT)
    await world.set_mark("4", work)
    await deliver(worker)
    (item,) = (await world.mother.get("/v1/alerts")).json()["items"]
    await world.mother.post("/v1/alerts/read", {"alertIds": [item["id"]]})
    await deliver(worker)
    await until(world, datetime(2026, 11, 19, 5, 0, tzinfo=UTC))
    await deliver(worker)
    assert handset.received == []


async def test_the_next_day_does_not_tell_again_what_the_summary_told(
    world: World, standin: Standin, worker: Worker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    await choose(world, {"mode": "summary", "kind": "mark-set"})
    await world.set_mark("4")
    await deliver(worker)
    assert handset.received == []
    await until(world, datetime(2026, 11, 18, 15, 0, tzinfo=UTC))
    await deliver(worker)
    await choose(world)
    await world.set_mark("5")
    await deliver(worker)
    texts = handset.screen().texts()
    assert sum("4" in shown.partition("|")[2] for shown in texts) == 1
    assert "Иван: новая оценка | Математика: 5" in texts


async def test_an_unexplained_absence_passes_the_quiet_hours(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    await choose(world, quiet={"from": "00:00:00", "until": "23:59:59"})
    path = f"/v1/lessons/{world.lesson}/attendance"
    await world.teacher.put(path, {"entries": [{"studentId": str(world.ivan), "code": "absent"}]})
    await deliver(worker)
    assert handset.texts() == ["Иван не на уроке | урок 3: Математика"]


async def test_feed_only_reaches_the_feed_only(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    await choose(world, {"mode": "feed", "childId": str(world.ivan)}, {"mode": "instant", "kind": "homework-set"})
    await world.set_mark("5")
    await deliver(worker)
    assert handset.received == []
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 1
    async with world.database.transaction() as session:
        assert (await session.execute(text("SELECT outcome FROM delivery"))).scalar() == "suppressed"


async def test_during_their_lessons_students_hear_nothing(world: World, standin: Standin, worker: Worker) -> None:
    """The item comes, the sound does not; for parents it sounds."""
    student, mother = [await give_handset(world, standin, who) for who in (world.student, world.mother)]
    async with world.database.transaction() as session:
        moments = {"now": world.clock.now, "day": world.today}
        await session.execute(
            text("UPDATE lesson SET starts_at = cast(:now AS timestamptz) - interval '1 hour',"
                 " ends_at = cast(:now AS timestamptz) + interval '1 hour' WHERE day = :day"), moments,
        )  # fmt: skip
    await world.set_mark("5")
    await deliver(worker)
    assert (student.screen().rung, mother.screen().rung) == (0, 1)
    assert student.screen().texts() == mother.screen().texts()


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"rules": [{"mode": "loud"}]}, "/rules/0/mode", "not-one-of"),
        ({"rules": [{"mode": "feed", "kind": "gossip"}]}, "/rules/0/kind", "unknown-kind"),
        ({"rules": [{"mode": "feed", "childId": str(uuid4())}]}, "/rules/0/childId", "unknown-child"),
        ({"rules": [{"mode": "feed"}, {"mode": "instant"}]}, "/rules/1", "repeated"),
        ({"summaryAt": "18:00:00Z"}, "/summaryAt", "wrong-type"),
        ({"summaryAt": "six"}, "/summaryAt", None),
        ({"quietHours": {"from": "21:00:00+03:00", "until": "07:00:00"}}, "/quietHours/from", "wrong-type"),
    ],
)
async def test_wrong_preferences_are_refused(
    world: World, change: dict[str, object], pointer: str, code: str | None
) -> None:
    body = {"quietHours": None, "summaryAt": "18:00:00", "rules": []} | change
    answer = await world.mother.put("/v1/preferences", body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert code in (None, error["code"])
    assert (await world.mother.get("/v1/preferences")).json()["rules"] == []


async def test_a_child_of_others_cannot_be_named(world: World) -> None:
    body = {"quietHours": None, "summaryAt": "18:00:00", "rules": [{"mode": "feed", "childId": str(world.ivan)}]}
    assert (await world.stranger.put("/v1/preferences", body)).status_code == 422
