"""A child's week, cold and unchanged, against the same read written otherwise; all on the same database and server."""

import asyncio
import json
import statistics
import time
from collections.abc import Mapping
from typing import Any

import httpx
from pyreqwest.client import Client, ClientBuilder

from tests.benchmarks import demo
from tests.benchmarks.demo import running_server
from tests.benchmarks.diary.stage import Week

ROUNDS = 5
SECONDS = 3.0
AT_ONCE = 16
OURS, LIMIT, FASTAPI, DRF = "ours", "by hand: one query, asyncpg", "FastAPI, SQLModel", "Django REST framework"
UNCHANGED = "ours, unchanged (304)"
SERVERS = {
    OURS: demo.OURS,
    LIMIT: ["--interface", "asgi", "tests.benchmarks.diary.rivals.by_hand:app"],
    FASTAPI: ["--interface", "asgi", "tests.benchmarks.diary.rivals.fastapi_sqlmodel:app"],
    DRF: ["--interface", "wsgi", "--blocking-threads", "4", "tests.benchmarks.diary.rivals.drf.wsgi:application"],
}


def compare_weeks(week: Week) -> None:
    """Prints requests a second of each, and what the aims make of them."""
    rates: dict[str, list[float]] = {name: [] for name in (*SERVERS, UNCHANGED)}
    answers: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for name, words in SERVERS.items():
            with running_server(words) as base_url:
                asyncio.run(_ask(name, base_url, week, rates, answers))
    _check_alike(answers)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    print(f"\na child's week ({len(json.dumps(answers[OURS]))} bytes), {AT_ONCE} at once, medians of {ROUNDS} rounds")
    for name, median in medians.items():
        print(f"  {name:<28} {median:6.0f} requests/s {median / medians[LIMIT]:6.2f} x by hand")
    _judge(medians)


def _judge(medians: Mapping[str, float]) -> None:
    for what, ratio, aim in (
        ("cold against by hand", medians[OURS] / medians[LIMIT], 0.8),
        ("unchanged against cold", medians[UNCHANGED] / medians[OURS], 3),
        ("cold against FastAPI with SQLModel", medians[OURS] / medians[FASTAPI], 4),
        ("cold against Django REST framework", medians[OURS] / medians[DRF], 8),
    ):
        print(f"  {what:<36} {ratio:5.2f} x   aim {aim} x: {'met' if ratio >= aim else 'MISSED'}", flush=True)


async def _ask(name: str, base_url: str, week: Week, rates: dict[str, list[float]], answers: dict[str, Any]) -> None:
    # Only ours would compress: the others must not win by that.
    headers = {"authorization": f"Bearer {week.token}", "accept-encoding": "identity"}
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, headers=headers) as client:
        answer = await client.get(week.path)
        if answer.status_code != 200:
            raise RuntimeError(f"{name}: {answer.status_code} {answer.text[:500]}")
        answers[name] = answer.json()
    rates[name].append(await _load(base_url + week.path, headers, 200))
    if name == OURS:
        known = headers | {"if-none-match": answer.headers["etag"]}
        rates[UNCHANGED].append(await _load(base_url + week.path, known, 304))


async def _load(url: str, headers: dict[str, str], status: int) -> float:
    """Requests a second, after a second to warm up."""
    until, done = time.perf_counter() + 1, 0

    async def ask(client: Client) -> None:
        nonlocal done
        while time.perf_counter() < until:
            answer = await client.get(url).headers(headers).build().send()
            if answer.status != status:
                raise RuntimeError(f"answered {answer.status}")
            await answer.bytes()
            done += 1

    async with ClientBuilder().build() as client:
        await asyncio.gather(*(ask(client) for _ in range(AT_ONCE)))
        began = time.perf_counter()
        until, done = began + SECONDS, 0
        await asyncio.gather(*(ask(client) for _ in range(AT_ONCE)))
        return done / (time.perf_counter() - began)


def _check_alike(answers: Mapping[str, Any]) -> None:
    """Who answers less is no contender."""
    ours = _plain(answers[OURS])
    for name, answer in answers.items():
        if _plain(answer) != ours:
            raise RuntimeError(f"{name} answers something else")


def _plain(value: Any) -> Any:
    """JSON without what spells the same thing differently: moments, decimals, and the order of equals."""
    if isinstance(value, dict):
        return {key: _plain(of) for key, of in value.items()}
    if isinstance(value, list):
        return sorted((_plain(of) for of in value), key=str)
    if isinstance(value, str) and value[10:11] == "T":
        from datetime import datetime

        return datetime.fromisoformat(value).timestamp()
    return value
