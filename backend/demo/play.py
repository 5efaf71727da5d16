"""A lively school day over HTTP, as apps would make it: for `diary demo say` and `diary demo play`."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx

from backend.core.clock import school_date
from backend.core.errors import SetupError
from backend.core.settings import Settings
from backend.demo.accounts import IVAN_ID, MOTHER, NAMESPACE, SOFIA_ID, TEACHER, DemoAccount, demo_password

_CLASS_5A = uuid5(NAMESPACE, "class 5А")
_REASONS = ("illness", "family", "doctor")
_HOMEWORK = ("№ 412, 415", "§ 18, вопросы 1–3", "Повторить таблицу умножения", "Решить задачу на с. 74")
_MEETINGS = ("Итоги четверти", "Подготовка к экскурсии", "Безопасность в интернете")


class Stage:
    """The demo's people, signed in."""

    def __init__(self, client: httpx.AsyncClient, password: str) -> None:
        self._client = client
        self._password = password
        self._tokens: dict[str, str] = {}
        self.chance = random.Random()

    async def call(self, account: DemoAccount, method: str, path: str, body: object = None) -> Any:
        """One request as somebody; signs in first where that is needed."""
        if account.login not in self._tokens:
            wish = {"login": account.login, "password": self._password, "deviceName": "demo"}
            self._tokens[account.login] = (await self._send("POST", "/v1/sessions", wish, {}))["accessToken"]
        headers = {"authorization": f"Bearer {self._tokens[account.login]}", "idempotency-key": uuid4().hex}
        try:
            return await self._send(method, path, body, headers)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 401:
                raise
            del self._tokens[account.login]
            return await self.call(account, method, path, body)

    async def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> Any:
        answer = await self._client.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def lesson_now(self) -> tuple[str, date]:
        """The mathematics lesson of 5А that is under way, and its day."""
        me = await self.call(TEACHER, "GET", "/v1/me")
        zone = me["roles"][0]["school"]["timezone"]
        today = school_date(datetime.now(UTC), zone)
        lessons = (await self.call(TEACHER, "GET", f"/v1/teacher/day?day={today}"))["lessons"]
        return next(lesson["id"] for lesson in lessons if lesson["groupName"] == "5А"), today


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
    absent = any(item["studentId"] == str(IVAN_ID) and item["code"] == "absent" for item in page["attendance"])
    path = f"/v1/lessons/{lesson}/attendance"
    if absent:
        await stage.call(TEACHER, "PUT", path, {"entries": []})
        return "Иван всё-таки на уроке: сообщение с телефонов исчезает (ещё раз: снова отсутствует)"
    await stage.call(TEACHER, "PUT", path, {"entries": [{"studentId": str(IVAN_ID), "code": "absent"}]})
    return "Ивана нет на уроке: срочно звенят телефоны мамы и папы"


async def notice(stage: Stage) -> str:
    _, today = await stage.lesson_now()
    child: UUID = stage.chance.choice((IVAN_ID, IVAN_ID, SOFIA_ID))
    for offset in range(1, 14):
        day = str(today + timedelta(days=offset))
        body = {"firstDay": day, "lastDay": day, "reason": stage.chance.choice(_REASONS), "comment": "Демо"}
        filed = await stage.call(MOTHER, "POST", f"/v1/children/{child}/absence-notices", body)
        if filed["id"] is not None:
            told = "папы и классного руководителя" if child == IVAN_ID else "папы"
            return f"Мама сообщила об отсутствии {day}: звенят телефоны {told}"
    return "Все ближайшие дни уже отмечены: `make reset` начнёт сначала"


async def meeting(stage: Stage) -> str:
    starts = (datetime.now(UTC) + timedelta(days=stage.chance.randint(2, 9))).replace(hour=15, minute=0, second=0)
    body = {
        "title": stage.chance.choice(_MEETINGS), "place": "кабинет 12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    await stage.call(TEACHER, "POST", f"/v1/classes/{_CLASS_5A}/meetings", body)
    return "Созвано собрание 5А: звенят телефоны мамы и папы"


EVENTS: dict[str, Callable[[Stage], Awaitable[str]]] = {
    "mark": mark,
    "correction": correction,
    "homework": homework,
    "absence": absence,
    "notice": notice,
    "meeting": meeting,
}


async def say(settings: Settings, what: str) -> str:
    """Makes one thing happen. Raises SetupError for an unknown one, or where nothing runs."""
    if what not in EVENTS:
        raise SetupError(f"`{what}` is not one of {', '.join(EVENTS)}")
    async with _client(settings) as client:
        return await _act(Stage(client, demo_password(settings.keys)), what)


async def play(settings: Settings, seconds: int, pace: float) -> None:
    """One thing after another, for so many seconds."""
    until = time.monotonic() + seconds
    async with _client(settings) as client:
        stage = Stage(client, demo_password(settings.keys))
        while time.monotonic() < until:
            what = stage.chance.choices(list(EVENTS), weights=(6, 2, 3, 2, 1, 1))[0]
            print(await _act(stage, what), flush=True)  # noqa: T201
            await asyncio.sleep(pace)


async def _act(stage: Stage, what: str) -> str:
    try:
        return await EVENTS[what](stage)
    except httpx.ConnectError as error:
        raise SetupError("nothing answers: start it with `make run` in another terminal") from error
    except httpx.HTTPStatusError as error:
        raise SetupError(f"the server answered {error.response.status_code}: {error.response.text}") from error


def _client(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=20, trust_env=False)
