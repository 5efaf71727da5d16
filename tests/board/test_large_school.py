"""An announcement to a whole school is one request of a few statements, however many people there are."""

from typing import Any

import pytest
from sqlalchemy import event

from push.standin.server import Standin
from push.worker import Worker
from tests.board.scenes import deliver_bulk, path, published
from tests.push.fixtures import give_handset, run_as_owner
from tests.world import World

# Parents with two children each.
_PEOPLE = """
    INSERT INTO account (id, login, family_name, given_name, created_at)
    SELECT gen_random_uuid(), 'parent.' || n, 'Петров', 'Иван', now() FROM generate_series(1, {number}) AS n;
    INSERT INTO recipient (account_id, language) SELECT id, 'ru' FROM account WHERE login LIKE 'parent.%';
    INSERT INTO student (id, school_id, family_name, given_name)
    SELECT gen_random_uuid(), '{school}', a.login, 'Пётр' FROM account a, generate_series(1, 2)
     WHERE a.login LIKE 'parent.%';
    INSERT INTO guardianship (id, school_id, student_id, account_id, kind, may_view, may_file_absence, receives_push,
                              contact_order, starts)
    SELECT gen_random_uuid(), s.school_id, s.id, a.id, 'parent', true, true, true, 1, '2026-09-01'
      FROM student s JOIN account a ON a.login = s.family_name
"""


async def fill(world: World, number: int) -> None:
    await run_as_owner(world, *_PEOPLE.format(number=number, school=world.school.id).split(";"))


async def counted(world: World, call: Any) -> int:
    """How many statements a call takes."""
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await call
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)


@pytest.mark.parametrize("number", [40, 3000])
async def test_publishing_and_taking_back_take_as_many_statements_for_many_as_for_few(
    world: World, standin: Standin, worker: Worker, number: int
) -> None:
    await fill(world, number)
    mother = await give_handset(world, standin, world.mother)
    everybody = {"to": ["parents", "students", "staff"], "classIds": []}
    publishing = published(world, world.director, **everybody)
    assert await counted(world, publishing) <= 13
    told = number + 3 + 1 + 5  # with the world's parents, its student, and the staff but for the director
    (item,) = (await world.director.get(path(world))).json()["items"]
    assert item["told"] == told
    if number > 1000:
        assert await run_as_owner(world, "SELECT count(*) FROM broadcast") == 1
    await deliver_bulk(world, worker)
    assert mother.texts() == ["Объявление | Каток в субботу"]
    assert await run_as_owner(world, "SELECT count(*) FROM alert") == told
    await world.reissue()
    assert await counted(world, world.director.delete(f"/v1/announcements/{item['id']}")) <= 9
    assert await run_as_owner(world, "SELECT count(*) FROM alert_withdrawn") == told
