"""The stand-in speaks FCM: Google's own SDK works against it, and its refusals are FCM's."""

import asyncio
import contextlib
import gc
import random
import uuid
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import firebase_admin
import httpx
import pytest
from firebase_admin import _http_client, credentials, exceptions, messaging
from requests.adapters import HTTPAdapter

from push.standin.condition import BadCondition, parse_condition
from push.standin.errors import STATUS_OF
from push.standin.faults import Fault, Faults, answer_of
from push.standin.page import build_page
from push.standin.phones import Phone, new_fid, new_token
from push.standin.server import Standin
from push.standin.validation import Refused, check_message

# Google's SDK leaves sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ERRORS = {
    "UNREGISTERED": messaging.UnregisteredError,
    "SENDER_ID_MISMATCH": messaging.SenderIdMismatchError,
    "THIRD_PARTY_AUTH_ERROR": messaging.ThirdPartyAuthError,
    "QUOTA_EXCEEDED": messaging.QuotaExceededError,
    "INVALID_ARGUMENT": exceptions.InvalidArgumentError,
    "UNAVAILABLE": exceptions.UnavailableError,
    "INTERNAL": exceptions.InternalError,
    "UNSPECIFIED_ERROR": exceptions.UnknownError,
}


def phone(standin: Standin) -> str:
    return standin.phones.add(
        Phone(token=new_token(), name="t", platform="android", installation_id=uuid.uuid4())
    ).token


