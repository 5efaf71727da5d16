"""What the tests of the timetable begin with: bells, a weekly plan, lessons on dates."""

from typing import Any

from tests.world import World

BELLS = [
    {"number": number, "starts": starts, "ends": ends}
    for number, starts, ends in ((1, "08:30", "09:15"), (2, "09:25", "10:10"), (3, "10:30", "11:15"))
]


async def set_bells(world: World) -> None:
    answer = await world.deputy.put(f"/v1/schools/{world.school.id}/bells", {"bells": BELLS})
    assert answer.status_code == 200, answer.text


def planned(world: World, weekday: int, number: int = 1, **more: Any) -> dict[str, Any]:
    """Mathematics in 5А."""
    return {
        "groupId": str(world.school.group_id), "subjectId": str(world.school.mathematics),
        "teacherId": str(world.teacher.id), "weekday": weekday, "number": number, "room": "12",
    } | more  # fmt: skip


async def set_plan(world: World, *lessons: dict[str, Any], **more: Any) -> dict[str, Any]:
    path = f"/v1/classes/{world.school.class_id}/timetable"
    answer = await world.deputy.put(path, {"lessons": list(lessons), **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def lessons_of(world: World, day: str) -> list[dict[str, Any]]:
    """Ivan's lessons of a day as the diary shows them."""
    answer = await world.mother.get(f"/v1/children/{world.ivan}/day?day={day}")
    items: list[dict[str, Any]] = answer.json()["lessons"]
    return items
