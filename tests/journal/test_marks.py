"""Giving works and setting marks over the API."""

from sqlalchemy import text

from tests.world import World


async def test_a_mark_is_in_the_diary_at_once(world: World) -> None:
    answer = await world.set_mark("5", comment="Молодец")
    assert answer.status_code == 200
    assert answer.json()["changed"] == 1

    day = (await world.mother.get(f"/v1/children/{world.ivan}/day")).json()
    lesson = next(lesson for lesson in day["lessons"] if lesson["id"] == str(world.lesson))
    assert [(mark["value"], mark["comment"]) for mark in lesson["marks"]] == [("5", "Молодец")]


async def test_a_correction_is_a_new_version_and_the_old_one_stays(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("2", work)
    await world.set_mark("4", work, version=1)

    async with world.database.transaction() as session:
        versions = await session.execute(text("SELECT version, value FROM mark_version ORDER BY version"))
        assert [tuple(row) for row in versions] == [(1, "2"), (2, "4")]


async def test_saving_the_same_again_is_no_event(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("4", work)
    again = await world.set_mark("4", work)
    assert again.json()["changed"] == 0
    inbox = (await world.mother.get("/v1/alerts")).json()["items"]
    assert len(inbox) == 1


async def test_a_stale_edit_is_refused_with_what_stands_now(world: World) -> None:
    work = await world.give_work()
    await world.set_mark("3", work)
    await world.set_mark("4", work)
    stale = await world.set_mark("5", work, version=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert "4" in stale.json()["detail"]


async def test_a_lost_answer_may_be_asked_for_again(world: World) -> None:
    work = await world.give_work()
    for _ in range(2):
        answer = await world.set_mark("5", work, version=0)
        assert answer.status_code == 200
    assert answer.json()["changed"] == 0


async def test_racing_batches_make_versions_one_after_another(world: World) -> None:
    import asyncio

    work = await world.give_work()
    answers = await asyncio.gather(*(world.set_mark(value, work, version=0) for value in "2345"))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


async def test_nothing_is_half_saved(world: World) -> None:
    work = await world.give_work()
    marks = [
        {"studentId": str(world.ivan), "value": "5"},
        {"studentId": str(world.pyotr), "value": "5"},
        {"studentId": str(world.pyotr), "value": "4"},
    ]
    answer = await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/marks/1/studentId": "repeated",
        "/marks/2/studentId": "repeated",
    }
    page = (await world.teacher.get(f"/v1/lessons/{world.lesson}")).json()
    assert page["marks"] == []


async def test_a_student_who_left_gets_no_mark(world: World) -> None:
    async with world.database.transaction() as session:
        await session.execute(
            text("UPDATE student SET left_on = :day WHERE id = :id"), {"day": world.today, "id": world.ivan}
        )
    answer = await world.set_mark("5")
    assert answer.json()["errors"][0]["code"] == "student-left"