@pytest.fixture
def google(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Google's SDK, unchanged but for the addresses, and that it does not sleep before it tries again."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(standin.identity.ca))
    monkeypatch.setenv("SSL_CERT_FILE", str(standin.identity.ca))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setattr(messaging._MessagingService, "FCM_URL", standin.base_url + "/v1/projects/{0}/messages:send")
    monkeypatch.setattr(messaging._MessagingService, "IID_URL", standin.base_url)
    monkeypatch.setattr(_http_client.DEFAULT_HTTPX_RETRY_CONFIG, "backoff_factor", 0)
    app = firebase_admin.initialize_app(credentials.Certificate(str(standin.identity.service_account)), name="test")
    service = messaging._get_messaging_service(app)
    service._fcm_topic_url = f"{standin.base_url}/v1/projects/{app.project_id}/registrations"
    service._client.session.mount("https://", HTTPAdapter(max_retries=0))
    yield app
    service._client.close()
    # Its async client belongs to a loop that has ended by now.
    with contextlib.suppress(RuntimeError):
        firebase_admin.delete_app(app)
    # What the SDK still holds open is collected here, not in the middle of another test.
    del app, service
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def message(token: str = "", **fields: Any) -> messaging.Message:
    made = messaging.Message(data={"a": "b"}, **fields)
    if token:
        made.token = token
    return made


async def in_own_loop(google: Any, call: Callable[[], Any]) -> Any:
    """On a loop of its own: the SDK refreshes its credentials in the loop's thread."""

    async def run() -> Any:
        try:
            return await call()
        finally:
            # Else its sockets are left to the garbage collector, which complains in some other test.
            await messaging._get_messaging_service(google)._async_client.aclose()

    return await asyncio.to_thread(lambda: asyncio.run(run()))


async def test_googles_own_send(standin: Standin, google: Any) -> None:
    token = phone(standin)
    name = await asyncio.to_thread(messaging.send, message(token), False, google)
    assert name.startswith("projects/my-diary-local/messages/")
    assert [received.name for received in standin.phones.latest(token)] == [name]
    await asyncio.to_thread(messaging.send, message(fid=token.partition(":")[0]), False, google)
    assert len(standin.phones.latest(token)) == 2


async def test_a_dry_run_is_checked_and_reaches_nobody(standin: Standin, google: Any) -> None:
    token = phone(standin)
    await asyncio.to_thread(messaging.send, message(token), True, google)
    with pytest.raises(messaging.UnregisteredError):
        await asyncio.to_thread(messaging.send, message(new_token()), True, google)
    assert (standin.phones.latest(token), standin.endpoints.sent) == ([], 0)


async def test_googles_own_send_each(standin: Standin, google: Any) -> None:
    tokens = [phone(standin), new_token(), "short"]
    answer = await asyncio.to_thread(messaging.send_each, [message(token) for token in tokens], False, google)
    assert [type(sent.exception) for sent in answer.responses] == [
        type(None), messaging.UnregisteredError, exceptions.InvalidArgumentError,
    ]  # fmt: skip


async def test_googles_own_multicast(standin: Standin, google: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        many = messaging.MulticastMessage(tokens=[phone(standin), phone(standin), new_token()], data={"a": "b"})
    answer = await asyncio.to_thread(messaging.send_each_for_multicast, many, False, google)
    assert (answer.success_count, answer.failure_count, standin.endpoints.sent) == (2, 1, 2)


async def test_googles_own_send_each_async(standin: Standin, google: Any) -> None:
    tokens = [phone(standin) for _ in range(3)]
    messages = [message(token) for token in tokens]
    answer = await in_own_loop(google, lambda: messaging.send_each_async(messages, app=google))
    assert answer.success_count == 3
    assert standin.listener.http2_connections == 1


@pytest.mark.parametrize("code", STATUS_OF)
async def test_googles_error_classes_come_out_right(standin: Standin, google: Any, code: str) -> None:
    standin.faults.waiting.append(Fault(code=code, times=0))
    to = message(phone(standin))
    with pytest.raises(ERRORS[code]) as caught:
        await asyncio.to_thread(messaging.send, to, False, google)
    # The class itself: some are derived from others.
    assert type(caught.value) is ERRORS[code]
    answer = await in_own_loop(google, lambda: messaging.send_each_async([to], app=google))
    assert type(answer.responses[0].exception) is ERRORS[code]


@pytest.mark.parametrize("way", ["", "_legacy"])
async def test_topics(standin: Standin, google: Any, way: str) -> None:
    one, other, unknown = phone(standin), phone(standin), new_token()

    async def change(verb: str, tokens: list[str], topic: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return await asyncio.to_thread(getattr(messaging, verb + way), tokens, topic, google)

    answer = await change("subscribe_to_topic", [one, unknown, other], "7A")
    assert answer.success_count == 2
    assert [(error.index, error.reason) for error in answer.errors] == [(1, "NOT_FOUND")]
    assert (await change("subscribe_to_topic", [one], "7A")).success_count == 1
    await asyncio.to_thread(messaging.send, message(topic="7A"), False, google)
    assert (await change("unsubscribe_from_topic", [one], "7A")).success_count == 1
    wish = message(condition="'7A' in topics && !('8B' in topics)")
    await asyncio.to_thread(messaging.send, wish, False, google)
    assert [len(standin.phones.latest(token)) for token in (one, other)] == [1, 2]


@pytest.mark.parametrize(
    ("text", "topics", "holds"),
    [
        ("'a' in topics", {"a"}, True),
        ("'a' in topics && 'b' in topics", {"a"}, False),
        ("'a' in topics || 'b' in topics && 'c' in topics", {"a"}, False),
        ("'a' in topics || ('b' in topics && 'c' in topics)", {"a"}, True),
        ("!('a' in topics)", set(), True),
    ],
)
def test_conditions(text: str, topics: set[str], holds: bool) -> None:
    assert parse_condition(text)(topics) is holds


@pytest.mark.parametrize(
    "text", ["", "a in topics", "'a' in topics &&", "('a' in topics", "'a' in topics)", "'ä' in topics", "(" * 300,
             " || ".join(f"'{number}' in topics" for number in range(6))],
)  # fmt: skip
def test_no_conditions(text: str) -> None:
    with pytest.raises(BadCondition):
        parse_condition(text)


TOKEN = "t" * 140
UNKNOWN_NAME = "Invalid JSON payload received. Unknown name"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"nope": 1}, "message", f"{UNKNOWN_NAME} \"nope\" at 'message': Cannot find field."),
        ({"android": {"notification": {"nope": 1}}}, "message.android.notification", "Cannot find field."),
        ({"webpush": {"fcm_options": {"image": "x"}}}, "message.webpush.fcm_options", "Cannot find field."),
        ({"apns": {"fcmOptions": {"nope": "x"}}}, "message.apns.fcm_options", "Cannot find field."),
        ({"notification": []}, "message", "Proto field is not repeating, cannot start list."),
        ({"data": {"n": 12}}, "message.data[0].value", "Invalid value at 'message.data[0].value' (TYPE_STRING), 12"),
        ({"data": {"n": None}}, "message.data[0].value", "(TYPE_STRING), null"),
        ({"apns": {"payload": "x"}}, "message.apns.payload", "google.protobuf.Struct"),
        ({"android": {"ttl": "5"}}, "message.android.ttl", "google.protobuf.Duration"),
        ({"android": {"priority": "urgent"}}, "message.android.priority", "AndroidMessagePriority), \"urgent\""),
        ({"android": {"direct_boot_ok": "true"}}, "message.android.direct_boot_ok", "TYPE_BOOL"),
        ({"topic": "t"}, "message", "oneof field 'target' is already set. Cannot set 'topic'"),
        ({"token": "short"}, "message.token", "The registration token is not a valid FCM registration token"),
        ({"token": None, "fid": "a:b"}, "message.fid", "not a valid"),
        ({"token": None}, "message", "Recipient of the message is not set."),
        ({"token": None, "topic": "/topics/t"}, "message.topic", "Malformed topic name"),
        ({"token": None, "condition": "t"}, "message.condition", "Invalid condition"),
        ({"data": {"google.x": "1"}}, "message.data", "Invalid data payload key: google.x"),
        ({"android": {"data": {"from": "1"}}}, "message.android.data", "Invalid data payload key: from"),
        ({"android": {"ttl": "2419201s"}}, "message.android.ttl", "Invalid TTL"),
        ({"android": {"ttl": "-1s"}}, "message.android.ttl", "Invalid TTL"),
        ({"apns": {"headers": {"apns-collapse-id": "я" * 33}}}, "message.apns.headers[apns-collapse-id]", "64 bytes"),
        ({"apns": {"headers": {"apns-priority": "9"}}}, "message.apns.headers[apns-priority]", "Invalid value"),
        ({"data": {"k": "я" * 2048}}, "message", "Android message is too big"),
        ({"token": None, "topic": "t", "data": {"k": "x" * 2048}}, "message", "over 2048 bytes"),
        ({"apns": {"payload": {"aps": {"alert": "я" * 2048}}}}, "message.apns.payload", "APNs payload is too big"),
        ({"webpush": {"data": {"k": "x" * 4096}}}, "message.webpush", "Web push message is too big"),
        ({"webpush": {"fcm_options": {"link": "http://x"}}}, "message.webpush.fcm_options.link", "HTTPS"),
    ],
)  # fmt: skip
def test_refused(fields: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        check_message({"message": {"token": TOKEN} | fields})
    [(named, description)] = refused.value.violations
    assert named == field
    assert words in description


def test_accepted_in_either_spelling_and_up_to_the_last_byte() -> None:
    taken = check_message(
        {
            "validateOnly": True,
            "message": {
                "fid": new_fid(), "token": None, "fcmOptions": {"analyticsLabel": "a"}, "data": {"k": "x"},
                "android": {"priority": "high", "collapseKey": "c", "restricted_satellite_ok": True,
                            "notification": {"notificationPriority": "PRIORITY_LOW", "vibrateTimings": ["0.5s"]}},
                "apns": {"headers": {"apns-collapse-id": "x" * 64}, "liveActivityToken": "x"},
            },
        }
    )  # fmt: skip
    assert taken["android"]["collapse_key"] == "c"
    assert "token" not in taken
    check_message({"message": {"token": TOKEN, "data": {"k": "x" * 4095}}})
    check_message({"message": {"token": TOKEN, "apns": {"payload": {"aps": "x" * 4086}}}})


def test_every_unreadable_field_is_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        check_message({"to": 1, "message": {"token": TOKEN, "nope": 1, "notification": {"title": 2}}})
    assert [field for field, _ in refused.value.violations] == ["", "message", "message.notification.title"]
    assert str(refused.value).count("\n") == 2


def test_chance_can_be_repeated_and_faults_take_turns() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults([Fault(code="INTERNAL", times=0, probability=0.3)], random.Random(seed))
        return [faults.take("t") is not None for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90
    faults = Faults([Fault(code="INTERNAL", target="a"), Fault(code="UNAVAILABLE", times=2)])
    codes = [getattr(faults.take(target), "code", None) for target in "babb"]
    assert (codes, faults.waiting) == (["UNAVAILABLE", "INTERNAL", "UNAVAILABLE", None], [])


@pytest.mark.parametrize("quota", ["project", "device", "topic"])
def test_a_quota_is_named(quota: Any) -> None:
    answer = answer_of(Fault(code="QUOTA_EXCEEDED", quota=quota), "token", "t1")
    found = [word in answer.body for word in (b"google.rpc.QuotaFailure", b":t1")]
    assert (answer.status, found) == (429, [True, quota != "project"])


async def test_a_million_unknown_targets_leave_no_trace(standin: Standin) -> None:
    standin.phones.accept_unknown = True
    for _ in range(1000):
        standin.phones.receive(new_token(), {"data": {}}, "m")
    assert standin.phones.knows(new_token())
    assert len(standin.phones._received) == 0


async def test_the_page_lists_phones_and_streams_what_arrives(standin: Standin) -> None:
    transport = httpx.ASGITransport(build_page(standin))  # type: ignore[arg-type]
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
