"""Meetings that tests call."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.core.ids import new_id
from backend.meetings.jobs import remind_of_meetings
from backend.school.models import SchoolClass
from tests.world import Someone, World

Answer = dict[str, Any]


def wish(world: World, hours: float = 72, **more: Any) -> dict[str, Any]:
    """A meeting of an hour that begins so many hours from now."""
    starts = world.clock.now + timedelta(hours=hours)
    ends = starts + timedelta(hours=1)
    return {"title": "Итоги", "place": "каб. 12", "startsAt": starts.isoformat(), "endsAt": ends.isoformat()} | more


async def call(world: World, hours: float = 72, who: Someone | None = None, **more: Any) -> Answer:
    """A meeting of 5А, by its class teacher unless somebody else is named."""
    path = f"/v1/classes/{world.school.class_id}/meetings"
    return made(await (who or world.class_teacher).post(path, wish(world, hours, **more)))


async def call_school(world: World, hours: float = 72, **more: Any) -> Answer:
    """A meeting of the school, by its deputy."""
    return made(await world.deputy.post(f"/v1/schools/{world.school.id}/meetings", wish(world, hours, **more)))


def made(answer: Any) -> Answer:
    assert answer.status_code in (200, 201), answer.text
    found: Answer = answer.json()
    return found


async def another_class(world: World) -> UUID:
    """5Б of the same school, without anybody in it."""
    row = SchoolClass(
        id=new_id(), school_id=world.school.id, year_id=world.school.year_id, grade=5, letter="Б",
        class_teacher_id=world.other_teacher.id,
    )  # fmt: skip
    await world.add(row)
    return row.id


async def move_to_class(world: World, student: UUID, class_id: UUID) -> None:
    """From today on a student is in another class."""
    async with world.database.transaction() as session:
        values = {"student": student, "yesterday": world.today - timedelta(days=1), "today": world.today}
        await session.execute(
            text("UPDATE enrolment SET ends = :yesterday WHERE student_id = :student AND ends IS NULL"), values
        )
        values |= {"id": new_id(), "school": world.school.id, "class": class_id}
        await session.execute(
            text(
                "INSERT INTO enrolment (id, school_id, student_id, class_id, starts) "
                "VALUES (:id, :school, :student, :class, :today)"
            ),
            values,
        )


async def titles(who: Someone, path: str) -> list[str]:
    answer = await who.get(path)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def wait(world: World, **by: float) -> int:
    """Time passes, and the scheduler looks."""
    world.clock.move(**by)
    await world.reissue()
    async with world.database.transaction() as session:
        return await remind_of_meetings(session, world.clock.now)
