"""What the school does in the demo: each thing makes phones ring, and says whose."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid5

from backend.demo import family_events
from backend.demo.accounts import DEPUTY, IVAN_ID, MOTHER, NAMESPACE, SCHOOL_ID, TEACHER
from backend.demo.stage import Stage

_CLASS_5A = uuid5(NAMESPACE, "class 5А")
_HOMEWORK = ("№ 412, 415", "§ 18, вопросы 1–3", "Повторить таблицу умножения", "Решить задачу на с. 74")
_MEETINGS = ("Итоги четверти", "Подготовка к экскурсии", "Безопасность в интернете")
_ANNOUNCEMENTS = ("Каток в субботу", "Сбор макулатуры", "Концерт ко дню учителя", "Прививки от гриппа")


async def mark(stage: Stage) -> str:
    lesson, _ = await stage.lesson_now()
    kind = stage.chance.choice(("answer", "classwork", "test"))
    work = await stage.call(TEACHER, "POST", "/v1/works", {"lessonId": lesson, "kind": kind})
    value = stage.chance.choice(("5", "5", "4", "3"))
    marks = {"marks": [{"studentId": str(IVAN_ID), "value": value}]}
    await stage.call(TEACHER, "PUT", f"/v1/works/{work['id']}/marks", marks)
    return f"Иван получил {value} по математике: звенят телефоны мамы, папы и Ивана"


async def correction(stage: Stage) -> str:
    lesson, _ = await stage.lesson_now()
    page = await stage.call(TEACHER, "GET", f"/v1/lessons/{lesson}")
    mine = [item for item in page["marks"] if item["studentId"] == str(IVAN_ID) and item["value"] in list("2345")]
    if not mine:
        return await mark(stage)
    newest = mine[-1]
    value = stage.chance.choice([other for other in "2345" if other != newest["value"]])
    marks = {"marks": [{"studentId": str(IVAN_ID), "value": value, "version": newest["version"]}]}
    await stage.call(TEACHER, "PUT", f"/v1/works/{newest['workId']}/marks", marks)
    return f"Оценка Ивана исправлена: было {newest['value']}, теперь {value}"


async def homework(stage: Stage) -> str:
    lesson, today = await stage.lesson_now()
    task = {"dueOn": str(today + timedelta(days=1)), "text": stage.chance.choice(_HOMEWORK), "minutes": 20}
    await stage.call(TEACHER, "POST", f"/v1/lessons/{lesson}/homework", task)
    return "5А задано на дом: звенят телефоны мамы, папы и Ивана"


async def absence(stage: Stage) -> str:
    lesson, _ = await stage.lesson_now()
    page = await stage.call(TEACHER, "GET", f"/v1/lessons/{lesson}")
    path = f"/v1/lessons/{lesson}/attendance"
    if _code_of_ivan(page) in ("absent", "excused"):
        await stage.call(TEACHER, "PUT", path, {"entries": []})
        return "Иван всё-таки на уроке: сообщение с телефонов исчезает (ещё раз: снова отсутствует)"
    await stage.call(TEACHER, "PUT", path, {"entries": [{"studentId": str(IVAN_ID), "code": "absent"}]})
    if _code_of_ivan(await stage.call(TEACHER, "GET", f"/v1/lessons/{lesson}")) == "excused":
        return "Ивана нет на уроке, и мама об этом сообщила: телефоны молчат"
    return "Ивана нет на уроке: срочно звенят телефоны мамы и папы"


async def meeting(stage: Stage) -> str:
    starts = (datetime.now(UTC) + timedelta(days=stage.chance.randint(2, 9))).replace(hour=15, minute=0, second=0)
    body = {
        "title": stage.chance.choice(_MEETINGS), "place": "кабинет 12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    await stage.call(TEACHER, "POST", f"/v1/classes/{_CLASS_5A}/meetings", body)
    return "Созвано собрание 5А: звенят телефоны мамы и папы"


async def moved(stage: Stage) -> str:
    """The next meeting, an hour later."""
    coming = await _next_meeting(stage)
    later = {
        name: (datetime.fromisoformat(coming[name]) + timedelta(hours=1)).isoformat() for name in ("startsAt", "endsAt")
    }
    await stage.call(TEACHER, "PATCH", f"/v1/meetings/{coming['id']}", {"version": coming["version"], **later})
    return "Собрание 5А перенесено на час: сообщение на телефонах мамы и папы меняется"


async def cancelled(stage: Stage) -> str:
    coming = await _next_meeting(stage)
    body = {"version": coming["version"], "reason": "Кабинет занят"}
    await stage.call(TEACHER, "PUT", f"/v1/meetings/{coming['id']}/cancellation", body)
    return "Собрание 5А отменено: сообщение на телефонах мамы и папы меняется"


async def decision(stage: Stage) -> str:
    """The class teacher accepts, or declines, what a parent filed last; where there is nothing, it is filed first."""
    filed = await _undecided(stage)
    if not filed:
        said = await family_events.notice(stage, [IVAN_ID])
        filed = await _undecided(stage)
        if not filed:
            return said
    accept = stage.chance.random() < 0.8
    body = {"accept": accept, "answer": None if accept else "Нужна справка"}
    await stage.call(TEACHER, "PUT", f"/v1/absence-notices/{filed[-1]['id']}/decision", body)
    return f"Классный руководитель {'принял' if accept else 'отклонил'} сообщение об отсутствии: звенит телефон мамы"


async def remark(stage: Stage) -> str:
    lesson, _ = await stage.lesson_now()
    kind, text = stage.chance.choice((("remark", "Забыл тетрадь"), ("praise", "Помог товарищу разобраться в задаче")))
    body = {"studentId": str(IVAN_ID), "kind": kind, "text": text}
    await stage.call(TEACHER, "POST", f"/v1/lessons/{lesson}/remarks", body)
    return f"{'Замечание' if kind == 'remark' else 'Благодарность'} Ивану: звенят телефоны мамы и папы"


async def timetable(stage: Stage) -> str:
    """Tomorrow's mathematics is cancelled, or takes place after all."""
    _, today = await stage.lesson_now()
    day = str(today + timedelta(days=1))
    lessons = (await stage.call(TEACHER, "GET", f"/v1/teacher/day?day={day}"))["lessons"]
    lesson = next((one for one in lessons if one["groupName"] == "5А"), None)
    if lesson is None:
        return "Завтра у 5А нет математики: отменять нечего"
    state = "planned" if lesson["state"] == "cancelled" else "cancelled"
    await stage.call(DEPUTY, "PATCH", f"/v1/lessons/{lesson['id']}", {"state": state, "reason": "Демо"})
    what = "отменена" if state == "cancelled" else "всё-таки будет"
    return f"Математика завтра {what}: звенят телефоны мамы, папы и Ивана"


