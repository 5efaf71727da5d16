"""How long a mark takes: from the commit to FCM's (the stand-in's) door, and from the POST to the phone page."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from backend.core.clock import system_clock
from backend.core.db import Database
from backend.core.redis import Announcer, connect_redis
from backend.demo.accounts import IVAN_ID, TEACHER, demo_password
from backend.demo.stage import Stage
from backend.identity.acting import Acting
from backend.journal import service
from backend.local.supervisor import Running
from schemas.journal import GiveWork, SetMark, SetMarks

ROUNDS = 60
WARM_UP = 5


async def measure_latency(demo: Running) -> None:
    """Prints median, p95 and maximum of both ways."""
    page = f"http://127.0.0.1:{demo.ports.page}"
    async with httpx.AsyncClient(base_url=page, timeout=30, trust_env=False) as client:
        token = await _students_token(client)
        async with client.stream("GET", f"/phones/{token}/stream") as stream:
            arrivals = _arrivals(stream)
            _print("commit -> request at the stand-in", await _from_commit(demo, arrivals))
            _print("POST   -> event on the phone page", await _from_post(demo, arrivals))


async def _students_token(client: httpx.AsyncClient) -> str:
    phones = (await client.get("/phones")).json()
    return str(next(item["phone"]["token"] for item in phones if item["phone"]["name"].startswith("Иван")))


async def _arrivals(stream: httpx.Response) -> AsyncIterator[datetime]:
    """When each message reached the stand-in, by its own clock on this machine."""
    async for line in stream.aiter_lines():
        if line.startswith("data:"):
            yield datetime.fromisoformat(json.loads(line[5:])["receivedAt"])


async def _from_commit(demo: Running, arrivals: AsyncIterator[datetime]) -> list[float]:
    """The use case in this process, so that the moment of the commit is known; worker and stand-in in theirs."""
    redis = connect_redis(demo.settings.redis_url)
    announcer = Announcer(redis)
    committed = datetime.now(UTC)

    async def after_commit(left: Mapping[str, Any]) -> None:
        nonlocal committed
        committed = datetime.now(UTC)
        await announcer(left)

    database = Database(demo.settings.database_url, pool=2, after_commit=after_commit)
    acting = Acting(TEACHER.id, TEACHER.id, TEACHER.login, "ru", must_set_password=False)
    stage, client = signed_in_stage(demo)
    lesson, _ = await stage.lesson_now()
    took = []
    for number in range(WARM_UP + ROUNDS):
        async with database.transaction(TEACHER.id) as session:
            work = await service.give_work(
                session, acting, GiveWork(lesson_id=lesson, kind="answer"), system_clock()  # type: ignore[arg-type]
            )  # fmt: skip
            wish = SetMarks(marks=[SetMark(student_id=IVAN_ID, value="5")])
            await service.set_marks(session, acting, work.id, wish, system_clock())
        arrived = await asyncio.wait_for(anext(aiter(arrivals)), 10)
        if number >= WARM_UP:
            took.append((arrived - committed).total_seconds() * 1000)
        await asyncio.sleep(0.05)
    await client.aclose()
    await database.close()
    await redis.aclose()
    return took


async def _from_post(demo: Running, arrivals: AsyncIterator[datetime]) -> list[float]:
    stage, client = signed_in_stage(demo)
    lesson, _ = await stage.lesson_now()
    took = []
    for number in range(WARM_UP + ROUNDS):
        work = await stage.call(TEACHER, "POST", "/v1/works", {"lessonId": lesson, "kind": "answer"})
        body = {"marks": [{"studentId": str(IVAN_ID), "value": "4"}]}
        began = time.perf_counter()
        await stage.call(TEACHER, "PUT", f"/v1/works/{work['id']}/marks", body)
        await asyncio.wait_for(anext(aiter(arrivals)), 10)
        if number >= WARM_UP:
            took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.05)
    await client.aclose()
    return took


def signed_in_stage(demo: Running) -> tuple[Stage, httpx.AsyncClient]:
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{demo.ports.api}", timeout=20, trust_env=False)
    return Stage(client, demo_password(demo.settings.keys)), client


def _print(what: str, took: list[float]) -> None:
    ordered = sorted(took)
    p95 = ordered[int(len(ordered) * 0.95)]
    print(
        f"  {what}: median {statistics.median(took):.1f} ms, p95 {p95:.1f} ms, max {ordered[-1]:.1f} ms ({len(took)})"
    )
