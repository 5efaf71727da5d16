"""The deputy's September: the year with its periods, subjects, classes, loads."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.school.september import prepare, scalar
from tests.world import Someone, World, errors


def at(world: World, path: str = "") -> str:
    return f"/v1/schools/{world.school.id}{path}"


def of_year(world: World, path: str) -> str:
    return at(world, f"/years/{world.school.year_id}{path}")


def conflict(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    return str(answer.json()["code"])


NEXT = {
    "name": "2027/2028",
    "starts": "2027-09-01",
    "ends": "2028-05-31",
    "periods": [
        {"name": "1 полугодие", "starts": "2027-09-01", "ends": "2027-12-31"},
        {"name": "2 полугодие", "starts": "2028-01-10", "ends": "2028-05-31"},
    ],
}


async def test_a_year_is_created_with_its_periods(world: World) -> None:
    made = await world.deputy.post(at(world, "/years"), NEXT)
    assert made.status_code == 201
    years = (await world.teacher.get(at(world, "/years"))).json()["items"]
    assert [year["name"] for year in years] == ["2027/2028", "2026/2027"]
    assert [period["name"] for period in years[0]["periods"]] == ["1 полугодие", "2 полугодие"]
    assert years[0] == made.json()


async def test_a_year_that_overlaps_another_is_refused_whole(world: World) -> None:
    answer = await world.deputy.post(at(world, "/years"), NEXT | {"starts": "2027-05-31", "periods": []})
    assert conflict(answer) == "years-overlap"
    assert len((await world.deputy.get(at(world, "/years"))).json()["items"]) == 1


async def test_all_that_is_wrong_with_a_year_is_named_and_nothing_is_saved(world: World) -> None:
    periods = [{"name": "1", "starts": "2027-08-01", "ends": "2027-09-30"}]
    answer = await world.deputy.post(at(world, "/years"), NEXT | {"name": " ", "periods": periods})
    assert errors(answer) == {"/name": "required", "/periods/0/starts": "outside-the-year"}
    assert len((await world.deputy.get(at(world, "/years"))).json()["items"]) == 1


async def test_two_deputies_at_once_make_one_year(world: World) -> None:
    answers = await asyncio.gather(
        *(who.post(at(world, "/years"), NEXT) for who in (world.deputy, world.administrator) for _ in range(2))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert len((await world.deputy.get(at(world, "/years"))).json()["items"]) == 2


async def test_the_same_key_makes_one_year(world: World) -> None:
    key = {"Idempotency-Key": "the same"}
    first = await world.deputy.post(at(world, "/years"), NEXT, **key)
    again = await world.deputy.post(at(world, "/years"), NEXT, **key)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())


async def set_periods(world: World, *periods: dict[str, object]) -> httpx.Response:
    return await world.deputy.put(of_year(world, "/periods"), {"periods": list(periods)})


def quarter(world: World, **more: object) -> dict[str, object]:
    """The one that is there."""
    days = {"name": "2 четверть", "starts": "2026-11-01", "ends": "2026-12-31"}
    return {"id": str(world.school.period_id), **days, **more}


async def test_periods_are_moved_added_and_removed_in_one_request(world: World) -> None:
    first: dict[str, object] = {"name": "1 четверть", "starts": "2026-09-01", "ends": "2026-11-08"}
    answer = await set_periods(world, first, quarter(world, starts="2026-11-09"))
    assert [(p["name"], p["starts"]) for p in answer.json()["periods"]] == [
        ("1 четверть", "2026-09-01"), ("2 четверть", "2026-11-09"),
    ]  # fmt: skip
    # A boundary between two moves although they would overlap half way through.
    one, two = answer.json()["periods"]
    answer = await set_periods(world, one | {"ends": "2026-11-20"}, two | {"starts": "2026-11-21"})
    assert [p["ends"] for p in answer.json()["periods"]] == ["2026-11-20", "2026-12-31"]
    answer = await set_periods(world, answer.json()["periods"][1])
    assert [p["id"] for p in answer.json()["periods"]] == [str(world.school.period_id)]


async def test_a_period_of_elsewhere_is_unknown(world: World) -> None:
    foreign = quarter(world, id=str(world.elsewhere.period_id))
    assert errors(await set_periods(world, foreign)) == {"/periods/0/id": "unknown-period"}
    later = quarter(world, name="3 четверть", starts="2027-01-10", ends="2027-03-20")
    assert errors(await set_periods(world, quarter(world), later)) == {"/periods/1/id": "repeated"}


async def test_a_closed_period_stands_still_but_may_be_renamed(world: World) -> None:
    closing = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    await world.deputy.put(closing, {"closed": True})
    assert conflict(await set_periods(world, quarter(world, ends="2026-12-30"))) == "period-closed"
    assert conflict(await set_periods(world)) == "period-closed"
    assert (await set_periods(world, quarter(world, name="II четверть"))).status_code == 200
    await world.deputy.put(closing, {"closed": False, "reason": "Ошибка в журнале"})
    assert (await set_periods(world, quarter(world, ends="2026-12-30"))).status_code == 200
    assert conflict(await set_periods(world)) == "period-in-use"


async def test_a_period_with_finals_is_not_removed(world: World) -> None:
    here = world.school
    finals = f"/v1/groups/{here.group_id}/subjects/{here.mathematics}/periods/{here.period_id}/finals"
    await world.teacher.put(finals, {"finals": [{"studentId": str(world.ivan), "value": "5"}]})
    assert conflict(await set_periods(world)) == "period-in-use"


async def test_moving_a_period_races_its_closing_and_one_of_both_is_refused(world: World) -> None:
    closing = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    moved, closed = await asyncio.gather(
        set_periods(world, quarter(world, ends="2026-12-25")), world.deputy.put(closing, {"closed": True})
    )
    assert closed.status_code == 200
    ends = await scalar(world, "SELECT ends FROM period WHERE school_id = :school")
    assert (moved.status_code, str(ends)) in [(200, "2026-12-25"), (409, "2026-12-31")]


async def test_subjects_have_one_name_each(world: World) -> None:
    made = await world.deputy.post(at(world, "/subjects"), {"name": " Ёлочное  дело "})
    assert (made.status_code, made.json()["name"]) == (201, "Ёлочное дело")
    assert conflict(await world.deputy.post(at(world, "/subjects"), {"name": "МАТЕМАТИКА"})) == "subject-exists"
    rename = at(world, f"/subjects/{world.school.russian}")
    assert conflict(await world.deputy.patch(rename, {"name": "Математика"})) == "subject-exists"
    assert (await world.deputy.patch(rename, {"name": "Родной язык"})).json()["name"] == "Родной язык"
    assert errors(await world.deputy.patch(rename, {"name": "\t"})) == {"/name": "required"}
    names = [subject["name"] for subject in (await world.teacher.get(at(world, "/subjects"))).json()["items"]]
    assert names == ["Ёлочное дело", "Математика", "Родной язык"]


async def test_a_subject_of_elsewhere_is_not_found(world: World) -> None:
    path = at(world, f"/subjects/{world.elsewhere.russian}")
    assert (await world.deputy.patch(path, {"name": "Наш"})).status_code == 404


async def test_a_class_comes_with_its_group(world: World) -> None:
    wish = {"grade": 6, "letter": "b", "classTeacherId": str(world.teacher.id)}
    assert errors(await world.deputy.post(of_year(world, "/classes"), wish | {"letter": "!"})) == {
        "/letter": "not-a-letter"
    }
    made = await world.deputy.post(of_year(world, "/classes"), wish)
    assert (made.status_code, made.json()["name"], made.json()["classTeacher"]) == (201, "6В", "Петров Мария")
    assert conflict(await world.deputy.post(of_year(world, "/classes"), wish)) == "class-exists"
    groups = (await world.teacher.get(of_year(world, "/groups"))).json()["items"]
    assert [(group["name"], group["wholeClass"]) for group in groups] == [("5А", True), ("6В", True)]


async def test_a_class_teacher_works_at_the_school(world: World) -> None:
    foreign = {"classTeacherId": str(world.foreign_teacher.id)}
    path = f"/v1/classes/{world.school.class_id}"
    assert errors(await world.deputy.patch(path, foreign)) == {"/classTeacherId": "unknown-teacher"}
    assert (await world.deputy.patch(path, {"classTeacherId": str(world.teacher.id)})).status_code == 200
    students = f"/v1/classes/{world.school.class_id}/students"
    assert (await world.class_teacher.get(students)).status_code == 404
    assert (await world.teacher.get(students)).status_code == 200
    assert (await world.deputy.patch(path, {"classTeacherId": None})).json()["classTeacher"] is None


async def test_a_renamed_class_renames_its_group(world: World) -> None:
    await world.deputy.patch(f"/v1/classes/{world.school.class_id}", {"letter": "К"})
    groups = (await world.teacher.get(of_year(world, "/groups"))).json()["items"]
    assert [group["name"] for group in groups] == ["5К"]


def load(world: World, teacher: Someone, **more: object) -> dict[str, object]:
    here = world.school
    return {
        "teacherId": str(teacher.id), "subjectId": str(here.russian), "groupId": str(here.group_id),
        "starts": str(world.today), **more,
    }  # fmt: skip


async def test_a_load_is_the_right_to_write_and_its_end_ends_it(world: World) -> None:
    work = {"lessonId": str(world.russian_lesson), "kind": "test"}
    assert (await world.teacher.post("/v1/works", work)).status_code == 404
    made = await world.deputy.post(at(world, "/loads"), load(world, world.teacher))
    assert (made.status_code, made.json()["subject"], made.json()["group"]) == (201, "Русский язык", "5А")
    assert (await world.teacher.post("/v1/works", work)).status_code == 201
    path = f"/v1/loads/{made.json()['id']}"
    yesterday = {"ends": "2026-11-17"}
    assert errors(await world.deputy.patch(path, yesterday)) == {"/ends": "ends-before-it-begins"}
    theirs = next(
        item for item in (await world.deputy.get(of_year(world, "/loads"))).json()["items"]
        if item["teacherId"] == str(world.other_teacher.id)
    )  # fmt: skip
    assert (await world.deputy.patch(f"/v1/loads/{theirs['id']}", yesterday)).json()["ends"] == "2026-11-17"
    assert (await world.other_teacher.post("/v1/works", work)).status_code == 404


async def test_a_load_twice_is_one(world: World) -> None:
    again = load(world, world.other_teacher, starts="2026-09-01")
    assert conflict(await world.deputy.post(at(world, "/loads"), again)) == "already-assigned"


async def test_a_load_names_every_foreign_part(world: World) -> None:
    there = world.elsewhere
    foreign = load(world, world.foreign_teacher, subjectId=str(there.russian), groupId=str(there.group_id))
    assert errors(await world.deputy.post(at(world, "/loads"), foreign)) == {
        "/teacherId": "unknown-teacher", "/subjectId": "unknown-subject", "/groupId": "unknown-group",
    }  # fmt: skip
    late = load(world, world.teacher, ends="2027-06-01")
    assert errors(await world.deputy.post(at(world, "/loads"), late)) == {"/ends": "outside-the-year"}


@pytest.mark.parametrize("path", ["/classes", "/groups", "/loads"])
async def test_a_year_of_elsewhere_is_not_found(world: World, path: str) -> None:
    world.september = await prepare(world)
    foreign = at(world, f"/years/{world.elsewhere.year_id}{path}")
    assert (await world.deputy.get(foreign)).status_code == 404
