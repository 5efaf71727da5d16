"""A lesson's page with a new work and thirty marks, saved over HTTP, against an app that knows no batch."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pyreqwest.client import Client, ClientBuilder

from tests.benchmarks.demo import running_server
from tests.benchmarks.register.stage import STUDENTS, Journal

ROUNDS = 3
SAVES = 400
WARM_UP = 40
SINGLES = 40
AIM_MS = 50.0
_CODES = ("absent", "late", "ill", "exempt")
_SINGLE = f"{STUDENTS} requests of one mark"

Save = Callable[[Client, UUID], Awaitable[None]]


@dataclass(frozen=True)
class Took:
    """Milliseconds of one round."""

    p50: float
    p99: float
    most: float


@dataclass(frozen=True)
class Contest:
    """One way to save, how many at once."""

    name: str
    save: Save
    at_once: int


def compare_saves(journal: Journal) -> None:
    """Prints how long saves take, and what the aim makes of them."""
    took: dict[str, list[Took]] = {}
    for _ in range(ROUNDS):
        with running_server() as base_url:
            for name, round_of in asyncio.run(_round(base_url, journal)).items():
                took.setdefault(name, []).append(round_of)
    medians = {
        name: Took(*(statistics.median(getattr(of, part) for of in rounds) for part in ("p50", "p99", "most")))
        for name, rounds in took.items()
    }
    print(f"\na lesson's page with {STUDENTS} marks, medians of {ROUNDS} rounds of {SAVES} saves, {SINGLES} of singles")
    first = next(iter(medians.values()))
    for name, of in medians.items():
        print(f"  {name:<32} p50 {of.p50:6.1f} ms  p99 {of.p99:6.1f} ms  max {of.most:6.1f} ms", end="")
        print(f"  {of.p50 / first.p50:5.2f} x" if name == _SINGLE else f"  p99 under {AIM_MS:.0f} ms: {_verdict(of)}")


def _verdict(of: Took) -> str:
    return "met" if of.p99 < AIM_MS else "MISSED"


async def _round(base_url: str, journal: Journal) -> dict[str, Took]:
    marks, both, singles = (_saver(base_url, journal, way) for way in (_marks, _marks_and_attendance, None))
    contests = [
        Contest("marks", marks, 1),
        Contest("marks and attendance", both, 1),
        Contest("marks, 4 at once", marks, 4),
        Contest("marks and attendance, 4 at once", both, 4),
    ]
    found = {}
    async with ClientBuilder().gzip(True).build() as client:
        for contest in contests:
            await _timed(client, contest, await journal.lessons(WARM_UP))
            found[contest.name] = await _timed(client, contest, await journal.lessons(SAVES))
        found[_SINGLE] = await _timed(client, Contest(_SINGLE, singles, 1), await journal.works(SINGLES))
    return found


def _saver(base_url: str, journal: Journal, body_of: Callable[[list[UUID]], dict[str, Any]] | None) -> Save:
    """What saves in one request, or mark by mark where there is no body for all."""
    headers = {"authorization": f"Bearer {journal.token}"}

    async def put(client: Client, path: str, body: dict[str, Any]) -> None:
        answer = await client.put(f"{base_url}/v1{path}").headers(headers).body_json(body).build().send()
        if answer.status != 200:
            raise RuntimeError(f"answered {answer.status}: {await answer.text()}")
        await answer.bytes()

    async def at_once(client: Client, lesson: UUID) -> None:
        assert body_of is not None
        await put(client, f"/lessons/{lesson}", body_of(journal.students))

    async def one_by_one(client: Client, work: UUID) -> None:
        for mark in _thirty(journal.students):
            await put(client, f"/works/{work}/marks", {"marks": [mark]})

    return at_once if body_of else one_by_one


def _thirty(students: Sequence[UUID]) -> list[dict[str, Any]]:
    return [{"studentId": str(student), "value": str(2 + number % 4)} for number, student in enumerate(students)]


def _marks(students: Sequence[UUID]) -> dict[str, Any]:
    return {"works": [{"kind": "test", "topic": "Дроби", "marks": _thirty(students)}]}


def _marks_and_attendance(students: Sequence[UUID]) -> dict[str, Any]:
    entries = [{"studentId": str(student), "code": _CODES[place % 4]} for place, student in enumerate(students)]
    return _marks(students) | {"attendance": entries}


async def _timed(client: Client, contest: Contest, places: Sequence[UUID]) -> Took:
    waiting = list(places)
    took: list[float] = []

    async def work() -> None:
        while waiting:
            place = waiting.pop()
            began = time.perf_counter()
            await contest.save(client, place)
            took.append((time.perf_counter() - began) * 1_000)

    await asyncio.gather(*(work() for _ in range(contest.at_once)))
    took.sort()
    return Took(statistics.median(took), took[int(len(took) * 0.99)], took[-1])