async def announcement(stage: Stage) -> str:
    body = {
        "title": stage.chance.choice(_ANNOUNCEMENTS),
        "text": "Подробности у классного руководителя",
        "to": ["parents"],
    }
    await stage.call(DEPUTY, "POST", f"/v1/schools/{SCHOOL_ID}/announcements", body)
    return "Объявление школы: телефоны родителей; около :00, :15, :30 и :45 объявления ждут две минуты"


async def letter(stage: Stage) -> str:
    """From the class teacher to the mother."""
    body = {"text": "Здравствуйте! Иван сегодня молодец.", "urgent": False}
    await stage.call(TEACHER, "POST", f"/v1/children/{IVAN_ID}/people/{MOTHER.id}/messages", body)
    return "Сообщение маме от классного руководителя: звенит телефон мамы"


async def urgent(stage: Stage) -> str:
    body = {"text": "Ивану нездоровится, позвоните, пожалуйста.", "urgent": True}
    await stage.call(TEACHER, "POST", f"/v1/children/{IVAN_ID}/people/{MOTHER.id}/messages", body)
    return "Срочное сообщение маме: звенит и в тихие часы"


def _code_of_ivan(page: dict[str, Any]) -> str | None:
    """What is noted of him on a lesson's page."""
    return next((item["code"] for item in page["attendance"] if item["studentId"] == str(IVAN_ID)), None)


async def _next_meeting(stage: Stage) -> dict[str, Any]:
    """Of 5А; one is called where there is none."""
    path = f"/v1/classes/{_CLASS_5A}/meetings"
    for _ in range(2):
        items = (await stage.call(TEACHER, "GET", path))["items"]
        called = [item for item in items if item["state"] == "called"]
        if called:
            return dict(called[0])
        await meeting(stage)
    raise AssertionError("a meeting that was called is listed")


async def _undecided(stage: Stage) -> list[dict[str, Any]]:
    items = (await stage.call(TEACHER, "GET", f"/v1/classes/{_CLASS_5A}/absence-notices"))["items"]
    return [item for item in items if item["state"] == "filed"]
