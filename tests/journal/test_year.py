"""Finals of a year, exams, the final certification."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.journal.year_rules import propose_year
from tests.exchange.feeding import give_journal, work
from tests.world import World

VALUES = st.sampled_from(["1", "2", "3", "4", "5", "pass", "not-attested", "exempt", None])


@pytest.mark.parametrize(
    ("kind", "parts", "average", "value", "between"),
    [
        ("year", ["4", "4", "5", "5"], "4.50", None, ["4", "5"]),
        ("year", ["4", "5", "5", "5"], "4.75", "5", []),
        ("year", ["3", "4", "4", "3", "3"], "3.40", "3", []),
        ("year", ["5", "not-attested", None], "5.00", "5", []),
        ("year", ["pass", None], None, None, []),
        ("certificate", ["4", "5"], "4.50", "5", []),
        ("certificate", ["4", None], "4.00", "4", []),
        ("exam", ["5"], None, None, []),
    ],
)
def test_a_proposal(
    kind: Any, parts: list[str | None], average: str | None, value: str | None, between: list[str]
) -> None:
    made = propose_year(kind, parts)
    assert (made.average, made.value, made.between) == (Decimal(average) if average else None, value, between)


@given(parts=st.lists(VALUES, max_size=6))
def test_a_proposal_lies_between_its_parts(parts: list[str | None]) -> None:
    numbers = [int(part) for part in parts if part is not None and part.isdigit()]
    made = propose_year("year", parts)
    for value in filter(None, [made.value, *made.between]):
        assert min(numbers) <= int(value) <= max(numbers)
    assert (made.average is None) == (not numbers)


async def decide(world: World, kind: str, value: str, **more: Any) -> Any:
    path = f"/v1/groups/{world.school.group_id}/subjects/{world.school.mathematics}/years/{world.school.year_id}/finals"
    return await world.teacher.put(
        f"{path}?kind={kind}", {"finals": [{"studentId": str(world.ivan), "value": value} | more]}
    )


async def close(world: World, *, closed: bool = True, **more: Any) -> None:
    path = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    assert (await world.deputy.put(path, {"closed": closed} | more)).status_code == 200


async def seen(world: World) -> list[tuple[str, str, str]]:
    items = (await world.mother.get(f"/v1/children/{world.ivan}/finals")).json()["items"]
    return [(item["kind"], item["period"], item["value"]) for item in items]


async def test_a_year_shows_how_it_came_about_and_is_seen_when_its_last_period_is_closed(world: World) -> None:
    path = f"/v1/groups/{world.school.group_id}/subjects/{world.school.mathematics}"
    finals = {"finals": [{"studentId": str(world.ivan), "value": "4"}]}
    await world.teacher.put(f"{path}/periods/{world.school.period_id}/finals", finals)
    page = (await world.teacher.get(f"{path}/years/{world.school.year_id}/finals?kind=year")).json()
    mine = page["items"][0]
    assert (mine["parts"], mine["proposal"]) == ([{"name": "2 четверть", "value": "4"}], "4")
    assert (await decide(world, "year", "5")).status_code == 200
    assert await seen(world) == []
    await close(world)
    assert await seen(world) == [("year", "2026/2027", "5"), ("period", "2 четверть", "4")]
    refused = await decide(world, "year", "4")
    assert refused.json()["errors"][0]["code"] == "period-closed"
    await close(world, closed=False, reason="Ошибка в журнале")
    assert (await decide(world, "year", "4")).status_code == 200


async def test_an_exam_is_seen_at_once_and_makes_the_certificate(world: World) -> None:
    await decide(world, "year", "4")
    await decide(world, "exam", "5")
    assert await seen(world) == [("exam", "2026/2027", "5")]
    assert [item["kind"] for item in (await world.mother.get("/v1/alerts")).json()["items"]] == ["finals-published"]
    path = f"/v1/groups/{world.school.group_id}/subjects/{world.school.mathematics}/years/{world.school.year_id}/finals"
    mine = (await world.teacher.get(f"{path}?kind=certificate")).json()["items"][0]
    assert (mine["parts"], mine["average"], mine["proposal"]) == (
        [{"name": "year", "value": "4"}, {"name": "exam", "value": "5"}], "4.50", "5",
    )  # fmt: skip


async def test_an_exam_is_changed_with_a_reason_only(world: World) -> None:
    await decide(world, "exam", "5")
    assert (await decide(world, "exam", "4")).json()["errors"][0]["pointer"] == "/finals/0/reason"
    assert (await decide(world, "exam", "4", reason="Апелляция")).status_code == 200
    assert await seen(world) == [("exam", "2026/2027", "4")]


async def test_no_such_kind_of_final(world: World) -> None:
    assert (await decide(world, "month", "5")).status_code == 422


async def test_the_class_teacher_supplements_a_colleagues_marks_of_the_week(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("4", work)
    marks = [{"studentId": str(world.ivan), "value": "5"}, {"studentId": str(world.pyotr), "value": "3"}]
    refused = await world.class_teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
    assert {error["pointer"]: error["code"] for error in refused.json()["errors"]} == {"/marks/0": "not-yours"}
    added = await world.class_teacher.put(f"/v1/works/{work}/marks", {"marks": marks[1:]})
    assert [mark["setBy"] for mark in added.json()["items"]] == [str(world.teacher.id), str(world.class_teacher.id)]
    world.clock.move(days=5)
    await world.reissue()
    assert (await world.class_teacher.put(f"/v1/works/{work}/marks", {"marks": marks[1:]})).status_code == 404


async def test_a_mark_of_unknown_author_is_no_supplement(world: World) -> None:
    """What came by the feed of another journal stands in nobody's name, and is not the class teacher's all the same."""
    journal = await give_journal(world)
    await journal.send(works=[work("W1", str(world.lesson))], marks=[journal.mark()])
    (mark,) = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()["lessons"][0]["marks"]
    assert (mark["value"], mark["setBy"]) == ("5", None)
    marks = [{"studentId": str(world.ivan), "value": "4"}]
    refused = await world.class_teacher.put(f"/v1/works/{mark['workId']}/marks", {"marks": marks})
    assert [error["code"] for error in refused.json()["errors"]] == ["not-yours"]
