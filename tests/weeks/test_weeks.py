"""Friday's question to parents, their signatures, and what the class teacher sees of them."""

from datetime import date, timedelta
from typing import Any

import pytest

from backend.core.ids import new_id
from backend.scheduler import Scheduler
from backend.school.models import Guardianship
from push.standin.server import Standin
from push.worker import Worker
from tests.board.scenes import deliver_bulk
from tests.push.fixtures import give_handset, run_as_owner
from tests.world import STARTS, Someone, World, errors

MONDAY = date(2026, 11, 16)
LAST_WEEK = date(2026, 11, 9)


async def sign(world: World, who: Someone, week: date = MONDAY) -> Any:
    return await who.put(f"/v1/children/{world.ivan}/weeks/{week}/acknowledgement")


async def tick(world: World, **by: float) -> None:
    """The scheduler's look, after the clock was moved."""
    world.clock.move(**by)
    await world.reissue()
    await Scheduler("one", world.database, world.clock).tick()


async def asked(who: Someone) -> list[str]:
    """The threads' children whose week somebody is asked to sign."""
    items = (await who.get("/v1/alerts")).json()["items"]
    return [item["title"] for item in items if item["kind"] == "week-to-acknowledge"]


FRIDAY_16_40 = {"days": 2, "hours": 4, "minutes": 40}


async def test_on_friday_parents_are_asked_in_their_language(world: World, standin: Standin, worker: Worker) -> None:
    told = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    others = [await give_handset(world, standin, who) for who in (world.student, world.class_teacher)]
    await world.father.patch("/v1/me", {"language": "en"})
    await tick(world, days=2, hours=4, minutes=39)
    assert await asked(world.mother) == []
    await tick(world, minutes=1)
    await tick(world, minutes=1)
    await deliver_bulk(world, worker)
    assert sorted(told[0].texts()) == [
        "Иван: посмотрите и подпишите неделю | 16 ноября – 22 ноября",
        "Софья: посмотрите и подпишите неделю | 16 ноября – 22 ноября",
    ]
    assert told[1].texts() == ["Иван: look through the week and sign it | 16 November – 22 November"]
    assert all(handset.received == [] for handset in others)
    ivans = next(content for content in told[0].opened() if content["childId"] == str(world.ivan))
    assert (ivans["channel"], ivans["target"]["screen"], ivans["target"]["date"]) == ("weeks", "week", str(MONDAY))


async def test_after_an_outage_they_are_asked_until_sunday(world: World) -> None:
    await tick(world, days=4, hours=10)
    assert await asked(world.father) == ["Иван: посмотрите и подпишите неделю"]


async def test_on_monday_nobody_is_asked_about_the_week_before(world: World) -> None:
    await tick(world, days=5)
    assert await asked(world.father) == []


async def test_whoever_has_signed_is_not_asked_and_the_other_is(world: World) -> None:
    await tick(world, days=2)
    assert (await sign(world, world.mother)).status_code == 200
    await tick(world, hours=4, minutes=40)
    assert await asked(world.mother) == ["Софья: посмотрите и подпишите неделю"]
    assert await asked(world.father) == ["Иван: посмотрите и подпишите неделю"]


@pytest.mark.parametrize(
    "scene",
    ["UPDATE lesson SET state = 'cancelled'", "UPDATE guardianship SET receives_push = false",
     "UPDATE guardianship SET ends = '2026-11-19'", "UPDATE enrolment SET ends = '2026-11-19'",
     "UPDATE student SET left_on = '2026-11-19'"],
    ids=["holidays", "no pushes", "link ended", "in no class", "left"],
)  # fmt: skip
async def test_who_is_not_asked(world: World, scene: str) -> None:
    await run_as_owner(world, scene)
    await tick(world, **FRIDAY_16_40)
    assert await run_as_owner(world, "SELECT count(*) FROM alert WHERE kind = 'week-to-acknowledge'") == 0


async def test_signing_is_kept_with_person_and_time_and_happens_once(world: World) -> None:
    first = await sign(world, world.mother, LAST_WEEK)
    world.clock.move(minutes=5)
    again = await sign(world, world.mother, LAST_WEEK + timedelta(days=6))
    assert first.json() == again.json() == {"week": "2026-11-09", "signedAt": "2026-11-18T09:00:00Z"}
    weeks = (await world.mother.get(f"/v1/children/{world.ivan}/weeks")).json()["items"]
    assert [(week["week"], week["signedAt"] is not None) for week in weeks] == [
        ("2026-11-09", True), ("2026-11-02", False), ("2026-10-26", False), ("2026-10-19", False),
    ]  # fmt: skip
    fathers = (await world.father.get(f"/v1/children/{world.ivan}/weeks")).json()["items"]
    assert fathers[0]["signedAt"] is None, "each signs for themselves"


