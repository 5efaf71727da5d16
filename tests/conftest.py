"""Every test gets a database of its own on a real PostgreSQL, and a real Valkey. Nothing is mocked."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from litestar import Litestar
from sqlalchemy.engine import make_url

from backend import migrations
from backend.app import build_app
from backend.core.db import Database
from backend.core.middleware import RequestLog
from backend.core.redis import Announcer, connect_redis
from backend.core.settings import Settings
from backend.local.servers import Servers, running_servers
from backend.parts import Parts
from tests.grounds import in_memory, server_folder
from tests.world import World

pytest_plugins = ["tests.push.fixtures"]

SECRET = base64.b64encode(b"a secret of the tests, 32 bytes.").decode()


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """One PostgreSQL and one Valkey for this worker, or those of the environment."""
    with server_folder("test", in_memory()) as folder, running_servers(folder / "data", durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def template(servers: Servers) -> Iterator[dict[str, str]]:
    """A migrated database that the tests' databases are copies of."""
    environment = servers.database(f"diary_test_{secrets.token_hex(6)}", SECRET)
    asyncio.run(migrations.upgrade(_driver(environment["OWNER_DATABASE_URL"])))
    yield environment
    asyncio.run(_admin(servers, f'DROP DATABASE "{make_url(environment["DATABASE_URL"]).database}" WITH (FORCE)'))


@pytest.fixture
async def settings(servers: Servers, template: dict[str, str], tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a fresh database, as the unprivileged roles."""
    model = make_url(template["DATABASE_URL"]).database
    name = f"{model}_{secrets.token_hex(4)}"
    # Copying files takes half the time of copying pages through the log, where nothing is flushed to the disk.
    await _admin(servers, f'CREATE DATABASE "{name}" TEMPLATE "{model}" OWNER diary_owner STRATEGY FILE_COPY')
    urls = {
        variable.lower(): make_url(url).set(database=name).render_as_string(hide_password=False)
        for variable, url in template.items()
        if variable != "REDIS_URL"
    }
    yield Settings(
        database_url=urls["database_url"],
        push_database_url=urls["push_database_url"],
        owner_database_url=urls["owner_database_url"],
        redis_url=servers.redis_url,
        diary_secret=SECRET,
        files_url=f"file://{tmp_path}/files",
    )
    await _admin(servers, f'DROP DATABASE "{name}" WITH (FORCE)')


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def now() -> datetime:
    """A Wednesday in the second quarter, 12:00 in Moscow."""
    return datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> MovableClock:
    return MovableClock(now)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The database as `diary_app`, which wakes the push worker as in a real process."""
    redis = connect_redis(settings.redis_url)
    database = Database(settings.database_url, pool=5, name="test-app", after_commit=Announcer(redis))
    yield database
    await database.close()
    await redis.aclose()


@pytest.fixture
async def parts(settings: Settings, database: Database, clock: MovableClock) -> AsyncIterator[Parts]:
    """What the API stands on. A folder of tests may have another."""
    redis = connect_redis(settings.redis_url)
    yield Parts(settings, database, redis, clock)
    await redis.aclose()


@pytest.fixture(scope="session")
def standing(servers: Servers, template: dict[str, str]) -> tuple[Litestar, Parts]:
    """The routes, made once for a worker, for that takes longer than most tests; and what they stand on, which each
    test changes."""
    urls = {name.lower(): value for name, value in template.items()}
    settings = Settings(**urls, diary_secret=SECRET, files_url="file:///nowhere")  # type: ignore[arg-type]
    clock = MovableClock(datetime(2026, 1, 1, tzinfo=UTC))
    parts = Parts(settings, Database(settings.database_url), connect_redis(servers.redis_url), clock)
    return build_app(parts), parts


@pytest.fixture
def app(standing: tuple[Litestar, Parts], parts: Parts) -> Litestar:
    made, stands_on = standing
    vars(stands_on).update(vars(parts))
    return made


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """The API on this event loop."""
    transport = httpx.ASGITransport(RequestLog(app), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://diary.test") as client:
        yield client


@pytest.fixture
async def world(database: Database, settings: Settings, client: httpx.AsyncClient, clock: MovableClock) -> World:
    """A small school with everybody who has a part in the tests, and a second school beside it."""
    return await World.make(database, settings, client, clock)


@pytest.fixture(scope="session")
def standin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and certificates of the stand-in, made once a worker."""
    return tmp_path_factory.mktemp("standin")


async def _admin(servers: Servers, statement: str) -> None:
    connection = await asyncpg.connect(make_url(servers.admin_url).set(drivername="postgresql").render_as_string(False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)
