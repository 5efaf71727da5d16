"""The stand-in speaks FCM: Google's own SDK works against it, and its refusals are FCM's."""

import asyncio
import contextlib
import gc
import warnings
from collections.abc import Iterator
from typing import Any

import firebase_admin
import httpx
import pytest
from firebase_admin import credentials, exceptions, messaging

from backend.core.clock import system_clock
from push.check import check_fcm
from push.fcm import BadCredentials, Fcm
from push.standin.faults import Fault
from push.standin.page import build_page
from push.standin.phones import Phone, new_token
from push.standin.server import Standin
from push.verdict import Outcome

# Google's SDK leaves sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def phone(standin: Standin) -> str:
    import uuid

    return standin.phones.add(
        Phone(token=new_token(), name="t", platform="android", installation_id=uuid.uuid4())
    ).token


@pytest.fixture
def google(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Google's SDK, unchanged but for the address."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(standin.identity.ca))
    monkeypatch.setenv("SSL_CERT_FILE", str(standin.identity.ca))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setattr(messaging._MessagingService, "FCM_URL", standin.base_url + "/v1/projects/{0}/messages:send")
    app = firebase_admin.initialize_app(credentials.Certificate(str(standin.identity.service_account)), name="test")
    yield app
    messaging._get_messaging_service(app)._client.close()
    # Its async client belongs to a loop that has ended by now.
    with contextlib.suppress(RuntimeError):
        firebase_admin.delete_app(app)
    # What the SDK still holds open is collected here, not in the middle of another test.
    del app
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def message(token: str) -> messaging.Message:
    made = messaging.Message(data={"a": "b"})
    made.token = token
    return made


async def test_googles_own_send(standin: Standin, google: Any) -> None:
    token = phone(standin)
    name = await asyncio.to_thread(messaging.send, message(token), False, google)
    assert name.startswith("projects/my-diary-local/messages/")
    assert [received.name for received in standin.phones.latest(token)] == [name]


async def test_googles_own_send_each_async(standin: Standin, google: Any) -> None:
    tokens = [phone(standin) for _ in range(3)]

    async def send() -> messaging.BatchResponse:
        try:
            return await messaging.send_each_async([message(token) for token in tokens], app=google)
        finally:
            # Else its sockets are left to the garbage collector, which complains in some other test.
            await messaging._get_messaging_service(google)._async_client.aclose()

    # On a loop of its own: the SDK refreshes its credentials in the loop's thread.
    answer = await asyncio.to_thread(lambda: asyncio.run(send()))
    assert answer.success_count == 3


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("UNREGISTERED", messaging.UnregisteredError),
        ("SENDER_ID_MISMATCH", messaging.SenderIdMismatchError),
        ("THIRD_PARTY_AUTH_ERROR", messaging.ThirdPartyAuthError),
        ("QUOTA_EXCEEDED", messaging.QuotaExceededError),
        ("INVALID_ARGUMENT", exceptions.InvalidArgumentError),
    ],
)
async def test_googles_error_classes_come_out_right(
    standin: Standin, google: Any, code: str, error: type[Exception]
) -> None:
    standin.faults.waiting.append(Fault(code=code, times=10))
    with pytest.raises(error):
        await asyncio.to_thread(messaging.send, message(phone(standin)), False, google)


@pytest.mark.parametrize(
    ("body", "outcome", "code"),
    [
        (b"{", Outcome.REFUSED, "INVALID_ARGUMENT"),
        (b'{"message":{"token":"short"}}', Outcome.GONE, "INVALID_ARGUMENT"),
        (b'{"message":{"topic":"t","data":{"n":1}}}', Outcome.REFUSED, "INVALID_ARGUMENT"),
        (b'{"message":{"topic":"t","unknown":1}}', Outcome.REFUSED, "INVALID_ARGUMENT"),
        (b'{"message":{"topic":"t","data":{"a":"' + b"x" * 4096 + b'"}}}', Outcome.REFUSED, "INVALID_ARGUMENT"),
        (b'{"message":{"token":"' + b"u" * 140 + b'"}}', Outcome.GONE, "UNREGISTERED"),
        (b'{"message":{"topic":"t"}}', Outcome.ACCEPTED, "ok"),
    ],
)
async def test_validation(fcm: Fcm, body: bytes, outcome: Outcome, code: str) -> None:
    verdict = await fcm.send(body)
    assert (verdict.outcome, verdict.code) == (outcome, code)


async def test_push_check(fcm: Fcm, standin: Standin) -> None:
    assert await check_fcm(fcm) is None
    assert standin.endpoints.sent == 0


async def test_an_expired_token_costs_one_refresh(fcm: Fcm, standin: Standin) -> None:
    standin.endpoints._tokens.clear()
    token = phone(standin)
    body = b'{"message":{"token":"' + token.encode() + b'"}}'
    await fcm.send(body)
    standin.endpoints._tokens.clear()
    assert (await fcm.send(body)).outcome is Outcome.MISCONFIGURED
    verdicts = await asyncio.gather(*(fcm.send(body) for _ in range(20)))
    assert all(verdict.outcome is Outcome.ACCEPTED for verdict in verdicts)
    assert len(standin.endpoints._tokens) == 1


async def test_a_service_account_that_is_none(tmp_path: Any) -> None:
    file = tmp_path / "account.json"
    file.write_text('{"type": "something else"}')
    with pytest.raises(BadCredentials, match="is not a service-account file"):
        Fcm(file, base_url="https://127.0.0.1:1", clock=system_clock)


async def test_nobody_at_the_other_end(standin: Standin) -> None:
    alone = Fcm(
        standin.identity.service_account, base_url="https://127.0.0.1:1", clock=system_clock, ca=standin.identity.ca
    )
    verdict = await alone.send(b"{}")
    assert (verdict.outcome, verdict.code) == (Outcome.LATER, "connection")
    await alone.close()


async def test_the_page_lists_phones_and_streams_what_arrives(standin: Standin) -> None:
    transport = httpx.ASGITransport(build_page(standin.phones, standin.faults))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://page.test") as client:
        page = await client.get("/")
        assert page.status_code == 200
        body = {"name": "Мама", "platform": "android", "installationId": "00000000-0000-4000-8000-000000000001"}
        token = (await client.post("/phones", json=body)).json()["token"]
        watch = standin.phones.watch(token)
        standin.phones.receive(token, {"data": {"a": "b"}}, "m1")
        received = await anext(aiter(watch))
        assert received is not None
        assert received.name == "m1"
        listed = (await client.get("/phones")).json()
        assert [(item["phone"]["name"], len(item["messages"])) for item in listed] == [("Мама", 1)]
        assert (await client.delete(f"/phones/{token}")).status_code == 204
        assert (await client.get("/phones")).json() == []
