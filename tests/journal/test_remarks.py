"""Remarks and praise, which can be taken back and not rewritten; the behaviour of each week."""

from typing import Any

import pytest

from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.world import World


async def give(world: World, **wish: Any) -> Any:
    body = {"studentId": str(world.ivan), "kind": "remark", "text": "Забыл тетрадь"} | wish
    return await world.teacher.post(f"/v1/lessons/{world.lesson}/remarks", body)


async def test_a_remark_is_in_the_diary_and_on_the_parents_phones(
    world: World, standin: Standin, worker: Worker
) -> None:
    mother = await give_handset(world, standin, world.mother)
    child = await give_handset(world, standin, world.student)
    assert (await give(world)).status_code == 201
    praise = {"kind": "praise", "text": "Помог на празднике"}
    await world.class_teacher.post(f"/v1/children/{world.ivan}/remarks", praise)
    await deliver(worker)
    assert mother.texts() == ["Иван: благодарность | Математика, 18 ноября; 18 ноября"]
    assert child.received == []
    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    assert [(remark["kind"], remark["subject"]) for remark in day["remarks"]] == [
        ("remark", "Математика"),
        ("praise", None),
    ]


async def test_what_is_taken_back_nobody_sees_and_the_record_stays(world: World) -> None:
    remark = (await give(world)).json()["id"]
    assert (await world.other_teacher.delete(f"/v1/remarks/{remark}")).status_code == 404
    assert (await world.teacher.delete(f"/v1/remarks/{remark}")).status_code == 204
    assert (await world.teacher.delete(f"/v1/remarks/{remark}")).status_code == 404
    assert (await world.mother.get(f"/v1/children/{world.ivan}/remarks")).json()["items"] == []
    assert (await world.mother.get("/v1/alerts")).json()["items"][0]["withdrawn"] is True
    async with world.database.transaction() as session:
        from sqlalchemy import text

        row = (await session.execute(text("SELECT body, taken_back_by FROM remark"))).one()
    assert tuple(row) == ("Забыл тетрадь", world.teacher.id)


async def test_a_remark_about_somebody_elses_student_is_refused(world: World) -> None:
    answer = await give(world, studentId=str(world.oleg))
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/studentId", "not-in-group")]


async def set_behaviour(world: World, *entries: dict[str, Any], day: str = "2026-11-18") -> Any:
    path = f"/v1/classes/{world.school.class_id}/behaviour/{day}"
    return await world.class_teacher.put(path, {"entries": list(entries)})


async def test_the_behaviour_of_a_week_is_seen_by_the_family(world: World) -> None:
    answer = await set_behaviour(world, {"studentId": str(world.ivan), "value": "good", "comment": "Старался"})
    body = answer.json()
    assert (body["week"], [(item["value"], item["version"]) for item in body["students"]]) == (
        "2026-11-16",
        [("good", 1), (None, 0)],
    )
    seen = (await world.mother.get(f"/v1/children/{world.ivan}/remarks")).json()
    assert seen["behaviour"] == [{"week": "2026-11-16", "value": "good", "comment": "Старался"}]


async def test_behaviour_is_versions_and_a_stale_edit_is_refused(world: World) -> None:
    await set_behaviour(world, {"studentId": str(world.ivan), "value": "good"})
    stale = await set_behaviour(world, {"studentId": str(world.ivan), "value": "exemplary", "version": 0})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    with pytest.raises(Exception, match="append-only"):
        await run_as_owner(world, "DELETE FROM behaviour_version")


async def test_behaviour_that_cannot_be_is_refused(world: World) -> None:
    entries = [{"studentId": str(student), "value": "good"} for student in (world.ivan, world.ivan, world.oleg)]
    answer = await set_behaviour(world, *entries)
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/entries/1/studentId": "repeated",
        "/entries/2/studentId": "not-in-class",
    }
    later = await set_behaviour(world, {"studentId": str(world.ivan), "value": "good"}, day="2026-11-25")
    assert later.json()["errors"][0]["code"] == "too-far"
