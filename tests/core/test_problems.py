"""Whatever goes wrong over HTTP is problem+json with a place and a remedy, and leaves no trace."""

from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar import get as litestar_get

from backend.app import build_app
from backend.core.access import Access
from backend.core.db import Database
from backend.core.middleware import RequestLog
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.parts import Parts
from tests.conftest import MovableClock
from tests.world import World


def of(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:my-diary:problem:{problem['code']}"
    assert problem["requestId"] == answer.headers["x-request-id"]
    return answer.status_code, problem["code"]


async def test_unknown_address_and_method(world: World) -> None:
    assert of(await world.client.get("/nowhere")) == (404, "not-found")
    assert of(await world.client.patch("/v1/app")) == (405, "method-not-allowed")
    assert of(await world.mother.get("/v1/children/not-a-uuid/day")) == (404, "not-found")


async def test_every_wrong_field_is_named_at_once(world: World) -> None:
    body = {"marks": [{"studentId": "x", "value": "6"}, {"value": "5", "extra": 1}], "more": True}
    answer = await world.teacher.put(f"/v1/works/{world.lesson}/marks", body)
    assert of(answer) == (422, "invalid")
    errors = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert errors == {
        "/more": "unknown-field",
        "/marks/0/studentId": "wrong-type",
        "/marks/0/value": "not-one-of",
        "/marks/1/extra": "unknown-field",
        "/marks/1/studentId": "required",
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "not-json"),
        (b'"\xff"', "not-json"),
        (b"[" * 100_000, "not-json"),
        (b"", "required"),
        (b"[]", "wrong-type"),
    ],
)
async def test_bodies_that_are_no_object(world: World, content: bytes, code: str) -> None:
    headers = {"content-type": "application/json"}
    answer = await world.client.post("/v1/sessions", content=content, headers=headers)
    assert of(answer) == (422, "invalid")
    assert [error["code"] for error in answer.json()["errors"]] == [code]


async def test_a_number_in_quotes_is_no_number(world: World) -> None:
    work = await world.give_work()
    answer = await world.set_mark("5", work, version="0")
    assert answer.json()["errors"][0]["pointer"] == "/marks/0/version"


async def test_too_large_and_of_the_wrong_kind(world: World) -> None:
    large = await world.client.post("/v1/sessions", content=b"x" * 1_000_001)
    assert of(large) == (413, "body-too-large")
    kind = await world.client.post("/v1/sessions", content=b"{}", headers={"content-type": "text/plain"})
    assert of(kind) == (415, "unsupported-media-type")


async def test_wrong_query(world: World) -> None:
    answer = await world.mother.get(f"/v1/children/{world.ivan}/day?day=yesterday")
    assert of(answer) == (422, "invalid")
    assert answer.json()["errors"][0] == {
        "pointer": "query:day",
        "code": "wrong-type",
        "detail": "значение не того вида",
    }


async def test_a_parameter_out_of_range(world: World) -> None:
    for slot in (0, 10, 10**20):
        answer = await world.teacher.get(f"/v1/works/{world.lesson}/marks/{world.ivan}/{slot}/history")
        assert of(answer) == (422, "invalid")
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("path:slot", "out-of-range")


async def test_wrong_rows_of_a_part_that_may_be_left_out_are_named(world: World) -> None:
    rows = [{"studentId": str(world.ivan), "code": "late", "minutes": "x"}, {"code": "asleep"}]
    answer = await world.teacher.put(f"/v1/lessons/{world.lesson}", {"attendance": rows})
    assert of(answer) == (422, "invalid")
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/attendance/0/minutes": "wrong-type",
        "/attendance/1/studentId": "required",
        "/attendance/1/code": "not-one-of",
    }


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("en-US,en;q=0.9", "There is no such thing."),
        ("de, ru;q=0.5", "Такого нет."),
        ("", "Такого нет."),
        (";q=x", "Такого нет."),
    ],
)
async def test_problems_speak_the_callers_language(world: World, header: str, detail: str) -> None:
    answer = await world.client.get("/nowhere", headers={"accept-language": header})
    assert answer.json()["detail"] == detail


async def test_a_bug_tells_nothing_of_the_inside(world: World, app: Litestar) -> None:
    @litestar_get("/broken", access=Access.PUBLIC)
    async def broken() -> None:
        raise RuntimeError("secret inside")

    app.register(broken)
    answer = await world.client.get("/broken")
    assert of(answer) == (500, "internal")
    assert "secret" not in answer.text


async def test_an_unreachable_database_is_503(settings: Settings, clock: MovableClock) -> None:
    nowhere = Database("postgresql+asyncpg://diary_app@127.0.0.1:1/diary", pool=1)
    redis = connect_redis(settings.redis_url)
    app = build_app(Parts(settings, nowhere, redis, clock))
    transport = httpx.ASGITransport(RequestLog(app), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://diary.test") as client:
        answer = await client.post("/v1/sessions", json={"login": "a", "password": "b", "deviceName": "c"})
        assert of(answer) == (503, "unavailable")
        assert answer.headers["retry-after"] == "5"
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["postgres"]) == (503, "unreachable")
    await nowhere.close()
    await redis.aclose()
