"""Mail that is due is sent, once at a time, again when it must be, and not for ever."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.core.db import Database
from backend.jobs_report import look
from backend.mail.jobs import AT_ONCE, KEPT_GIVEN_UP, forget_given_up, send_mail
from backend.mail.message import Mail
from backend.mail.outbox import post
from backend.mail.retry import next_try
from backend.mail.sender import ACCEPTED, MailSender, Outcome, Verdict
from backend.mail.smtp import SmtpSender
from tests.conftest import MovableClock
from tests.mail.server import Post, running_post

TO = "anna@example.org"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Post]:
    with running_post(tmp_path) as server:
        yield server


@pytest.fixture
def sender(server: Post) -> SmtpSender:
    return SmtpSender(server.server(), "diary@school.example", server.trust())


@dataclass
class Scripted:
    """A way of mail of the tests' own, which answers as it is told."""

    answers: list[Verdict | Exception] = field(default_factory=list)
    seen: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> Verdict:
        self.seen.append(mail)
        answer = self.answers.pop(0) if self.answers else ACCEPTED
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def check(self) -> str:
        return "here"


async def write(database: Database, clock: MovableClock, number: int = 1) -> None:
    async with database.transaction() as session:
        for _ in range(number):
            await post(session, TO, "Обращение", "Готово", clock.now)


async def rows(database: Database) -> list[tuple[object, ...]]:
    async with database.transaction() as session:
        found = await session.execute(text("SELECT attempts, reason, due_at IS NULL, body FROM mail_due ORDER BY id"))
        return [tuple(row) for row in found]


async def test_what_was_sent_is_gone(database: Database, clock: MovableClock, server: Post, sender: SmtpSender) -> None:
    await write(database, clock, 3)
    assert await send_mail(database, sender, clock.now) == 3
    assert [mail["To"] for mail in server.mails()] == [TO] * 3
    assert await rows(database) == []
    assert await send_mail(database, sender, clock.now) == 0


async def test_a_fact_that_does_not_happen_sends_nothing(database: Database, clock: MovableClock) -> None:
    with pytest.raises(LookupError):
        async with database.transaction() as session:
            await post(session, TO, "Обращение", "Готово", clock.now)
            raise LookupError
    assert await rows(database) == []


async def test_a_server_that_is_busy_is_asked_again_until_it_takes_the_same_mail(
    database: Database, clock: MovableClock, server: Post, sender: SmtpSender
) -> None:
    await write(database, clock)
    server.answers["RCPT"] = "450 greylisted"
    await send_mail(database, sender, clock.now)
    assert await rows(database) == [(1, "smtp-450", False, "Готово")]
    assert await send_mail(database, sender, clock.now + timedelta(seconds=59)) == 0

    server.answers.clear()
    clock.move(seconds=91)
    assert await send_mail(database, sender, clock.now) == 1
    assert (len(server.taken), await rows(database)) == (1, [])


async def test_an_address_that_is_none_is_given_up_at_once_and_its_text_is_forgotten(
    database: Database, clock: MovableClock, server: Post, sender: SmtpSender
) -> None:
    await write(database, clock)
    server.answers["RCPT"] = "550 no such user"
    await send_mail(database, sender, clock.now)
    assert await rows(database) == [(1, "smtp-550", True, "")]
    line = next(queue for queue in (await look(database, clock.now)).queues if queue.name == "send-mail")
    assert (line.waiting, line.late, line.given_up) == (0, 0, 1)

    async with database.transaction() as session:
        await forget_given_up(session, clock.now + KEPT_GIVEN_UP)
    assert len(await rows(database)) == 1
    async with database.transaction() as session:
        await forget_given_up(session, clock.now + KEPT_GIVEN_UP + timedelta(seconds=1))
    assert await rows(database) == []


async def test_after_a_day_nobody_tries_any_more(database: Database, clock: MovableClock) -> None:
    await write(database, clock)
    sender, began = Scripted(), clock.now
    while clock.now < began + timedelta(hours=30):
        sender.answers = [Verdict(Outcome.LATER, "unreachable")]
        await send_mail(database, sender, clock.now)
        clock.move(minutes=1)
    assert 15 <= len(sender.seen) <= 25
    assert len({mail.id for mail in sender.seen}) == 1
    (attempts, reason, given_up, body) = (await rows(database))[0]
    assert (attempts, reason, given_up, body) == (len(sender.seen), "unreachable", True, "")


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 1), (2, 2), (5, 16), (8, 120), (100, 120)])
def test_waits_double_up_to_two_hours_and_spread(attempt: int, minutes: int, clock: MovableClock) -> None:
    assert next_try(attempt, clock.now, 0) == clock.now + timedelta(minutes=minutes)
    assert next_try(attempt, clock.now, 1) == clock.now + timedelta(minutes=minutes * 1.5)


async def test_two_who_send_never_send_the_same(database: Database, clock: MovableClock) -> None:
    await write(database, clock, AT_ONCE + 5)
    one, other = Scripted(), Scripted()
    counts = await asyncio.gather(*(send_mail(database, who, clock.now) for who in (one, other, one, other)))
    assert sum(counts) == AT_ONCE + 5
    assert len({mail.id for mail in one.seen + other.seen}) == len(one.seen + other.seen) == AT_ONCE + 5
    assert await rows(database) == []


class Dying(Scripted):
    """Sends, and its process dies before it can say so."""

    async def send(self, mail: Mail) -> Verdict:
        self.seen.append(mail)
        raise asyncio.CancelledError


async def test_who_dies_over_a_mail_has_sent_at_most_the_same_again(database: Database, clock: MovableClock) -> None:
    await write(database, clock)
    dying, living = Dying(), Scripted()
    with pytest.raises(asyncio.CancelledError):
        await send_mail(database, dying, clock.now)
    assert await send_mail(database, living, clock.now) == 0  # not at every tick
    assert await send_mail(database, living, clock.now + timedelta(seconds=91)) == 1
    assert living.seen == dying.seen


async def test_one_mail_that_breaks_everything_does_not_keep_the_others(
    database: Database, clock: MovableClock
) -> None:
    await write(database, clock, 3)
    sender: MailSender = Scripted(answers=[RuntimeError("anna@example.org")])
    assert await send_mail(database, sender, clock.now) == 3
    assert await rows(database) == [(1, "broken", False, "Готово")]
