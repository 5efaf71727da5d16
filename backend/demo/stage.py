"""The demo's people, signed in over HTTP as apps would be."""

import random
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx

from backend.core.clock import school_date
from backend.core.errors import SetupError
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
            self._tokens[account.login] = await self._sign_in(wish)
        headers = {"authorization": f"Bearer {self._tokens[account.login]}", "idempotency-key": uuid4().hex}
        try:
            return await self._send(method, path, body, headers)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 401:
                raise
            del self._tokens[account.login]
            return await self.call(account, method, path, body)

    async def _sign_in(self, wish: dict[str, str]) -> str:
        try:
            return str((await self._send("POST", "/v1/sessions", wish, {}))["accessToken"])
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 401:
                raise
            raise SetupError(
                f"{wish['login']} has another password than the demo gave: `make reset` begins anew"
            ) from error

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
        held = [one["id"] for one in lessons if one["groupName"] == "5А" and one["state"] != "cancelled"]
        if not held:
            raise SetupError("5А has no mathematics today: `make run` lays lessons around the moment it is started")
        return held[0], today
