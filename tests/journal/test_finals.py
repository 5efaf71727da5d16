"""How finals are proposed, decided and published, and what the closing of a period means."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.journal.averages import Sums
from backend.journal.final_rules import propose
from push.standin.server import Standin
from push.worker import Worker
from schemas.finals import Part
from tests.push.fixtures import deliver, give_handset
from tests.world import World


def parts(**averages: str) -> dict[Part, Sums]:
    return {part: Sums(Decimal(value), Decimal(1), 1) for part, value in averages.items()}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("averages", "value"),
    [
        ({}, None),
        ({"homework": "3.6"}, "4"),
        ({"homework": "5", "classwork": "3.4"}, "3"),  # they differ: classwork wins
        ({"homework": "5", "classwork": "4.2", "tests": "3.8"}, "4"),  # equal after rounding
        ({"classwork": "4.6", "tests": "3.4"}, "3"),  # the tests win
        ({"homework": "2.4", "tests": "2.4"}, "2"),
        ({"classwork": "4.5"}, None),  # a half never decides alone
        ({"classwork": "4.5", "tests": "4.6"}, "5"),  # but not alone here
        ({"classwork": "4.2", "tests": "3.5"}, "4"),  # equal after rounding, too
        ({"classwork": "2.2", "tests": "3.5"}, None),
    ],
)
def test_the_rule_by_its_examples(averages: dict[str, str], value: str | None) -> None:
    assert propose(parts(**averages)).value == value


def test_where_a_half_would_decide_the_teacher_chooses_between_two() -> None:
    assert propose(parts(tests="4.5")).between == ["4", "5"]


averages = st.none() | st.decimals(min_value=1, max_value=5, places=2)


@given(averages, averages, averages)
def test_a_proposal_is_one_of_its_parts(
    homework: Decimal | None, classwork: Decimal | None, tests: Decimal | None
) -> None:
    given_parts = {"homework": homework, "classwork": classwork, "tests": tests}
    proposal = propose(parts(**{part: str(value) for part, value in given_parts.items() if value is not None}))
    rounded = {part.part: part.rounded for part in proposal.parts if part.rounded is not None}
    assert set(rounded) == {part for part, value in given_parts.items() if value is not None}
    if proposal.value is not None:
        assert int(proposal.value) in rounded.values()
    # Whatever the tests say wins, unless they are missing or exactly a half.
    if tests is not None and tests % 1 != Decimal("0.50"):
        assert proposal.value == str(rounded["tests"])


def path(world: World) -> str:
    here = world.school
    return f"/v1/groups/{here.group_id}/subjects/{here.mathematics}/periods/{here.period_id}/finals"


def closing(world: World) -> str:
    return f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"


async def decide(world: World, value: str, **more: object) -> int:
    finals = [{"studentId": str(world.ivan), "value": value, **more}]
    return (await world.teacher.put(path(world), {"finals": finals})).status_code


async def test_the_teacher_sees_how_it_came_about_and_decides(world: World) -> None:
    for kind, value in (("homework", "5"), ("answer", "4"), ("test", "3")):
        await world.set_mark(value, await world.give_work(kind=kind))
    page = (await world.teacher.get(path(world))).json()
    ivan = next(item for item in page["items"] if item["studentId"] == str(world.ivan))
    assert (ivan["average"], ivan["proposal"]["value"], ivan["value"]) == ("3.57", "3", None)
    assert [(step["compared"], step["wins"]) for step in ivan["proposal"]["steps"]] == [
        (["classwork", "homework"], "classwork"),
        (["classwork", "tests"], "tests"),
    ]
    assert await decide(world, "4", version=0) == 200
    assert await decide(world, "5", version=0) == 412
    assert await decide(world, "5", version=1) == 200


async def test_families_see_finals_when_the_period_is_closed(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await decide(world, "4")
    await deliver(worker)
    finals = f"/v1/children/{world.ivan}/finals"
    assert ((await world.mother.get(finals)).json()["items"], phone.received) == ([], [])
    assert (await world.deputy.put(closing(world), {"closed": True})).status_code == 200
    await deliver(worker)
    (final,) = (await world.mother.get(finals)).json()["items"]
    assert (final["subject"], final["period"], final["value"]) == ("Математика", "2 четверть", "4")
    assert phone.texts() == ["Иван: итоговые оценки | 2 четверть"]


async def test_a_closed_period_ends_dots_and_takes_nothing_more(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("dot", work, dueOn=str(world.today + timedelta(days=5)))
    closed = (await world.deputy.put(closing(world), {"closed": True})).json()
    assert closed["resolvedDots"] == 1
    assert (await world.set_mark("5", work)).json()["errors"][0]["code"] == "period-closed"
    assert await decide(world, "5") == 422
    assert (await world.deputy.put(closing(world), {"closed": True})).json()["code"] == "period-unchanged"


async def test_it_is_opened_again_with_a_reason_only(world: World) -> None:
    await world.deputy.put(closing(world), {"closed": True})
    refused = await world.deputy.put(closing(world), {"closed": False})
    assert refused.json()["errors"][0]["pointer"] == "/reason"
    opened = await world.deputy.put(closing(world), {"closed": False, "reason": "Ошибка в журнале"})
    assert opened.json()["closed"] is False
    assert (await world.set_mark("5")).status_code == 200


async def test_a_mark_that_races_the_closing_is_in_or_refused_and_never_both(world: World) -> None:
    work = await world.give_work()
    marked, closed = await asyncio.gather(world.set_mark("5", work), world.deputy.put(closing(world), {"closed": True}))
    assert closed.status_code == 200
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    values = [mark["value"] for lesson in day["lessons"] for mark in lesson["marks"]]
    assert (marked.status_code, values) in [(200, ["5"]), (422, [])]


async def test_closed_once_more_only_what_is_new_is_told(world: World, standin: Standin, worker: Worker) -> None:
    phones = [await give_handset(world, standin, who) for who in (world.mother, world.neighbour)]
    await decide(world, "4")
    opened = {"closed": False, "reason": "Ошибка в журнале"}
    for wish in ({"closed": True}, opened, {"closed": True}, opened):
        assert (await world.deputy.put(closing(world), wish)).status_code == 200
        world.clock.move(minutes=2)
        await deliver(worker)
    assert [len(phone.texts()) for phone in phones] == [1, 0]
    finals = [{"studentId": str(world.pyotr), "value": "5"}]
    assert (await world.teacher.put(path(world), {"finals": finals})).status_code == 200
    await world.deputy.put(closing(world), {"closed": True})
    await deliver(worker)
    assert [len(phone.texts()) for phone in phones] == [1, 1]
