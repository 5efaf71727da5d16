"""What the tests of files stand on: a folder and a real S3, and a room of the tests' own that files are attached in."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.files.opening import open_storage
from backend.files.storage import Storage
from backend.parts import Parts
from tests.conftest import SECRET, MovableClock
from tests.files.s3 import ACCESS_KEY, S3, SECRET_KEY, running_s3


@dataclass
class Letters:
    """A room whose things are read by some accounts, as the room says at that moment."""

    readers: dict[UUID, set[UUID]] = field(default_factory=dict)

    async def may_read(self, _session: AsyncSession, account_id: UUID, owner_id: UUID, _now: datetime) -> bool:
        return account_id in self.readers.get(owner_id, set())


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    with running_s3() as server:
        yield server


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
async def parts(settings: Settings, database: Database, clock: MovableClock, letters: Letters) -> AsyncIterator[Parts]:
    redis = connect_redis(settings.redis_url)
    yield Parts(settings, database, redis, clock, {"letter": letters.may_read})
    await redis.aclose()


@pytest.fixture
async def storage(settings: Settings) -> Storage:
    """The one that the application stands on."""
    return open_storage(settings)


@pytest.fixture
def stored(tmp_path: Path) -> "Stored":
    return Stored(tmp_path / "files")


@dataclass(frozen=True)
class Stored:
    """What lies in the folder."""

    folder: Path

    def files(self) -> list[Path]:
        return [Path(folder) / name for folder, _, names in os.walk(self.folder) for name in names]


@pytest.fixture
def folder(tmp_path: Path) -> Storage:
    return open_storage(Settings(files_url=f"file://{tmp_path}/files", diary_secret=SECRET))


@pytest.fixture
def bucket(s3: S3) -> Storage:
    return open_storage(
        Settings(
            files_url=s3.files_url, files_access_key=ACCESS_KEY, files_secret_key=SECRET_KEY, diary_secret=SECRET
        )
    )  # fmt: skip
