"""When each teacher filled the lessons of a week, in one read and one table."""

from datetime import timedelta
from typing import Any

from tests.world import World


async def fill(world: World, lesson: Any, **more: Any) -> None:
    body = {"attendance": []} | more
    assert (await world.teacher.put(f"/v1/lessons/{lesson}", body)).status_code == 200


async def test_lessons_are_filled_the_same_day_the_next_later_or_not(world: World) -> None:
    monday = await world.lesson_on(world.today - timedelta(days=2), 2)
    tuesday = await world.lesson_on(world.today - timedelta(days=1), 2)
    await fill(world, monday)
    await fill(world, tuesday, topic="Дроби")
    world.clock.move(hours=2)
    await world.reissue()
    due = str(world.today + timedelta(days=1))
    await fill(world, world.lesson, topic="Дроби", homework=[{"dueOn": due, "text": "№ 5"}])
    control = (await world.deputy.get(f"/v1/schools/{world.school.id}/control")).json()
    assert (control["firstDay"], control["lastDay"]) == ("2026-11-16", "2026-11-22")
    rows = {row["teacher"]: row for row in control["teachers"]}
    mine = rows["Петров Мария"]
    assert [mine[name] for name in ("lessons", "sameDay", "nextDay", "late", "missing")] == [3, 1, 1, 1, 0]
    assert (mine["withoutTopic"], mine["withoutHomework"]) == (1, 2)
    assert rows["Петров Нина"]["missing"] == 1


async def test_the_table_opens_in_a_spreadsheet(world: World) -> None:
    world.clock.move(hours=3)
    await world.reissue()
    answer = await world.director.get(f"/v1/schools/{world.school.id}/control/table")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Учитель;Уроков;В тот же день")
    assert lines[1:] == ["Петров Мария;1;0;0;0;1;0;0", "Петров Нина;1;0;0;0;1;0;0"]
    english = await world.director.get(f"/v1/schools/{world.school.id}/control/table", **{"Accept-Language": "en"})
    assert english.content.decode("utf-8-sig").startswith("Teacher;Lessons")


async def test_a_cancelled_lesson_needs_not_be_filled(world: World) -> None:
    await world.deputy.patch(f"/v1/lessons/{world.lesson}", {"state": "cancelled"})
    world.clock.move(hours=3)
    await world.reissue()
    control = (await world.deputy.get(f"/v1/schools/{world.school.id}/control")).json()
    assert [row["teacher"] for row in control["teachers"]] == ["Петров Нина"]
