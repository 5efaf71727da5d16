"""DOMAIN.md section 12, row by row, over the wire: the fact, who hears of it in which words, and who does not.

The mother and the student read Russian, the father and the class teacher English. How each row merges, waits and is
taken back is told by the tests of its room; what is bulk by tests/board and tests/weeks.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.scheduler import Scheduler
from push.pacing import bulk_opens
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import Handset, deliver, give_handset
from tests.world import World

Act = Callable[[World], Awaitable[Any]]
PEOPLE = ("mother", "father", "student", "neighbour", "stranger", "teacher", "other_teacher", "class_teacher", "deputy")
ENGLISH = ("father", "class_teacher")


async def mark(world: World, value: str | None = "5", **more: Any) -> str:
    work = await world.give_work()
    assert (await world.set_mark(value, work, **more)).status_code == 200
    return work


async def correct(world: World, value: str | None) -> None:
    await world.set_mark(value, await mark(world), version=1)


async def dot(world: World) -> str:
    return await mark(world, "dot", dueOn=str(world.today + timedelta(days=2)))


async def dot_due(world: World) -> None:
    await dot(world)
    await tick_at(world, 16, 0)


async def dot_over(world: World) -> None:
    await dot(world)
    await tick_at(world, 12, 0, days=3)


async def finals(world: World) -> None:
    await mark(world)
    path = f"/v1/groups/{world.school.group_id}/subjects/{world.school.mathematics}/periods/{world.school.period_id}"
    body = {"finals": [{"studentId": str(world.ivan), "value": "5"}]}
    assert (await world.teacher.put(f"{path}/finals", body)).status_code == 200
    path = f"/v1/classes/{world.school.class_id}/periods/{world.school.period_id}/closing"
    assert (await world.deputy.put(path, {"closed": True})).status_code == 200


async def take(world: World, *entries: dict[str, Any]) -> None:
    body = {"entries": [{"studentId": str(world.ivan), **entry} for entry in entries]}
    assert (await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", body)).status_code == 200


async def absent(world: World) -> None:
    await take(world, {"code": "absent"})


async def late(world: World) -> None:
    await take(world, {"code": "late", "minutes": 7})


async def notice(world: World) -> str:
    day = str(world.today + timedelta(days=1))
    body = {"firstDay": day, "lastDay": day, "reason": "illness", "comment": "температура"}
    return str((await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", body)).json()["id"])


async def notice_cancelled(world: World) -> None:
    assert (await world.mother.put(f"/v1/absence-notices/{await notice(world)}/cancellation")).status_code == 204


async def notice_decided(world: World) -> None:
    body = {"accept": False, "answer": "Нужна справка"}
    assert (await world.deputy.put(f"/v1/absence-notices/{await notice(world)}/decision", body)).status_code == 200


async def homework(world: World) -> str:
    body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 1"}
    return str((await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)).json()["id"])


async def homework_changed(world: World) -> None:
    await world.teacher.patch(f"/v1/homework/{await homework(world)}", {"version": 1, "text": "§ 2"})


async def tomorrow(world: World) -> None:
    await tick_at(world, 18, 30)


async def lesson_tomorrow(world: World) -> None:
    body = {"state": "cancelled"}
    assert (await world.deputy.patch(f"/v1/lessons/{world.tomorrows_lesson}", body)).status_code == 200


async def first_lesson_today(world: World) -> None:
    assert (await world.deputy.patch(f"/v1/lessons/{world.lesson}", {"room": "7"})).status_code == 200


async def meeting(world: World) -> dict[str, Any]:
    starts = world.clock.now + timedelta(days=2)
    body = {
        "title": "Итоги", "place": "12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    made: dict[str, Any] = (await world.deputy.post(f"/v1/classes/{world.school.class_id}/meetings", body)).json()
    return made


async def meeting_moved(world: World) -> None:
    made = await meeting(world)
    later = {
        name: (datetime.fromisoformat(made[name]) + timedelta(hours=1)).isoformat() for name in ("startsAt", "endsAt")
    }
    await world.deputy.patch(f"/v1/meetings/{made['id']}", {"version": made["version"], **later})


async def meeting_cancelled(world: World) -> None:
    made = await meeting(world)
    body = {"version": made["version"], "reason": "Карантин"}
    await world.deputy.put(f"/v1/meetings/{made['id']}/cancellation", body)


async def meeting_soon(world: World) -> None:
    await meeting(world)
    await tick_at(world, 12, 0, days=1)


async def write(world: World, *, urgent: bool) -> None:
    path = f"/v1/children/{world.ivan}/people/{world.father.id}/messages"
    assert (await world.teacher.post(path, {"text": "Секрет", "urgent": urgent})).status_code == 201


async def letter(world: World) -> None:
    await write(world, urgent=False)


async def urgent(world: World) -> None:
    await write(world, urgent=True)


async def announcement(world: World) -> None:
    body = {"title": "Каток", "text": "В субботу", "to": ["parents"], "classIds": [str(world.school.class_id)]}
    await world.deputy.post(f"/v1/schools/{world.school.id}/announcements", body)
    world.clock.now = bulk_opens(world.clock.now)


async def remark(world: World, kind: str = "remark") -> None:
    body = {"studentId": str(world.ivan), "kind": kind, "text": "Секрет"}
    await world.teacher.post(f"/v1/lessons/{world.lesson}/remarks", body)


async def praise(world: World) -> None:
    await remark(world, "praise")


async def week(world: World) -> None:
    await tick_at(world, 16, 40, days=2)
    world.clock.now = bulk_opens(world.clock.now)


async def rights(world: World) -> None:
    links = (await world.deputy.get(f"/v1/students/{world.ivan}/guardians")).json()["items"]
    link = next(item["id"] for item in links if item["accountId"] == str(world.father.id))
    assert (await world.deputy.patch(f"/v1/guardianships/{link}", {"fileAbsence": False})).status_code == 200


async def unfilled(world: World) -> None:
    await take(world)
    await tick_at(world, 17, 0)


async def tick_at(world: World, hour: int, minute: int, days: int = 0) -> None:
    """The scheduler looks at that time of a day in Moscow."""
    day = world.today + timedelta(days=days)
    world.clock.now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=3)
    await Scheduler("one", world.database, world.clock).tick()


ROWS: dict[str, tuple[Act, dict[str, str]]] = {
    "mark set": (mark, {
        "mother": "Иван: новая оценка | Математика: 5", "student": "Иван: новая оценка | Математика: 5",
        "father": "Иван: new mark | Математика: 5",
    }),
    "mark corrected": (lambda world: correct(world, "4"), {
        "mother": "Иван: оценка исправлена | Математика: исправлено, было 5, теперь 4",
        "student": "Иван: оценка исправлена | Математика: исправлено, было 5, теперь 4",
        "father": "Иван: a mark was corrected | Математика: corrected, was 5, now 4",
    }),
    "mark removed": (lambda world: correct(world, None), {
        "mother": "Иван: оценка исправлена | Математика: исправлено, было 5, теперь без оценки",
        "student": "Иван: оценка исправлена | Математика: исправлено, было 5, теперь без оценки",
        "father": "Иван: a mark was corrected | Математика: corrected, was 5, now no mark",
    }),
    "dot set": (dot, {
        "mother": "Иван: точка, нужно сдать | Математика: сдать до 20 ноября",
        "student": "Иван: точка, нужно сдать | Математика: сдать до 20 ноября",
        "father": "",
    }),
    "dot, two days before its term": (dot_due, {
        "mother": "Иван: срок близко | Математика: сдать до 20 ноября",
        "student": "Иван: срок близко | Математика: сдать до 20 ноября",
        "father": "",
    }),
    "dot resolved by its term": (dot_over, {
        "mother": "Иван: точка снята | Математика", "student": "Иван: точка снята | Математика", "father": "",
    }),
    "final marks published": (finals, {
        "mother": "Иван: итоговые оценки | 2 четверть", "student": "Иван: итоговые оценки | 2 четверть",
        "father": "",
    }),
    "absent without notice": (absent, {"mother": "Иван не на уроке | урок 3: Математика", "father": ""}),
    "late": (late, {"mother": "Иван: опоздание | урок 3: Математика, на 7 мин", "father": ""}),
    "absence notice filed": (notice, {
        "class_teacher": "Иван, 5А: will not be at school | 19 November",
        "father": "Иван, 5А: will not be at school | 19 November",
    }),
    "absence notice cancelled": (notice_cancelled, {
        "class_teacher": "Иван, 5А: will be at school after all | 19 November",
        "father": "Иван, 5А: will be at school after all | 19 November",
    }),
    "notice decided": (notice_decided, {
        "mother": "Иван: сообщение об отсутствии | 19 ноября: отклонено",
        "class_teacher": "Иван, 5А: will not be at school | 19 November",
        "father": "Иван, 5А: will not be at school | 19 November",
    }),
    "homework set": (homework, {
        "mother": "Иван: задано на дом | Математика на 19 ноября", "father": "",
        "student": "Иван: задано на дом | Математика на 19 ноября",
        "neighbour": "Пётр: задано на дом | Математика на 19 ноября",
    }),
    "homework changed": (homework_changed, {
        "mother": "Иван: изменилось домашнее задание | Математика на 19 ноября", "father": "",
        "student": "Иван: изменилось домашнее задание | Математика на 19 ноября",
        "neighbour": "Пётр: изменилось домашнее задание | Математика на 19 ноября",
    }),
    "tomorrow": (tomorrow, {
        "student": "Завтра, 19 ноября | Первый урок в 10:00: Математика",
        # Of lessons that nobody has filled, as at 17:00.
        "teacher": "", "other_teacher": "",
    }),
    "timetable change tomorrow": (lesson_tomorrow, {
        "mother": "Иван: расписание на 19 ноября | урок 1, Математика: отменён", "father": "",
        "student": "Иван: расписание на 19 ноября | урок 1, Математика: отменён",
        "neighbour": "Пётр: расписание на 19 ноября | урок 1, Математика: отменён",
    }),
    "first lesson today": (first_lesson_today, {
        "mother": "Иван: первый урок сегодня изменился | урок 3, Математика: кабинет 7", "father": "",
        "student": "Иван: первый урок сегодня изменился | урок 3, Математика: кабинет 7",
        "neighbour": "Пётр: первый урок сегодня изменился | урок 3, Математика: кабинет 7",
    }),
    "meeting called": (meeting, {
        "mother": "Родительское собрание, 5А | 20 ноября, 12:00, 12. Итоги",
        "neighbour": "Родительское собрание, 5А | 20 ноября, 12:00, 12. Итоги",
        "father": "Parents' meeting, 5А | 20 November, 12:00, 12. Итоги",
    }),
    "meeting moved": (meeting_moved, {
        "mother": "Изменилось собрание, 5А | перенесено с 20 ноября, 12:00 на 20 ноября, 13:00, 12. Итоги",
        "neighbour": "Изменилось собрание, 5А | перенесено с 20 ноября, 12:00 на 20 ноября, 13:00, 12. Итоги",
        "father": "Meeting changed, 5А | moved from 20 November, 12:00 to 20 November, 13:00, 12. Итоги",
    }),
    "meeting cancelled": (meeting_cancelled, {
        "mother": "Собрание отменено, 5А | 20 ноября, 12:00. Итоги",
        "neighbour": "Собрание отменено, 5А | 20 ноября, 12:00. Итоги",
        "father": "Meeting cancelled, 5А | 20 November, 12:00. Итоги",
    }),
    "meeting soon": (meeting_soon, {
        "mother": "Скоро собрание, 5А | 20 ноября, 12:00, 12. Итоги",
        "neighbour": "Скоро собрание, 5А | 20 ноября, 12:00, 12. Итоги",
        "father": "Meeting soon, 5А | 20 November, 12:00, 12. Итоги",
    }),
    "message": (letter, {"father": "Иван, 5А: new message | teacher: Математика"}),
    "urgent message": (urgent, {"father": "Иван, 5А: urgent message of the school | teacher: Математика"}),
    "announcement": (announcement, {
        "mother": "Объявление, 5А | Каток", "neighbour": "Объявление, 5А | Каток", "father": "Announcement, 5А | Каток",
    }),
    "remark": (remark, {"mother": "Иван: замечание | Математика, 18 ноября", "father": ""}),
    "praise": (praise, {"mother": "Иван: благодарность | Математика, 18 ноября", "father": ""}),
    "week to acknowledge": (week, {
        "mother": "Иван: посмотрите и подпишите неделю | 16 ноября – 22 ноября", "father": "",
        "neighbour": "Пётр: посмотрите и подпишите неделю | 16 ноября – 22 ноября", "stranger": "",
    }),
    "guardianship": (rights, {"father": "Иван: access to the diary | what you may do has changed"}),
    "lesson not filled by 17:00": (unfilled, {
        "other_teacher": "Журнал за 18 ноября не заполнен | 1 урок без отметки посещаемости",
    }),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
async def test_a_row(world: World, standin: Standin, worker: Worker, row: str) -> None:
    """An empty text: somebody hears of it, in words that this row does not ask for."""
    act, expected = ROWS[row]
    for name in ENGLISH:
        await getattr(world, name).patch("/v1/me", {"language": "en"})
    phones: dict[str, Handset] = {name: await give_handset(world, standin, getattr(world, name)) for name in PEOPLE}
    await act(world)
    await deliver(worker)
    shown = {name: phone.screen().texts() for name, phone in phones.items()}
    assert {name for name, texts in shown.items() if texts} == set(expected), shown
    for name, text in expected.items():
        assert text in shown[name] or not text, (name, shown[name])
    assert not any("Секрет" in text or "температура" in text for texts in shown.values() for text in texts)