async def test_signing_takes_the_question_off_ones_own_screens(world: World, standin: Standin, worker: Worker) -> None:
    handsets = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    await tick(world, **FRIDAY_16_40)
    await deliver_bulk(world, worker)
    await sign(world, world.mother)
    for _ in range(2):
        await deliver_bulk(world, worker)
        world.clock.move(seconds=5)
    assert [item["title"] for item in handsets[0].screen().items.values()] == ["Софья: посмотрите и подпишите неделю"]
    assert len(handsets[1].screen().items) == 1


@pytest.mark.parametrize(
    ("week", "code"),
    [
        (MONDAY, "in-the-future"), (date(2026, 11, 23), "in-the-future"), (date(2026, 10, 12), "too-far"),
        (date(9999, 12, 31), "bad-day"),
    ],
)  # fmt: skip
async def test_which_weeks_cannot_be_signed(world: World, week: date, code: str) -> None:
    answer = await sign(world, world.mother, week)
    assert (answer.status_code, errors(answer)) == (422, {"": code})
    assert (await sign(world, world.mother, date(2026, 10, 19))).status_code == 200


async def test_a_week_is_signed_from_its_friday_on(world: World) -> None:
    """The clock stands on a Wednesday."""
    path = f"/v1/children/{world.ivan}/weeks"
    for days, signed in ((1, 422), (1, 200), (2, 200)):
        await tick(world, days=days)
        assert (await sign(world, world.mother)).status_code == signed
        assert (str(MONDAY) in (await world.mother.get(path)).text) == (signed == 200)


async def test_two_unsigned_weeks_are_one_item(world: World, standin: Standin, worker: Worker) -> None:
    await world.lesson_on(MONDAY + timedelta(days=8), 1)
    handset = await give_handset(world, standin, world.father)
    for wait in (FRIDAY_16_40, {"days": 7}):
        await tick(world, **wait)
        await deliver_bulk(world, worker)
    assert handset.screen().texts() == ["Иван: посмотрите и подпишите неделю | 23 ноября – 29 ноября"]


async def test_the_class_teacher_sees_who_has_signed_and_who_has_not(world: World) -> None:
    await sign(world, world.father, LAST_WEEK)
    found = (await world.class_teacher.get(f"/v1/classes/{world.school.class_id}/weeks/{LAST_WEEK}")).json()
    assert {
        student["givenName"]: (student["signed"], {one["name"]: one["signedAt"] for one in student["guardians"]})
        for student in found["students"]
    } == {
        "Иван": (True, {"Петров Анна": None, "Петров Сергей": "2026-11-18T09:00:00Z"}),
        "Пётр": (False, {"Петров Ольга": None}),
    }


async def test_a_signature_stays_when_the_link_ends(world: World) -> None:
    await sign(world, world.father, LAST_WEEK)
    await run_as_owner(
        world, f"UPDATE guardianship SET ends = '2026-11-17' WHERE account_id = '{world.father.id}'"
    )  # fmt: skip
    found = (await world.class_teacher.get(f"/v1/classes/{world.school.class_id}/weeks/{LAST_WEEK}")).json()
    ivan = next(student for student in found["students"] if student["givenName"] == "Иван")
    assert [(one["name"], one["signedAt"] is not None) for one in ivan["guardians"]] == [
        ("Петров Анна", False), ("Петров Сергей", True),
    ]  # fmt: skip
    assert (await sign(world, world.father, LAST_WEEK)).status_code == 404


async def test_a_guardian_without_the_right_to_view_signs_nothing(world: World) -> None:
    link = Guardianship(
        id=new_id(), school_id=world.school.id, student_id=world.ivan, account_id=world.neighbour.id, kind="other",
        may_view=False, may_file_absence=False, receives_push=True, contact_order=5, starts=STARTS,
    )  # fmt: skip
    await world.add(link)
    for who in (world.neighbour, world.student, world.class_teacher):
        assert (await sign(world, who, LAST_WEEK)).status_code == 404
