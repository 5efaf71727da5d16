"""Mail over SMTP (RFC 5321), by STARTTLS, TLS or to a relay in the same network."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPTimeoutError,
)

from backend.core.values import mailable
from backend.mail.message import Mail, address_of, compose
from backend.mail.sender import ACCEPTED, Outcome, Verdict

# Of one step of the conversation, and of all of it: less than the first wait (retry.py), so that no mail is taken up
# again while somebody still waits for its answer.
_STEP, _WHOLE = 15.0, 40.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how. Without a user nobody signs in."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str | None = None
    password: str | None = None


class SmtpSender:
    """A mail server. Each mail has a connection of its own.

    Args:
        sender: who the mail is from.
        context: whom to trust; the system's own authorities by default.
        step: seconds for each answer of the server; `whole`: for a mail.
    """

    def __init__(
        self, server: Server, sender: str, context: ssl.SSLContext | None = None, *,
        step: float = _STEP, whole: float = _WHOLE,
    ) -> None:  # fmt: skip
        self._server, self._sender, self._context = server, sender, context
        self._step, self._whole = step, whole

    async def send(self, mail: Mail) -> Verdict:
        try:
            message = compose(mail, self._sender)
        except ValueError:
            return Verdict(Outcome.REFUSED, "no-such-address")
        taken = False
        try:
            async with asyncio.timeout(self._whole), self._connected() as client:
                await client.send_message(
                    message, sender=address_of(self._sender), recipients=[mailable(mail.recipient)]
                )
                taken = True
                await client.quit(timeout=self._step)
        except (SMTPException, OSError, TimeoutError) as error:
            # Once it is taken, whatever the farewell brings changes nothing.
            return ACCEPTED if taken else _verdict(error)
        return ACCEPTED

    async def check(self) -> str:
        async with asyncio.timeout(self._whole), self._connected() as client:
            await client.noop()
            await client.quit()
        return f"{self._server.host}:{self._server.port}, which lets us in"

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        """A conversation, cut off at its end: TLS would wait for the server's farewell, half a minute if need be."""
        server = self._server
        client = SMTP(
            hostname=server.host, port=server.port, username=server.user, password=server.password,
            use_tls=server.tls, start_tls=server.starttls, tls_context=self._context, timeout=self._step,
        )  # fmt: skip
        transport = None
        try:
            await client.connect()
            transport = client.transport
            yield client
        finally:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
            client.close()
            # What was cut off is closed in the loop's next round, which may be its last.
            await asyncio.sleep(0)


def _verdict(error: Exception) -> Verdict:
    """Only what a server says of this address or this text is final: what it says of us may be mended."""
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, (SMTPRecipientRefused, SMTPDataError)):
        return Verdict(Outcome.REFUSED if error.code >= 500 else Outcome.LATER, f"smtp-{error.code}")
    if isinstance(error, SMTPAuthenticationError):
        return Verdict(Outcome.LATER, "not-let-in")
    if isinstance(error, SMTPResponseException):
        return Verdict(Outcome.LATER, f"smtp-{error.code}")
    if isinstance(error, SMTPNotSupported):
        return Verdict(Outcome.LATER, "not-supported")
    if isinstance(error, (TimeoutError, SMTPTimeoutError)):
        return Verdict(Outcome.LATER, "timeout")
    if isinstance(error, ssl.SSLError):
        return Verdict(Outcome.LATER, "tls")
    return Verdict(Outcome.LATER, "unreachable")
