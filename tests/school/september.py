"""A school before and after its September, for tests of the set-up."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from backend.core.ids import new_id
from backend.school.models import SchoolClass, SchoolYear, StudyGroup
from tests.world import World

NEXT_STARTS, NEXT_ENDS = date(2027, 9, 1), date(2028, 5, 31)


async def prepare(world: World) -> dict[str, UUID]:
    """A class beside 5А, a group of 5А, a year to come; and ids of links that are there. By name."""
    here = world.school
    ids = {"next_year": new_id(), "other_class": new_id(), "english": new_id()}
    await world.add(
        SchoolYear(id=ids["next_year"], school_id=here.id, name="2027/2028", starts=NEXT_STARTS, ends=NEXT_ENDS),
        SchoolClass(id=ids["other_class"], school_id=here.id, year_id=here.year_id, grade=5, letter="Б"),
    )
    place = {"school_id": here.id, "year_id": here.year_id}
    await world.add(
        StudyGroup(id=new_id(), class_id=ids["other_class"], whole_class=True, name="5Б", **place),
        StudyGroup(id=ids["english"], class_id=here.class_id, whole_class=False, name="Английский 1", **place),
    )
    links = {
        "load": "teaching_load WHERE teacher_id = :teacher",
        "guardianship": "guardianship WHERE account_id = :mother",
    }
    for name, where in links.items():
        ids[name] = await scalar(
            world, f"SELECT id FROM {where} AND school_id = :school", teacher=world.teacher.id, mother=world.mother.id
        )
    return ids


async def scalar(world: World, statement: str, **values: object) -> Any:
    async with world.database.transaction() as session:
        return (await session.execute(text(statement), {"school": world.school.id, **values})).scalars().first()


async def go_to(world: World, day: date) -> None:
    """Moves the clock to a day, and everybody signs in again."""
    world.clock.move(days=(day - world.today).days)
    await world.reissue()


async def roll_over(world: World, **more: object) -> httpx.Response:
    """The deputy promotes the year in the summer after it."""
    await go_to(world, NEXT_STARTS - timedelta(days=60))
    body = {"toYearId": str(world.september["next_year"]), "dryRun": False, **more}
    return await world.deputy.post(f"/v1/schools/{world.school.id}/rollover", body)
