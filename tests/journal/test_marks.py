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
