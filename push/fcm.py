"""FCM over our own HTTP/2 transport. firebase-admin and google-auth give credentials, nothing is sent by them
(docs/decisions/0005-transport.md says why)."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import requests
from firebase_admin import credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from structlog import get_logger

from push.verdict import NO_CONNECTION, NO_CREDENTIALS, NO_TOKEN_SERVER, TIMEOUT, Verdict, read_answer

log = get_logger()

# Google: wait at least 10 s for an answer.
ANSWER_TIMEOUT = timedelta(seconds=15)
# A token is renewed this long before it runs out, by one request however many messages wait.
_RENEW_BEFORE = timedelta(minutes=5)

_TOKEN_REFUSED = "UNAUTHENTICATED"


class BadCredentials(Exception):
    """The service-account file is not one; the text says what is wrong with it."""


class Fcm:
    """Sends to one Firebase project over several HTTP/2 connections.

    Args:
        service_account: the JSON file of docs/firebase.md.
        base_url: FCM, or the stand-in.
        ca: an own certificate authority in PEM, for the stand-in.
        connections: each carries about a hundred messages at once.

    Raises:
        BadCredentials: the file cannot be used.
    """

    def __init__(
        self,
        service_account: Path,
        *,
        base_url: str,
        clock: Callable[[], datetime],
        ca: Path | None = None,
        connections: int = 4,
    ) -> None:
        try:
            certificate = credentials.Certificate(str(service_account))
        except (OSError, ValueError) as error:
            raise BadCredentials(f"{service_account} is not a service-account file: {error}") from error
        self._credential = certificate.get_credential()
        self._url = f"{base_url}/v1/projects/{certificate.project_id}/messages:send"
        self._clock = clock
        self._ca = ca
        self._clients = [_client(ca) for _ in range(connections)]
        self._turn = itertools.cycle(self._clients)
        self._token: str | None = None
        self._why_no_token = NO_CREDENTIALS
        self._token_until: datetime | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def send(self, message: bytes) -> Verdict:
        """Sends one message. Where Google refuses the access token the message has not been looked at: it goes
        once more with a new token."""
        verdict = await self._try(message)
        return await self._try(message) if verdict.code == _TOKEN_REFUSED else verdict

    async def _try(self, message: bytes) -> Verdict:
        token = await self._access_token()
        if token is None:
            return self._why_no_token
        request = next(self._turn).post(self._url).bearer_auth(token)
        try:
            response = await request.body_bytes(message).build().send()
            body = bytes(await response.bytes())
        except RequestTimeoutError:
            return TIMEOUT
        except PyreqwestError as error:
            log.warning("fcm_unreachable", error=type(error).__name__)
            return NO_CONNECTION
        verdict = read_answer(response.status, dict(response.headers), body, self._clock())
        # A 401 about the APNs key is no word about our token.
        if response.status == 401 and verdict.code == _TOKEN_REFUSED and token == self._token:
            self._token = None
        return verdict

    async def close(self) -> None:
        for client in self._clients:
            await client.close()

    async def _access_token(self) -> str | None:
        """The token in use. Renewing is one task for all senders, off the event loop's thread."""
        now = self._clock()
        if self._token is None or self._token_until is None or now >= self._token_until:
            if self._renewing is None:
                self._renewing = asyncio.create_task(self._renew())
                self._renewing.add_done_callback(lambda _: setattr(self, "_renewing", None))
            await asyncio.shield(self._renewing)
        return self._token

    async def _renew(self) -> None:
        def refresh() -> None:
            with requests.Session() as session:
                if self._ca is not None:
                    # Else a CA bundle of the environment would win over ours.
                    session.trust_env = False
                    session.verify = str(self._ca)
                self._credential.refresh(Request(session=session))

        try:
            await asyncio.to_thread(refresh)
        except TransportError as error:
            log.warning("fcm_token_server_unreachable", error=type(error).__name__)
            self._token, self._why_no_token = None, NO_TOKEN_SERVER
            return
        except GoogleAuthError as error:
            log.error("fcm_credentials_refused", error=type(error).__name__, why=str(error)[:200])
            self._token, self._why_no_token = None, NO_CREDENTIALS
            return
        self._token = self._credential.token
        self._token_until = self._clock() + timedelta(hours=1) - _RENEW_BEFORE


def _client(ca: Path | None) -> Client:
    # Prior knowledge: else every request that finds no open connection yet would open one of its own.
    builder = ClientBuilder().http2_prior_knowledge().timeout(ANSWER_TIMEOUT).follow_redirects(False)
    builder = builder.user_agent("my-diary").default_headers({"content-type": "application/json"})
    # A connection that died silently is noticed before its messages time out one after another.
    builder = builder.http2_keep_alive_interval(timedelta(seconds=20)).http2_keep_alive_timeout(timedelta(seconds=10))
    if ca is not None:
        builder = builder.add_root_certificate_pem(ca.read_bytes())
    return builder.build()
