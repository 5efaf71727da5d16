"""The apps of teachers and parents: requests that are tried again until they are answered, and some that are not."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.core.settings import Settings
from tests.chaos.programs import Program
from tests.chaos.report import Report
from tests.chaos.school import Person

_PATIENCE = 120.0
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 1.0
# What the API says when it cannot: nobody knows whether the transaction was committed.
_UNDECIDED = frozenset({500, 502, 503, 504})


class Unanswered(Exception):
    """Nobody knows whether the request took effect."""


@dataclass
class Client:
    """Sends requests to any of the APIs.

    Attributes:
        statuses: how often each status was answered.
    """

    apis: list[Program]
    settings: Settings
    report: Report
    chance: random.Random
    http: httpx.AsyncClient
    statuses: dict[int, int] = field(default_factory=dict)

    async def send(
        self, who: Person, method: str, path: str, body: object = None, *, key: str | None = None, patient: bool = True
    ) -> httpx.Response:
        """The answer, once there is one that decides.

        Args:
            key: Idempotency-Key.
            patient: whether a lost answer is asked for again.

        Raises:
            Unanswered: the connection was lost before the answer, and nobody asked again.
        """
        deadline, wait = time.monotonic() + _PATIENCE, _FIRST_WAIT
        while True:
            try:
                answer = await self._try(who, method, path, body, {"idempotency-key": key} if key else {})
            except (httpx.ConnectError, httpx.ConnectTimeout):
                sent = False  # nothing has left
            except httpx.TransportError:
                sent = True
            else:
                self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
                if answer.status_code not in _UNDECIDED:
                    return answer
                sent = True
            if (sent and not patient) or time.monotonic() > deadline:
                raise Unanswered
            self.report.count("requests tried again")
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _try(
        self, who: Person, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> httpx.Response:
        api = self.chance.choice(self.apis)
        authorization = {"authorization": f"Bearer {who.token(self.settings)}"}
        api.entered.set()
        self.report.count("requests")
        url = f"http://127.0.0.1:{api.port}{path}"
        try:
            return await self.http.request(method, url, json=body, headers={**authorization, **headers})
        except AttributeError as error:
            # uvloop's word for a connection whose other end died while it was being made.
            raise httpx.ConnectError(str(error)) from error

    async def get(self, who: Person, path: str) -> Any:
        return (await self.send(who, "GET", path)).json()


@asynccontextmanager
async def running_client(
    apis: list[Program], settings: Settings, report: Report, chance: random.Random
) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(timeout=15, trust_env=False) as http:
        yield Client(apis, settings, report, chance, http)
