"""PostgreSQL and Valkey of the run's own, which may be killed and come back."""

import asyncio
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from backend import migrations
from backend.core.errors import SetupError
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.local.postgres import Postgres
from backend.local.servers import Servers
from backend.local.valkey import Valkey

_BACK_WITHIN = 60.0


@dataclass
class Box:
    """The servers and the database in them.

    Attributes:
        crashed_at: the database's clock just before each of its crashes.
    """

    postgres: Postgres
    valkey: Valkey
    settings: Settings
    environment: dict[str, str]
    crashed_at: list[float] = field(default_factory=list)

    async def crash_postgres(self, how: signal.Signals) -> None:
        """Kills the postmaster, and starts it again: it recovers from its log."""
        self.crashed_at.append(time.time())
        process = _running(self.postgres)
        process.send_signal(how)
        await asyncio.to_thread(process.wait, 30)
        await asyncio.to_thread(_start, self.postgres)

    async def restart_postgres(self) -> None:
        """An orderly restart: connections are cut, what is committed is on the disk."""
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(_start, self.postgres)

    async def restart_valkey(self, *, kill: bool) -> None:
        if kill:
            process = _running(self.valkey)
            process.kill()
            await asyncio.to_thread(process.wait, 10)
        else:
            await asyncio.to_thread(self.valkey.stop)
        await asyncio.to_thread(self.valkey.start)

    async def flush_valkey(self) -> None:
        client = connect_redis(self.valkey.url)
        with suppress(RedisError, OSError):
            await client.flushall()
        await client.aclose()

    async def owner(self) -> "asyncpg.Connection[Any]":
        """A connection as the owner of the tables, who sees every row."""
        url = make_url(self.settings.owner_database_url).set(drivername="postgresql")
        return await asyncpg.connect(url.render_as_string(hide_password=False))


@asynccontextmanager
async def running_box(folder: Path) -> AsyncIterator[Box]:
    """Durable servers with a migrated database, for as long as the block lasts."""
    sockets = _sockets()
    postgres = Postgres(folder, sockets / "postgres", durable=True)
    valkey = Valkey(folder, sockets)
    try:
        await asyncio.to_thread(postgres.start)
        await asyncio.to_thread(valkey.start)
        yield await _prepared(postgres, valkey)
    finally:
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(valkey.stop)
        shutil.rmtree(sockets, ignore_errors=True)


def _sockets() -> Path:
    """A folder with a path that is short enough for sockets."""
    made = Path(tempfile.mkdtemp(prefix="my-diary-"))
    # PostgreSQL may run as another user, who must be able to pass through to its own folder.
    made.chmod(0o711)
    return made


async def _prepared(postgres: Postgres, valkey: Valkey) -> Box:
    from tests.conftest import SECRET

    servers = Servers(postgres.url("postgres", "postgres"), valkey.url, own_postgres=True)
    environment = await asyncio.to_thread(servers.database, f"chaos_{secrets.token_hex(4)}", SECRET)
    environment |= {"DIARY_SECRET": SECRET, "FILES_URL": f"file://{tempfile.gettempdir()}/my-diary-files"}
    settings = Settings(**{name.lower(): value for name, value in environment.items()})  # type: ignore[arg-type]
    await migrations.upgrade(settings.owner_database_url)
    return Box(postgres, valkey, settings, environment)


def _running(server: Postgres | Valkey) -> "subprocess.Popen[bytes]":
    process = server._process
    assert process is not None
    return process


def _start(postgres: Postgres) -> None:
    """The killed server's children may hold its memory for another moment; until then it refuses to start."""
    deadline = time.monotonic() + _BACK_WITHIN
    while True:
        try:
            postgres.start()
        except SetupError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
