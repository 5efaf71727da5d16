"""A lesson's page in one request: all of it or nothing, and every wrong row named."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.world import World


def page_of(world: World, **more: Any) -> dict[str, Any]:
    """Everything that a teacher saves of a lesson."""
    return {
        "topic": "Дроби",
        "attendance": [{"studentId": str(world.pyotr), "code": "ill"}],
        "works": [{"kind": "answer", "marks": [{"studentId": str(world.ivan), "value": "5"}]}],
        "homework": [{"dueOn": str(world.today + timedelta(days=1)), "text": "№ 412"}],
    } | more


async def save(world: World, body: dict[str, Any], **headers: str) -> Any:
    return await world.teacher.call("PUT", f"/v1/lessons/{world.lesson}", body, **headers)


async def test_one_request_writes_topic_attendance_marks_and_homework(world: World) -> None:
    saved = (await save(world, page_of(world))).json()
    page = saved["page"]
    assert (page["topic"], page["attendanceChecked"], saved["changedMarks"]) == ("Дроби", True, 1)
    assert [mark["value"] for mark in page["marks"]] == ["5"]
    assert [(entry["studentId"], entry["code"]) for entry in page["attendance"]] == [(str(world.pyotr), "ill")]
    assert [item["text"] for item in page["homework"]] == ["№ 412"]
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    assert [(lesson["topic"], [mark["value"] for mark in lesson["marks"]]) for lesson in day["lessons"]] == [
        ("Дроби", ["5"]),
        (None, []),
    ]


async def test_what_is_left_out_stays(world: World) -> None:
    await save(world, page_of(world))
    page = (await save(world, {"topic": "Десятичные дроби"})).json()["page"]
    assert page["topic"] == "Десятичные дроби"
    assert (len(page["marks"]), len(page["attendance"]), len(page["homework"])) == (1, 1, 1)


async def test_every_wrong_row_is_named_and_nothing_is_half_saved(world: World) -> None:
    marks = [
        {"studentId": str(world.ivan), "value": "5"},
        {"studentId": str(world.sofia), "value": "4"},
        {"studentId": str(world.pyotr), "value": "dot"},
    ]
    answer = await save(world, page_of(world, works=[{"kind": "answer", "marks": marks}]))
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/works/0/marks/1/studentId": "not-in-group",
        "/works/0/marks/2/dueOn": "required",
    }
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()
    assert (page["topic"], page["works"], page["marks"], page["homework"]) == (None, [], [], [])
    assert (await world.mother.get("/v1/alerts")).json()["items"] == []


async def test_a_mark_6_is_refused(world: World) -> None:
    works = [{"kind": "answer", "marks": [{"studentId": str(world.ivan), "value": "6"}]}]
    answer = await save(world, {"works": works})
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/works/0/marks/0/value", "not-one-of")
    ]


async def test_a_work_of_another_lesson_is_not_of_this_one(world: World) -> None:
    work = (await world.other_teacher.post("/v1/works", {"lessonId": str(world.russian_lesson), "kind": "test"})).json()
    answer = await save(world, {"works": [{"workId": work["id"], "marks": []}]})
    assert answer.json()["errors"][0]["code"] == "not-of-this-lesson"


async def test_a_page_that_somebody_else_changed_is_not_overwritten(world: World) -> None:
    tag = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).headers["etag"]
    await world.set_mark("4")
    stale = await save(world, {"topic": "Дроби"}, **{"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    tag = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).headers["etag"]
    saved = await save(world, {"topic": "Дроби"}, **{"If-Match": tag})
    assert saved.status_code == 200
    assert saved.headers["etag"] == (await world.teacher.get(f"/v1/lessons/{world.lesson}")).headers["etag"]


async def test_sent_twice_it_happens_once(world: World) -> None:
    answers = [await save(world, page_of(world), **{"Idempotency-Key": "saved-once"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(answers[1].json()["page"]["homework"]) == 1
    other = await save(world, {"topic": "Другое"}, **{"Idempotency-Key": "saved-once"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


@pytest.mark.parametrize("children", [1, 30])
async def test_thirty_marks_are_one_round_of_statements(world: World, children: int) -> None:
    students = await world.classmates(children)
    marks = [{"studentId": str(student), "value": "4"} for student in students]
    asked: list[str] = []
    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    answer = await save(world, {"works": [{"kind": "test", "marks": marks}]})
    assert answer.json()["changedMarks"] == children
    assert len(asked) == STATEMENTS, "\n".join(asked)


# Who acts, the lesson, the right, the locks of lesson and period, weights, the work; members, closed,
# standing, settings, marks, untold, receivers, lessons under way, alerts with their queue; the page's seven; versions.
STATEMENTS = 24
