"""What ids in addresses and bodies may stand for, by their names: some of the first school, some of the other."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from sqlalchemy import text

from backend.core.ids import new_id
from backend.identity.models import AuthSession
from tests.world import Someone, World

_DEVICE = {"platform": "web", "appVersion": "1", "locale": "ru", "timezone": "Europe/Moscow", "permission": "granted"}


async def children(world: World) -> list[UUID]:
    return [world.ivan, world.pyotr, world.sofia, world.oleg]


async def classes(world: World) -> list[UUID]:
    return [world.school.class_id, world.elsewhere.class_id]


async def groups(world: World) -> list[UUID]:
    return [world.school.group_id, world.elsewhere.group_id]


async def subjects(world: World) -> list[UUID]:
    return [world.school.mathematics, world.school.russian, world.elsewhere.mathematics]


async def periods(world: World) -> list[UUID]:
    return [world.school.period_id, world.elsewhere.period_id]


async def schools(world: World) -> list[UUID]:
    return [world.school.id, world.elsewhere.id]


async def lessons(world: World) -> list[UUID]:
    return [world.lesson, world.russian_lesson, world.foreign_lesson]


async def accounts(world: World) -> list[UUID]:
    people = (world.father, world.student, world.former, world.mother, world.deputy, world.stranger)
    return [someone.id for someone in people]


async def works(world: World) -> list[UUID]:
    """Each with marks of its school's children."""
    here, there = (world.ivan, world.pyotr), (world.sofia, world.oleg)
    return [
        await _marked(world.teacher, world.lesson, here),
        await _marked(world.other_teacher, world.russian_lesson, here),
        await _marked(world.foreign_teacher, world.foreign_lesson, there),
    ]


async def corrections(world: World) -> list[UUID]:
    """Late corrections that wait for the deputies of the two schools."""
    asked = [
        (world.teacher, await _marked(world.teacher, world.lesson, (world.ivan,)), world.ivan),
        (world.foreign_teacher, await _marked(world.foreign_teacher, world.foreign_lesson, (world.oleg,)), world.oleg),
    ]
    world.clock.move(days=1)
    await world.reissue()
    for teacher, work, child in asked:
        mark = {"studentId": str(child), "value": "3", "reason": "Работа переписана"}
        assert (await teacher.put(f"/v1/works/{work}/marks", {"marks": [mark]})).json()["pending"] == 1
    async with world.database.transaction() as session:
        rows = await session.execute(text("SELECT id, school_id FROM correction_request"))
        found = {school: correction for correction, school in rows}
    return [found[world.school.id], found[world.elsewhere.id]]


async def sessions(world: World) -> list[UUID]:
    """Of two people, beside those that they call with."""
    owners = (world.mother, world.stranger)
    rows = [
        AuthSession(
            id=new_id(), account_id=owner.id, seed=bytes(32), generation=1, rotated_at=world.clock.now,
            created_at=world.clock.now, device_name="test",
        )
        for owner in owners
    ]  # fmt: skip
    await world.add(*rows)
    return [row.id for row in rows]


async def installations(world: World) -> list[UUID]:
    made = []
    for owner in (world.mother, world.stranger):
        made.append(uuid4())
        assert (await owner.put(f"/v1/devices/{made[-1]}", _DEVICE)).status_code == 204
    return made


Find = Callable[[World], Awaitable[list[UUID]]]

# Our own first, those of the other school last.
STANDING: dict[str, Find] = {
    "account_id": accounts, "child_id": children, "class_id": classes, "group_id": groups, "lesson_id": lessons,
    "period_id": periods, "school_id": schools, "student_id": children, "subject_id": subjects,
}  # fmt: skip
THINGS: dict[str, Find] = STANDING | {
    "correction_id": corrections, "installation_id": installations, "session_id": sessions, "work_id": works,
}  # fmt: skip


async def _marked(teacher: Someone, lesson: UUID, students: tuple[UUID, ...]) -> UUID:
    given = await teacher.post("/v1/works", {"lessonId": str(lesson), "kind": "test"})
    assert given.status_code == 201, given.text
    work = UUID(given.json()["id"])
    marks = [{"studentId": str(student), "value": "4"} for student in students]
    answer = await teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
    assert answer.status_code == 200, answer.text
    return work
