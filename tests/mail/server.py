"""A real mail server on this machine, with TLS and sign-in, which fails on demand."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from backend.mail.smtp import Server
from push.standin.credentials import make_identity

USER, PASSWORD = "diary", "секрет p@ss"


@dataclass
class Post:
    """What the server does, and what it has taken.

    Attributes:
        answers: by command (`MAIL`, `RCPT`, `DATA`), what to say instead of yes; "reset" breaks the connection off,
            "slow" answers after some seconds. `QUIT`: whether the farewell is answered.
    """

    host: str
    port: int
    ca: Path
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    def server(self, *, tls: bool = False, starttls: bool = True, password: str | None = PASSWORD) -> Server:
        return Server(self.host, self.port, tls, starttls, USER if password else None, password)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=policy.default) for _, _, content in self.taken]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer(server, "MAIL")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer(server, "RCPT")

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._answer(server, "DATA")
        if answer.startswith("250"):
            content = cast("bytes", envelope.original_content)
            self.taken.append((str(envelope.mail_from), list(envelope.rcpt_tos), content))
        return answer

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return (await self._answer(server, "QUIT")).replace("250 OK", "221 Bye")

    async def _answer(self, server: SMTP, command: str) -> str:
        answer = self.answers.get(command, "250 OK")
        if answer == "reset":
            cast("asyncio.Transport", server.transport).abort()
        if answer == "slow":
            await asyncio.sleep(4)
        return answer if answer[0].isdigit() else "250 OK"


def read_folder(folder: Path) -> list[EmailMessage]:
    """The mails in a folder, oldest first."""
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(folder.glob("*.eml"))]


def _sign_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def running_post(folder: Path, *, tls: bool = False, plain: bool = False) -> Iterator[Post]:
    """A server with STARTTLS; with `tls` from the first byte, or with `plain` a relay that knows neither."""
    identity = make_identity(folder, "https://127.0.0.1")
    context = None if plain else ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if context:
        context.load_cert_chain(identity.chain)
    post = Post("127.0.0.1", 0, identity.ca)
    options: dict[str, Any] = {} if plain else {"authenticator": _sign_in, "auth_required": True}
    if tls:
        # It does not count this as TLS, and warns of a sign-in that must be.
        options |= {"ssl_context": context, "auth_require_tls": False, "auth_required": False}
    elif context:
        options |= {"tls_context": context, "require_starttls": True}
    controller = _Controller(post, hostname=post.host, port=0, **options)
    controller.start()
    post.port = controller.bound
    try:
        yield post
    finally:
        controller.stop()


class _Controller(Controller):
    """On a port that the system chooses. When it stops, what is still open is cut off first: its loop must not close
    around an open connection."""

    bound = 0

    def factory(self) -> Any:
        connection = super().factory()  # type: ignore[no-untyped-call]
        self.__dict__.setdefault("made", []).append(connection)
        return connection

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._cut_off(), self.loop).result(10)
        super().stop(no_assert)

    async def _cut_off(self) -> None:
        for connection in self.__dict__.get("made", []):
            if connection.transport is not None:
                connection.transport.abort()
        for _ in range(50):  # until the loop has closed them
            await asyncio.sleep(0)

    def _trigger_server(self) -> None:
        self.bound = self.port = cast("asyncio.Server", self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
