"""One suite over both ways of mail, and what a mail server may do to ours."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import values
from backend.core.errors import SetupError
from backend.core.ids import new_id
from backend.core.settings import Settings
from backend.mail.folder import FolderSender
from backend.mail.message import Mail, compose
from backend.mail.opening import open_mail
from backend.mail.sender import ACCEPTED, MailSender, Outcome, Verdict
from backend.mail.smtp import Server, SmtpSender
from tests.mail.server import Post, read_folder, running_post

SENDER = "Мой дневник <diary@school.example>"
WRITTEN = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def a_mail(recipient: str = "anna@example.org", subject: str = "Обращение 2026-000123", text: str = "Готово") -> Mail:
    return Mail(new_id(), recipient, subject, text, WRITTEN)


@dataclass
class Way:
    sender: MailSender
    arrived: Callable[[], list[EmailMessage]]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with running_post(tmp_path) as post:
        yield post


def over_smtp(post: Post, server: Server | None = None) -> SmtpSender:
    """Impatient only where the server is slow."""
    step = 1.5 if "slow" in post.answers.values() else 10
    return SmtpSender(server or post.server(), SENDER, post.trust(), step=step)


@pytest.fixture(params=["starttls", "tls", "relay", "folder"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    if request.param == "folder":
        folder = tmp_path / "mail"
        yield Way(FolderSender(str(folder), SENDER), lambda: read_folder(folder))
        return
    tls, plain = request.param == "tls", request.param == "relay"
    with running_post(tmp_path, tls=tls, plain=plain) as post:
        server = post.server(tls=tls, starttls=not tls and not plain, password=None) if plain else post.server(
            tls=tls, starttls=not tls
        )  # fmt: skip
        yield Way(over_smtp(post, server), post.mails)


async def test_a_mail_arrives_as_it_was_written(way: Way) -> None:
    mail = a_mail(text="Пароль выдан.\n<b>Не тег</b>\n.\nс точкой")
    assert await way.sender.send(mail) == ACCEPTED
    (arrived,) = way.arrived()
    assert arrived.get_content_type() == "text/plain"
    assert arrived.get_content().replace("\r\n", "\n").rstrip("\n") == mail.text
    assert {name: arrived[name] for name in ("Subject", "To", "From", "Message-ID", "Auto-Submitted")} == {
        "Subject": "Обращение 2026-000123", "To": "anna@example.org", "From": SENDER,
        "Message-ID": f"<{mail.id}@school.example>", "Auto-Submitted": "auto-generated",
    }  # fmt: skip
    assert arrived["Date"].datetime == WRITTEN


async def test_sent_again_it_is_known_by_its_message_id(way: Way) -> None:
    mail = a_mail()
    assert [await way.sender.send(mail), await way.sender.send(mail)] == [ACCEPTED, ACCEPTED]
    assert {arrived["Message-ID"] for arrived in way.arrived()} == {f"<{mail.id}@school.example>"}


@pytest.mark.parametrize(
    "mail",
    [
        a_mail(subject="Тема\r\nBcc: all@example.org"), a_mail(subject="Тема\nX: y"),
        a_mail(recipient="anna@example.org\r\nBcc: all@example.org"), a_mail(recipient="no address"),
    ],
)  # fmt: skip
async def test_no_header_is_smuggled_in(way: Way, mail: Mail) -> None:
    assert (await way.sender.send(mail)).outcome is Outcome.REFUSED
    assert way.arrived() == []


async def test_trying_it_sends_nothing(way: Way) -> None:
    assert await way.sender.check()
    assert way.arrived() == []


@given(st.emails() | st.text(max_size=40).map(lambda text: f"{text}@example.org") | st.text(max_size=40))
def test_what_is_taken_for_an_address_can_be_written_to(text: str) -> None:
    address = values.email(text)
    if address is not None:
        message = compose(a_mail(recipient=address), SENDER)
        assert message["To"].addresses[0].addr_spec == values.mailable(address)
        assert message_from_bytes(message.as_bytes(), policy=policy.default).keys() == message.keys()


@pytest.mark.parametrize(
    ("command", "answer", "verdict"),
    [
        ("RCPT", "450 busy", Verdict(Outcome.LATER, "smtp-450")),
        ("RCPT", "550 no such user anna", Verdict(Outcome.REFUSED, "smtp-550")),
        ("DATA", "451 later", Verdict(Outcome.LATER, "smtp-451")),
        ("DATA", "554 spam", Verdict(Outcome.REFUSED, "smtp-554")),
        ("MAIL", "421 closing", Verdict(Outcome.LATER, "smtp-421")),
        # What a server has against us an operator can mend: no mail is lost for it.
        ("MAIL", "553 not your address", Verdict(Outcome.LATER, "smtp-553")),
        ("MAIL", "reset", Verdict(Outcome.LATER, "unreachable")),
        ("DATA", "reset", Verdict(Outcome.LATER, "unreachable")),
        ("RCPT", "slow", Verdict(Outcome.LATER, "timeout")),
    ],
)  # fmt: skip
async def test_what_a_server_says_has_a_name(post: Post, command: str, answer: str, verdict: Verdict) -> None:
    post.answers[command] = answer
    assert await over_smtp(post).send(a_mail()) == verdict
    post.answers.clear()
    assert await over_smtp(post).send(a_mail()) == ACCEPTED


@pytest.mark.parametrize("answer", ["reset", "slow", "421 closing"])
async def test_what_was_taken_is_taken_whatever_the_farewell(post: Post, answer: str) -> None:
    post.answers["QUIT"] = answer
    assert await over_smtp(post).send(a_mail()) == ACCEPTED
    assert len(post.taken) == 1


async def test_a_server_that_does_not_let_us_in_is_asked_again(post: Post) -> None:
    assert await over_smtp(post, post.server(password="wrong")).send(a_mail()) == Verdict(Outcome.LATER, "not-let-in")
    with pytest.raises(Exception, match="535"):
        await over_smtp(post, post.server(password="wrong")).check()


async def test_nothing_is_said_to_a_server_that_nobody_vouches_for(post: Post) -> None:
    sender = SmtpSender(post.server(), SENDER, ssl.create_default_context())
    assert await sender.send(a_mail()) == Verdict(Outcome.LATER, "tls")
    assert post.taken == []


async def test_without_starttls_nothing_goes_in_the_clear(tmp_path: Path) -> None:
    with running_post(tmp_path, plain=True) as relay:
        verdict = await over_smtp(relay, relay.server(starttls=True)).send(a_mail())
        assert (verdict.outcome, relay.taken) == (Outcome.LATER, [])


async def test_where_nobody_listens_is_later(post: Post) -> None:
    nowhere = Server("127.0.0.1", 1, tls=False, starttls=False)
    assert await over_smtp(post, nowhere).send(a_mail()) == Verdict(Outcome.LATER, "unreachable")


def test_the_sender_is_the_one_that_the_url_names(tmp_path: Path) -> None:
    assert open_mail(Settings()) is None
    with pytest.raises(SetupError, match="MAIL_FROM"):
        open_mail(Settings(mail_url="smtp://relay"))
    assert isinstance(open_mail(Settings(mail_url=f"file://{tmp_path}", mail_from="a@b.example")), FolderSender)
    opened = open_mail(Settings(mail_url="smtp+starttls://me:p%40ss@mail.example", mail_from="a@b.example"))
    assert isinstance(opened, SmtpSender)
    assert opened._server == Server("mail.example", 587, tls=False, starttls=True, user="me", password="p@ss")


@pytest.mark.parametrize(
    "url", ["http://host", "smtp://me:secret@host", "smtps://", "smtp://host:99999", "file://host/x", "smtp://host/x"]
)
def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Settings(mail_url=url)
