"""The demo's people, signed in over HTTP as apps would be."""

import random
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx

from backend.core.clock import school_date
from backend.demo.accounts import TEACHER, DemoAccount


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
