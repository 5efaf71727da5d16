"""FCM over our own HTTP/2 transport. firebase-admin and google-auth give credentials, nothing is sent by them
(docs/decisions/0005-transport.md says why)."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import requests
from firebase_admin import credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.http import Url
from structlog import get_logger

from push.verdict import NO_CONNECTION, NO_CREDENTIALS, NO_TOKEN_SERVER, TIMEOUT, Verdict, read_answer

log = get_logger()

# Google: wait at least 10 s for an answer.
ANSWER_TIMEOUT = timedelta(seconds=15)
_TOKEN_TIMEOUT_SECONDS = 10
# How many requests FCM takes on one connection at once.
STREAMS = 100
# A token is renewed this long before it runs out, by one request however many messages wait.
_RENEW_BEFORE = timedelta(minutes=5)

_TOKEN_REFUSED = "UNAUTHENTICATED"


class BadCredentials(Exception):
    """The service-account file is not one; the text says what is wrong with it."""


class ServiceAccount:
    """Who we are to Google: a project, and an access token that is renewed before it runs out.

    One for all lanes, so that however many messages wait, one request renews it.

    Args:
        file: the JSON file of docs/firebase.md.
        ca: an own certificate authority in PEM, for the stand-in.

    Raises:
        BadCredentials: the file cannot be used.
    """

    def __init__(self, file: Path, *, clock: Callable[[], datetime], ca: Path | None = None) -> None:
        try:
            certificate = credentials.Certificate(str(file))
        except (OSError, ValueError) as error:
            raise BadCredentials(f"{file} is not a service-account file: {error}") from error
        self.project: str = certificate.project_id
        self._credential = certificate.get_credential()
        self._clock = clock
        self._ca = ca
        self._header: str | None = None
        self._good_until: datetime | None = None
        self._renewing: asyncio.Task[Verdict | None] | None = None

    async def header(self) -> str | Verdict:
        """The value of `Authorization`, or why there is none."""
        if self._header is None or self._good_until is None or self._clock() >= self._good_until:
            if self._renewing is None:
                self._renewing = asyncio.create_task(self._renew())
                self._renewing.add_done_callback(lambda _: setattr(self, "_renewing", None))
            trouble = await asyncio.shield(self._renewing)
            if trouble is not None or self._header is None:
                return trouble or NO_CREDENTIALS
        return self._header

    def refused(self, header: str) -> None:
        """Google does not take this one any more. Heard of by many messages at once, it counts once."""
        if header == self._header:
            self._header = None

    async def _renew(self) -> Verdict | None:
        try:
            # google-auth blocks: off the event loop's thread with it.
            await asyncio.to_thread(self._refresh)
        except TransportError as error:
            log.warning("fcm_token_server_unreachable", error=type(error).__name__)
            self._header = None
            return NO_TOKEN_SERVER
        except GoogleAuthError as error:
            log.error("fcm_credentials_refused", error=type(error).__name__, why=str(error)[:200])
            self._header = None
            return NO_CREDENTIALS
        self._header = f"Bearer {self._credential.token}"
        self._good_until = self._clock() + timedelta(hours=1) - _RENEW_BEFORE
        return None

    def _refresh(self) -> None:
        with requests.Session() as session:
            if self._ca is not None:
                # Else a CA bundle of the environment would win over ours.
                session.trust_env = False
                session.verify = str(self._ca)
            # google-auth would wait two minutes: longer than a tray is ours.
            self._credential.refresh(partial(Request(session=session), timeout=_TOKEN_TIMEOUT_SECONDS))


class Fcm:
    """Sends to one Firebase project over several HTTP/2 connections.

    Args:
        base_url: FCM, or the stand-in.
        ca: an own certificate authority in PEM, for the stand-in.
        connections: each carries `STREAMS` messages at once.
    """

    def __init__(
        self, account: ServiceAccount, *, base_url: str, clock: Callable[[], datetime], ca: Path | None = None,
        connections: int = 4,
    ) -> None:  # fmt: skip
        self._account = account
        self._url = Url(f"{base_url}/v1/projects/{account.project}/messages:send")
        self._clock = clock
        self._clients = [_client(ca) for _ in range(connections)]
        # Taken from the end and put back there: few messages use few connections, whose writes then carry many.
        self._free = [client for client in self._clients for _ in range(STREAMS)]

    @property
    def capacity(self) -> int:
        """More under way than the connections carry would only wait, and their wait would count as FCM's."""
        return len(self._clients) * STREAMS

    async def send(self, message: bytes) -> Verdict:
        """Sends one message. Where Google refuses the access token the message has not been looked at: it goes
        once more with a new token."""
        verdict = await self._try(message)
        return await self._try(message) if verdict.code == _TOKEN_REFUSED else verdict

    async def _try(self, message: bytes) -> Verdict:
        header = await self._account.header()
        if isinstance(header, Verdict):
            return header
        # Past `capacity` a message waits inside the client.
        client = self._free.pop() if self._free else random.choice(self._clients)  # noqa: S311 - guards nothing
        request = client.post(self._url).header("authorization", header)
        try:
            response = await request.body_bytes(message).build().send()
            body = bytes(await response.bytes())
        except RequestTimeoutError:
            return TIMEOUT
        except PyreqwestError:
            return NO_CONNECTION
        finally:
            self._free.append(client)
        headers = {} if response.status == 200 else dict(response.headers)
        verdict = read_answer(response.status, headers, body, self._clock())
        # A 401 about the APNs key is no word about our token.
        if verdict.code == _TOKEN_REFUSED:
            self._account.refused(header)
        return verdict

    async def close(self) -> None:
        for client in self._clients:
            await client.close()


def _client(ca: Path | None) -> Client:
    # Prior knowledge: else every request that finds no open connection yet would open one of its own.
    builder = ClientBuilder().http2_prior_knowledge().timeout(ANSWER_TIMEOUT).follow_redirects(False)
    builder = builder.user_agent("my-diary").default_headers({"content-type": "application/json"})
    # A connection that died silently is noticed before its messages time out one after another.
    builder = builder.http2_keep_alive_interval(timedelta(seconds=20)).http2_keep_alive_timeout(timedelta(seconds=10))
    if ca is not None:
        builder = builder.add_root_certificate_pem(ca.read_bytes())
    return builder.build()
