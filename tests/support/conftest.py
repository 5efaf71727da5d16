"""Support with mail set up, as files in a folder."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from backend.core.db import Database
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.mail.jobs import send_mail
from backend.mail.opening import open_mail
from backend.parts import Parts
from tests.conftest import MovableClock
from tests.mail.server import read_folder


@pytest.fixture
def mail_url(tmp_path: Path) -> str:
    return f"file://{tmp_path}/mail"


@pytest.fixture
async def settings(settings: Settings, mail_url: str) -> Settings:
    return settings.model_copy(
        update={
            "mail_url": mail_url, "mail_from": "diary@school.example", "support_email": "help@school.example",
            "support_phone": "+74950000000", "administrator_email": "office@school.example",
            "administrator_phone": "+74950000001",
        }
    )  # fmt: skip


@pytest.fixture
async def parts(settings: Settings, database: Database, clock: MovableClock) -> AsyncIterator[Parts]:
    """As always; what addresses have asked before is forgotten."""
    redis = connect_redis(settings.redis_url)
    if counted := [key async for key in redis.scan_iter("my-diary:limit:*")]:
        await redis.delete(*counted)
    yield Parts(settings, database, redis, clock)
    await redis.aclose()


class Mailbox:
    """All mail that was sent, oldest first."""

    def __init__(self, settings: Settings, database: Database, clock: MovableClock) -> None:
        self._settings, self._database, self._clock = settings, database, clock

    async def mails(self) -> list[EmailMessage]:
        sender = open_mail(self._settings)
        if sender is None:
            return []
        while await send_mail(self._database, sender, self._clock.now):
            pass
        return read_folder(Path(self._settings.mail_url.removeprefix("file://")))

    async def texts(self, to: str) -> list[str]:
        return [str(mail.get_content()) for mail in await self.mails() if mail["To"] == to]

    async def code(self, to: str) -> str:
        """That of the newest mail with one."""
        with_code = [text for text in await self.texts(to) if "код " in text]
        return with_code[-1].partition("код ")[2][:10]


@pytest.fixture
def mailbox(settings: Settings, database: Database, clock: MovableClock) -> Mailbox:
    return Mailbox(settings, database, clock)
