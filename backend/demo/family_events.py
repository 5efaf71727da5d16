"""What families do in the demo: each thing makes phones ring, and says whose."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from backend.demo.accounts import IVAN_ID, MOTHER, SOFIA_ID, STUDENT, TEACHER
from backend.demo.stage import Stage

_REASONS = ("illness", "family", "doctor")


async def notice(stage: Stage, children: Sequence[UUID] = (IVAN_ID, IVAN_ID, SOFIA_ID)) -> str:
    _, today = await stage.lesson_now()
    child = stage.chance.choice(children)
    for offset in range(1, 14):
        day = str(today + timedelta(days=offset))
        body = {"firstDay": day, "lastDay": day, "reason": stage.chance.choice(_REASONS), "comment": "Демо"}
        filed = await stage.call(MOTHER, "POST", f"/v1/children/{child}/absence-notices", body)
        if filed["id"] is not None:
            told = "папы и классного руководителя" if child == IVAN_ID else "папы"
            return f"Мама сообщила об отсутствии {day}: звенят телефоны {told}"
    return "Все ближайшие дни уже отмечены: `make reset` начнёт сначала"


async def message(stage: Stage) -> str:
    """From the mother to the class teacher."""
    body = {"text": "Здравствуйте! Иван забыл дома тетрадь, завтра принесёт."}
    await stage.call(MOTHER, "POST", f"/v1/children/{IVAN_ID}/people/{TEACHER.id}/messages", body)
    return "Мама написала классному руководителю: звенит его телефон"


async def done(stage: Stage) -> str:
    """The student ticks what is due next; at 18:30 it is not asked for."""
    items = (await stage.call(STUDENT, "GET", f"/v1/children/{IVAN_ID}/homework?done=false"))["items"]
    if not items:
        return "Всё уже отмечено"
    await stage.call(STUDENT, "PUT", f"/v1/children/{IVAN_ID}/homework/{items[0]['id']}/done", {"done": True})
    return f"Иван отметил: сделано, {items[0]['subject']}. Телефоны молчат: это не оценка"
