"""Schemathesis over the whole API, signed in as several people: no 5xx, and no answer outside its description."""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar import Litestar

from backend.core.ids import new_id
from backend.core.middleware import RequestLog
from backend.identity.models import AuthSession
from backend.identity.tokens import issue_access
from tests.conftest import MovableClock
from tests.openapi.things import THINGS
from tests.world import Someone, World

HERE = Path(__file__).parent
# It sends what ends sessions.
SESSIONS = 200
LONGEST = 900.0


class RunningClock(MovableClock):
    """Starts where it is set."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self._began)


@pytest.fixture
def clock(now: datetime) -> RunningClock:
    return RunningClock(now)


@pytest.fixture
async def url(app: Litestar) -> AsyncIterator[str]:
    """The API over HTTP, as its process serves it."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(RequestLog(app), log_config=None, access_log=False, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.mark.long
@pytest.mark.parametrize("name", ["teacher", "deputy", "mother", "administrator"])
async def test_no_answer_is_outside_its_description(world: World, url: str, name: str, tmp_path: Path) -> None:
    someone: Someone = getattr(world, name)
    known = await what_there_is(world, someone)
    scene = tmp_path / "scene.json"
    scene.write_text(json.dumps({"tokens": await tokens(world, someone), "known": known}, default=str))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "--no-color",
        "run", f"{url}/schema/openapi.json",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"DIARY_FUZZ_SCENE": str(scene), "PYTHONPATH": str(HERE.parents[1])},
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    assert process.returncode == 0, output.decode()


async def what_there_is(world: World, someone: Someone) -> dict[str, list[Any]]:
    """Ids of the world by the names that they have in addresses and bodies, and days near its today."""
    known: dict[str, list[Any]] = {name: [*await find(world), new_id()] for name, find in THINGS.items()}
    known["student_id"] += await world.classmates(6)
    known["alert_ids"] = [item["id"] for item in (await someone.get("/v1/alerts")).json()["items"][:5]] or [new_id()]
    known["date"] = [world.today + timedelta(days=days) for days in (-1, 0, 1, 2)]
    known["date-time"] = [(world.clock.now + timedelta(hours=hours)).isoformat() for hours in (24, 25, 48, 49)]
    return known


async def tokens(world: World, someone: Someone) -> list[str]:
    """Access tokens of as many sessions; for ten minutes."""
    now = world.clock()
    sessions = [
        AuthSession(
            id=new_id(), account_id=someone.id, seed=bytes(32), generation=1, rotated_at=now, created_at=now,
            device_name="test",
        )
        for _ in range(SESSIONS)
    ]  # fmt: skip
    await world.add(*sessions)
    return [issue_access(world.settings.keys.tokens, someone.id, session.id, now)[0] for session in sessions]
