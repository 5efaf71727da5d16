"""What people write to support, and how to reach them, is in no log."""

import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from backend.core.logging import configure_logging
from backend.core.settings import Settings
from backend.mail.jobs import send_mail
from backend.mail.smtp import SmtpSender
from tests.mail.server import Post, running_post
from tests.push.fixtures import run_as_owner
from tests.support.test_entry import ask, confirm
from tests.support.test_requests import answer, asked
from tests.world import World

SEEDED = ("anna@", "sergey@", "912345", "912 345", "Не пускает", "Логин", "Исправили", "Дата рождения", "Сергей")


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with running_post(tmp_path) as post:
        yield post


async def live(world: World, post: Post) -> None:
    """Everything that support can say, to a mail server that fails and quotes addresses."""
    await run_as_owner(world, f"UPDATE account SET email = 'sergey@example.org' WHERE id = '{world.father.id}'")
    made = await asked(world.father, email="sergey@example.org", phone="8 912 345-67-89")
    await answer(world.administrator, made, text="Исправили")
    number = (await ask(world.client, phone="8 912 345-67-89")).json()["number"]
    await ask(world.client, email="anna@", phone="8 912 345-67-89-00-11")
    await confirm(world.client, number, "aaaaaaaaaa")
    sender = SmtpSender(post.server(), "diary@school.example", post.trust())
    for fault in ("450 sergey@example.org is busy", "reset", "554 anna@example.org is unknown"):
        post.answers = {"RCPT": fault}
        await send_mail(world.database, sender, world.clock.now)
        world.clock.move(hours=3)


async def test_no_word_of_a_request_reaches_a_log(world: World, post: Post, settings: Settings) -> None:
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        configure_logging("debug", cached=False)
        try:
            await live(world, post)
        finally:
            structlog.reset_defaults()
            logging.getLogger().handlers.clear()
    logs = written.getvalue()
    assert "mail_put_off" in logs
    assert "mail_given_up" in logs
    assert '"route": "/v1/app/support-requests"' in logs
    for word in SEEDED:
        assert word not in logs
        assert json.dumps(word).strip('"') not in logs
