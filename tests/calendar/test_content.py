"""What stands in a calendar: lessons, control works, homework, meetings; and nothing that is not for it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event as listening
from sqlalchemy import text

from tests.calendar.reader import events, moment, parsed, read, subscribe
from tests.meetings.scenes import call, made
from tests.timetable.scenes import set_bells
from tests.world import World


async def test_a_childs_lessons_with_room_and_time(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    answer = await read(world, address)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    calendar = parsed(answer.content)
    starts = sorted((moment(event.dtstart), str(event.summary), event.location) for event in calendar.events)
    assert starts == [
        (world.clock.now, "Математика", "каб. 12"),
        (world.clock.now + timedelta(hours=1), "Русский язык", "каб. 12"),
        (world.clock.now + timedelta(hours=22), "Математика", "каб. 12"),
    ]
    assert {(event.status, event.transparency, event.sequence) for event in calendar.events} == {
        ("CONFIRMED", "TRANSPARENT", 0)
    }
    for line in ("X-WR-CALNAME:Дневник: Иван", "NAME:Дневник: Иван", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
                 "X-PUBLISHED-TTL:PT1H"):  # fmt: skip
        assert f"\r\n{line}\r\n" in answer.text


async def test_it_speaks_the_persons_language(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    await world.mother.patch("/v1/me", {"language": "en"})
    answer = await read(world, address, **{"accept-language": "ru"})
    assert "X-WR-CALNAME:Diary: Иван" in answer.text
    assert {event.location for event in parsed(answer.content).events} == {"room 12"}


async def change_lesson(world: World, **wish: Any) -> None:
    made(await world.deputy.patch(f"/v1/lessons/{world.tomorrows_lesson}", wish))


async def test_a_cancelled_lesson_stays_and_says_so(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    before = {event.uid for event in parsed((await read(world, address)).content).events}
    await change_lesson(world, state="cancelled")
    cancelled = (await events(world, address))["Отменено: Математика"]
    assert (cancelled.status, cancelled.sequence) == ("CANCELLED", 1)
    assert cancelled.uid in before
    await change_lesson(world, state="planned")
    restored = next(event for event in (await events(world, address)).values() if event.uid == cancelled.uid)
    assert (restored.status, restored.sequence) == ("CONFIRMED", 2)


async def test_a_moved_lesson_stays_where_it_was_and_is_where_it_went(world: World) -> None:
    await set_bells(world)
    address = await subscribe(world.mother, world.ivan)
    day = world.today + timedelta(days=2)
    await change_lesson(world, moveTo={"day": str(day), "number": 2})
    found = parsed((await read(world, address)).content).events
    moved = next(event for event in found if str(event.summary) == "Перенесено: Математика")
    assert moved.status == "CANCELLED"
    assert str(moved.dtstart)[:10] == str(world.today + timedelta(days=1))
    there = [event for event in found if str(event.dtstart)[:10] == str(day)]
    assert [(str(event.summary), event.status) for event in there] == [("Математика", "CONFIRMED")]


async def test_a_substitution_is_said(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    wish = {"covers": [{"lessonId": str(world.tomorrows_lesson), "teacherId": str(world.other_teacher.id)}]}
    made(await world.deputy.post(f"/v1/schools/{world.school.id}/substitutions", wish))
    found = parsed((await read(world, address)).content).events
    assert [event.description for event in found if event.sequence] == ["Замена"]


async def test_control_works_and_homework_are_whole_days_and_marks_are_not_there(world: World) -> None:
    address = await subscribe(world.student, world.ivan)
    tomorrow = world.today + timedelta(days=1)
    control = {"lessonId": str(world.tomorrows_lesson), "kind": "control-work", "topic": "Дроби"}
    made(await world.teacher.post("/v1/works", control))
    made(await world.teacher.post("/v1/works", {"lessonId": str(world.lesson), "kind": "answer"}))
    homework = {"dueOn": str(tomorrow), "text": "№ 412;\n№ 415, устно"}
    made(await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", homework))
    await world.set_mark("2", comment="Не готов", kind="test")
    body = {"studentId": str(world.ivan), "kind": "remark", "text": "Забыл дневник"}
    made(await world.teacher.post(f"/v1/lessons/{world.lesson}/remarks", body))
    found = await events(world, address)
    work, task = found["Контрольная работа: Математика"], found["Задано: Математика"]
    assert (work.dtstart, work.dtend, work.description) == (tomorrow, tomorrow + timedelta(days=1), "Дроби")
    assert (task.dtstart, task.description) == (tomorrow, "№ 412;\n№ 415, устно")
    assert set(found) == {
        "Математика", "Русский язык", "Контрольная работа: Математика", "Задано: Математика", "Тест: Математика",
    }  # fmt: skip
    written = (await read(world, address)).text
    assert not any(word in written for word in ("Не готов", "Забыл дневник", "Петров"))


async def test_a_meeting_is_there_moves_and_is_cancelled(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    meeting = await call(world, agenda="1. Оценки", link="https://meet.example.org/5a,b;c")
    first = (await events(world, address))["Собрание: Итоги"]
    assert (first.location, first.description, first.transparency) == ("каб. 12", "1. Оценки", "OPAQUE")
    assert str(first.url) == "https://meet.example.org/5a,b;c"
    world.clock.move(minutes=5)
    starts = world.clock.now + timedelta(days=5)
    wish = {"version": 1, "startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=1)).isoformat()}
    await world.class_teacher.patch(f"/v1/meetings/{meeting['id']}", wish)
    moved = (await events(world, address))["Собрание: Итоги"]
    assert (moved.uid, moved.sequence, moment(moved.dtstart)) == (first.uid, 1, starts)
    assert moment(moved.last_modified) == world.clock.now
    await world.mother.put(f"/v1/meetings/{meeting['id']}/answer", {"coming": False})
    assert (await events(world, address))["Собрание: Итоги"].transparency == "TRANSPARENT"
    body = {"version": 2, "reason": "Заболел директор"}
    await world.class_teacher.put(f"/v1/meetings/{meeting['id']}/cancellation", body)
    gone = (await events(world, address))["Отменено: Собрание: Итоги"]
    assert (gone.uid, gone.status, gone.sequence) == (first.uid, "CANCELLED", 2)
    assert "Заболел" not in (await read(world, address)).text


async def test_everything_of_a_parent_names_the_children(world: World) -> None:
    meeting = await call(world)
    found = await events(world, await subscribe(world.mother))
    assert set(found) == {"Иван: Математика", "Иван: Русский язык", "Софья: Математика", "Собрание: Итоги"}
    assert found["Собрание: Итоги"].uid == f"meeting-{meeting['id']}@my-diary"


async def test_everything_of_a_teacher_are_the_own_lessons_and_meetings(world: World) -> None:
    await call(world, staffIds=[str(world.teacher.id)])
    found = await events(world, await subscribe(world.teacher))
    assert set(found) == {"Математика, 5А", "Собрание: Итоги"}
    assert {event.transparency for event in found.values()} == {"OPAQUE"}
    assert set(await events(world, await subscribe(world.class_teacher))) == {"Собрание: Итоги"}
    assert set(await events(world, await subscribe(world.student))) == {"Математика", "Русский язык", "Собрание: Итоги"}


async def test_it_reaches_thirty_days_back_and_sixty_ahead(world: World) -> None:
    for offset in (-31, -30, 60, 61):
        await world.lesson_on(world.today + timedelta(days=offset), 1)
    found = parsed((await read(world, await subscribe(world.mother, world.ivan))).content).events
    days = sorted({str(event.dtstart)[:10] for event in found})
    assert (days[0], days[-1]) == (str(world.today - timedelta(days=30)), str(world.today + timedelta(days=60)))


async def test_what_is_unchanged_is_304_and_what_is_not_is_sent(world: World) -> None:
    address = await subscribe(world.mother, world.ivan)
    first = await read(world, address)
    same = await read(world, address, **{"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    await change_lesson(world, room="7")
    changed = await read(world, address, **{"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert (await read(world, address)).content == changed.content
    world.clock.move(days=1)
    assert (await read(world, address, **{"if-none-match": changed.headers["etag"]})).status_code == 200


async def test_a_full_timetable_takes_as_many_statements_as_an_empty_one(world: World) -> None:
    address = await subscribe(world.neighbour)
    asked: list[str] = []
    listening.listen(
        world.database.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]), named=False
    )
    await read(world, address)
    few = len(asked)
    await world.classmates(3)
    for days in range(2, 20):
        await world.lesson_on(world.today + timedelta(days=days), 1)
        await call(world, 24 * days)
    asked.clear()
    assert len(parsed((await read(world, address)).content).events) > 80
    assert len(asked) == few <= 14


async def test_a_lesson_that_the_plan_changes_is_the_same_event(world: World) -> None:
    """The same UID with other values, and no moment that would tell a program to keep the old ones."""
    address = await subscribe(world.mother, world.ivan)
    before = {event.uid for event in parsed((await read(world, address)).content).events}
    async with world.database.transaction() as session:
        values = {"lesson": world.tomorrows_lesson}
        await session.execute(text("UPDATE lesson SET room = '9' WHERE id = :lesson"), values)
    found = parsed((await read(world, address)).content).events
    (moved,) = [event for event in found if event.location == "каб. 9"]
    assert {event.uid for event in found} == before
    assert moved.last_modified is None
