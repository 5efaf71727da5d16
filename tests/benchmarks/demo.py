"""The demo school on servers that keep what they commit, and what a benchmark adds to it by hand."""

import asyncio
import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx

from backend import migrations
from backend.core.db import plain_url
from backend.core.settings import read_settings
from backend.demo.load import load_demo
from backend.identity.tokens import issue_access
from backend.local.servers import running_servers
from tests.benchmarks.push.server import free_port
from tests.benchmarks.push.stage import SECRET

# One process, as an installation runs it.
_GRANIAN = [sys.executable, "-m", "granian", "--workers", "1", "--loop", "uvloop"]
OURS = ["--interface", "asgi", "--factory", "tests.benchmarks.asgi:build"]


@contextlib.contextmanager
def demo_school(folder: Path) -> Iterator[None]:
    """Puts what the API needs into the environment, for as long as the block lasts."""
    with running_servers(folder, durable=True) as servers:
        environment = servers.database(f"bench_{secrets.token_hex(4)}", SECRET) | {
            "DIARY_SECRET": SECRET, "FILES_URL": f"file://{folder.absolute()}/files",
        }  # fmt: skip
        os.environ.update(environment)
        settings = read_settings("DATABASE_URL", "DIARY_SECRET")
        asyncio.run(migrations.upgrade(settings.owner_database_url))
        asyncio.run(load_demo(settings))
        yield


@contextlib.contextmanager
def running_server(words: Sequence[str] = OURS) -> Iterator[str]:
    """A granian process that answers; gives its address."""
    port = free_port()
    process = subprocess.Popen([*_GRANIAN, "--port", str(port), *words])  # noqa: S603 - our own words
    try:
        base_url = f"http://127.0.0.1:{port}"
        asyncio.run(_until_ready(base_url))
        yield base_url
    finally:
        process.terminate()
        process.wait(20)


async def connect_owner() -> asyncpg.Connection:
    return await asyncpg.connect(plain_url(os.environ["OWNER_DATABASE_URL"]))


async def sign_in(connection: asyncpg.Connection, account_id: UUID) -> str:
    """An access token of a new session, long enough for a whole run."""
    session, now = uuid4(), datetime.now(UTC)
    row = {"id": session, "account_id": account_id, "seed": b"seed", "generation": 1, "device_name": "bench"}
    await insert(connection, "auth_session", row | {"rotated_at": now, "created_at": now})
    key = read_settings("DATABASE_URL", "DIARY_SECRET").keys.tokens
    return issue_access(key, account_id, session, now + timedelta(hours=2))[0]


async def insert(connection: asyncpg.Connection, table: str, row: Mapping[str, object]) -> None:
    slots = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({slots})", *row.values())


async def _until_ready(base_url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(300):
            try:
                if (await client.get(f"{base_url}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise TimeoutError("the server did not start within 30 s")
