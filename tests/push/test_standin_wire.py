"""Our transport against the stand-in over TLS: what goes wrong on the wire, and how it is made to go wrong."""

import asyncio
import json
import ssl
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from backend.core.clock import system_clock
from push.check import check_fcm
from push.fcm import BadCredentials, Fcm, ServiceAccount
from push.standin.faults import Fault
from push.standin.page import build_page
from push.standin.phones import Phone, new_token
from push.standin.server import Standin
from push.verdict import Outcome, Verdict
from tests.conftest import MovableClock


@pytest.fixture
async def single(standin: Standin, clock: MovableClock) -> AsyncIterator[Fcm]:
    """Our transport with one connection, which stands already."""
    ca = standin.identity.ca
    account = ServiceAccount(standin.identity.service_account, clock=clock, ca=ca)
    transport = Fcm(account, base_url=standin.base_url, ca=ca, clock=clock, connections=1)
    assert (await transport.send(body(phones(standin, 1)[0]))).outcome is Outcome.ACCEPTED
    standin.endpoints.sent = standin.endpoints.send_requests = 0
    yield transport
    await transport.close()


def phones(standin: Standin, count: int) -> list[str]:
    made = [Phone(token=new_token(), name="t", platform="android", installation_id=uuid.uuid4()) for _ in range(count)]
    return [standin.phones.add(phone).token for phone in made]


def body(token: str, **data: str) -> bytes:
    return json.dumps({"message": {"token": token, "data": data}}).encode()


async def send_all(fcm: Fcm, tokens: list[str]) -> list[Verdict]:
    return await asyncio.gather(*(fcm.send(body(token)) for token in tokens))


def received(standin: Standin, tokens: list[str]) -> list[int]:
    return [len(standin.phones.latest(token)) for token in tokens]


@pytest.mark.parametrize(
    ("raw", "outcome", "code"),
    [
        (b"{", Outcome.REFUSED, "INVALID_ARGUMENT"),
        (b'{"message":{"token":"short"}}', Outcome.GONE, "INVALID_ARGUMENT"),
        (b'{"message":{"fid":"a:b"}}', Outcome.GONE, "INVALID_ARGUMENT"),
        (b'{"message":{"topic":"t","unknown":1}}', Outcome.REFUSED, "INVALID_ARGUMENT"),
        (body("u" * 22 + ":APA91b" + "u" * 130), Outcome.GONE, "UNREGISTERED"),
        (b'{"message":{"fid":"unknown-installation-22"}}', Outcome.GONE, "UNREGISTERED"),
        (b'{"message":{"topic":"t"}}', Outcome.ACCEPTED, "ok"),
    ],
)
async def test_validation(fcm: Fcm, raw: bytes, outcome: Outcome, code: str) -> None:
    verdict = await fcm.send(raw)
    assert (verdict.outcome, verdict.code) == (outcome, code)


async def test_push_check(fcm: Fcm, standin: Standin) -> None:
    assert await check_fcm(fcm) is None
    assert standin.endpoints.sent == 0


async def test_a_service_account_that_is_none(tmp_path: Any) -> None:
    file = tmp_path / "account.json"
    file.write_text('{"type": "something else"}')
    with pytest.raises(BadCredentials, match="is not a service-account file"):
        ServiceAccount(file, clock=system_clock)


async def test_nobody_at_the_other_end(standin: Standin) -> None:
    ca = standin.identity.ca
    account = ServiceAccount(standin.identity.service_account, clock=system_clock, ca=ca)
    alone = Fcm(account, base_url="https://127.0.0.1:1", clock=system_clock, ca=ca)
    verdict = await alone.send(b"{}")
    assert (verdict.outcome, verdict.code) == (Outcome.LATER, "connection")
    await alone.close()


async def test_revoked_access_tokens_cost_one_refresh(single: Fcm, standin: Standin) -> None:
    tokens = phones(standin, 50)
    before = standin.endpoints.token_requests
    assert standin.endpoints.expire_tokens() == 1
    await send_all(single, tokens)
    verdicts = await send_all(single, tokens)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPTED}
    assert standin.endpoints.token_requests - before == 1


async def test_a_slow_token_endpoint_holds_up_nothing_else(fcm: Fcm, standin: Standin) -> None:
    standin.faults.waiting.append(Fault(endpoint="token", delay=0.3))
    gaps: list[float] = []

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            gaps.append(time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    verdicts = await send_all(fcm, phones(standin, 20))
    ticking.cancel()
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPTED}
    assert standin.endpoints.token_requests == 1
    assert len(gaps) > 10
    assert max(gaps) < 0.25


async def test_a_token_endpoint_in_trouble(fcm: Fcm, standin: Standin) -> None:
    [token] = phones(standin, 1)
    standin.faults.waiting.append(Fault(endpoint="token", status=400, body='{"error":"invalid_grant"}'))
    assert (await fcm.send(body(token))).outcome is not Outcome.ACCEPTED
    assert standin.endpoints.send_requests == 0
    assert (await fcm.send(body(token))).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("fault", "outcome", "code"),
    [
        (Fault(status=200, body="<html>not JSON"), Outcome.LATER, "garbage"),
        (Fault(status=200, body='{"name":12}'), Outcome.LATER, "garbage"),
        (Fault(status=502, body="<html>Bad gateway</html>"), Outcome.LATER, "http-502"),
        (Fault(status=503), Outcome.LATER, "http-503"),
        (Fault(code="UNAVAILABLE"), Outcome.LATER, "UNAVAILABLE"),
        (Fault(code="INTERNAL"), Outcome.LATER, "INTERNAL"),
        (Fault(code="UNSPECIFIED_ERROR"), Outcome.LATER, "UNSPECIFIED_ERROR"),
        (Fault(code="SENDER_ID_MISMATCH"), Outcome.GONE, "SENDER_ID_MISMATCH"),
        (Fault(code="INVALID_ARGUMENT"), Outcome.REFUSED, "INVALID_ARGUMENT"),
        (Fault(code="INVALID_ARGUMENT", blame="target"), Outcome.GONE, "INVALID_ARGUMENT"),
        (Fault(code="QUOTA_EXCEEDED", quota="device"), Outcome.LATER, "QUOTA_EXCEEDED"),
        (Fault(wire="reset"), Outcome.LATER, ""),
        (Fault(wire="drop"), Outcome.LATER, ""),
    ],
)
async def test_a_fault_arrives(single: Fcm, standin: Standin, fault: Fault, outcome: Outcome, code: str) -> None:
    tokens = phones(standin, 1)
    standin.faults.waiting.append(fault)
    verdict = await single.send(body(tokens[0]))
    assert verdict.outcome is outcome
    assert code in ("", verdict.code)
    assert (received(standin, tokens), standin.endpoints.send_requests) == ([0], 1)
    assert (await single.send(body(tokens[0]))).outcome is Outcome.ACCEPTED


async def test_retry_after_in_seconds_and_as_a_date(single: Fcm, standin: Standin, clock: MovableClock) -> None:
    date = format_datetime(clock.now + timedelta(minutes=2), usegmt=True)
    standin.faults.waiting += [Fault(code="UNAVAILABLE", retry_after=value) for value in ("30", date)]
    token = phones(standin, 1)[0]
    assert [(await single.send(body(token))).wait for _ in range(2)] == [timedelta(seconds=30), timedelta(minutes=2)]


@pytest.mark.parametrize("wire", ["reset", "drop"])
async def test_a_message_that_arrived_although_the_sender_cannot_know(single: Fcm, standin: Standin, wire: Any) -> None:
    tokens = phones(standin, 1)
    standin.faults.waiting.append(Fault(wire=wire, accept=True))
    assert (await single.send(body(tokens[0]))).outcome is Outcome.LATER
    assert received(standin, tokens) == [1]


async def test_goaway_answers_the_earlier_and_the_later_move_to_a_new_connection(single: Fcm, standin: Standin) -> None:
    standin.record = True
    earlier, later = phones(standin, 10), phones(standin, 10)
    standin.faults.waiting += [Fault(wire="goaway", target=later[0], delay=0.05), Fault(times=20, delay=0.2)]
    waiting = asyncio.create_task(send_all(single, earlier))
    while standin.endpoints.send_requests < len(earlier):
        await asyncio.sleep(0.001)
    verdicts = await send_all(single, later) + await waiting
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPTED}
    assert received(standin, earlier + later) == [1] * 20
    assert standin.listener.goaways == 1
    asked = Counter(recorded.target for recorded in standin.requests)
    assert [asked[token] for token in earlier] == [1] * 10
    assert asked[later[0]] == 2


@pytest.mark.parametrize("wire", ["refused", "goaway"])
async def test_what_was_not_processed_is_sent_again_within_bounds(single: Fcm, standin: Standin, wire: Any) -> None:
    tokens = phones(standin, 1)
    standin.faults.waiting.append(Fault(wire=wire, times=2))
    assert (await single.send(body(tokens[0]))).outcome is Outcome.ACCEPTED
    standin.faults.waiting.append(Fault(wire=wire, times=0))
    assert (await single.send(body(tokens[0]))).outcome is Outcome.LATER
    assert received(standin, tokens) == [1]
    assert standin.endpoints.send_requests < 20


async def test_a_dropped_connection_takes_all_requests_with_it_and_is_replaced(single: Fcm, standin: Standin) -> None:
    tokens = phones(standin, 20)
    standin.faults.waiting += [Fault(wire="drop", target=tokens[5], delay=0.05), Fault(times=19, delay=0.15)]
    verdicts = await send_all(single, tokens)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.LATER}
    standin.faults.waiting.clear()
    assert {verdict.code for verdict in await send_all(single, tokens)} == {"ok"}
    assert received(standin, tokens) == [1] * 20


async def test_the_announced_number_of_streams_is_obeyed(single: Fcm, standin: Standin) -> None:
    standin.listener.max_streams = 3
    await single.send(body(phones(standin, 1)[0]))
    tokens = phones(standin, 30)
    standin.faults.waiting.append(Fault(times=0, delay=0.01))
    verdicts = await send_all(single, tokens)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPTED}
    ledger = standin.listener.ledger
    assert (ledger.peak_streams, ledger.http2_connections, ledger.refused_streams) == (3, 1, 0)
    assert received(standin, tokens) == [1] * 30


async def test_a_client_that_has_not_read_the_limit_is_refused_and_tries_again(fcm: Fcm, standin: Standin) -> None:
    standin.listener.max_streams = 2
    tokens = phones(standin, 30)
    standin.faults.waiting.append(Fault(times=0, delay=0.01))
    verdicts = await send_all(fcm, tokens)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPTED}
    assert received(standin, tokens) == [1] * 30


async def test_every_byte_is_recorded_also_of_what_came_to_nothing(single: Fcm, standin: Standin) -> None:
    [token] = phones(standin, 1)
    await single.send(body(token, note="before"))
    standin.record = True
    standin.faults.waiting += [Fault(code="INTERNAL"), Fault(wire="reset")]
    for note in ("one", "two", "three"):
        await single.send(body(token, note=note))
    assert [recorded.target for recorded in standin.requests] == [token] * 3
    assert list(standin.requests) == sorted(standin.requests)
    for recorded, note in zip(standin.requests, ("one", "two", "three"), strict=True):
        assert recorded.raw.endswith(b"\r\n\r\n" + body(token, note=note))
        assert b"authorization: Bearer ya29." in recorded.raw
    assert not any(b"before" in recorded.raw for recorded in standin.requests)


async def test_over_http1_a_fault_on_the_wire_cuts_the_connection(standin: Standin) -> None:
    standin.faults.waiting.append(Fault(wire="goaway", endpoint="token"))
    standin.record = True
    trusting = ssl.create_default_context(cafile=str(standin.identity.ca))
    async with httpx.AsyncClient(base_url=standin.base_url, verify=trusting) as client:
        with pytest.raises(httpx.TransportError):
            await client.post("/token", content="assertion=x")
        assert (await client.post("/token", content="assertion=x")).status_code == 400
        assert (await client.post("/v1/anything")).status_code == 401
    assert [recorded.target for recorded in standin.requests] == ["/token", "/token", "/v1/anything"]
    assert standin.requests[0].raw.startswith(b"POST /token HTTP/1.1\r\n")


async def test_the_page_turns_everything_by_hand(single: Fcm, standin: Standin) -> None:
    transport = httpx.ASGITransport(build_page(standin))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://page.test") as client:
        fault = {"code": "QUOTA_EXCEEDED", "retryAfter": "5", "quota": "topic", "times": 0, "probability": 0.5}
        assert (await client.post("/faults", json=fault)).status_code == 201
        assert [known.items() >= fault.items() for known in (await client.get("/faults")).json()] == [True]
        assert (await client.delete("/faults")).status_code == 204
        assert standin.faults.waiting == []
        change = {"maxStreams": 2, "acceptUnknown": True, "seed": 1}
        settings = (await client.patch("/settings", json=change)).json()
        assert settings == (await client.get("/settings")).json() == {"maxStreams": 2, "acceptUnknown": True}
        assert (await single.send(body(new_token()))).outcome is Outcome.ACCEPTED
        assert (await client.delete("/access-tokens")).status_code == 204
        assert (await client.get("/counters")).json()["sent"] == 1
        assert standin.endpoints.tokens.valid == 0


@pytest.mark.parametrize(
    ("path", "wish", "why"),
    [
        ("/faults", {"code": "NOPE"}, "code is one of UNREGISTERED, "),
        ("/faults", {"wire": "nope"}, "Invalid enum value 'nope'"),
        ("/faults", {"nope": 1}, "unknown field `nope`"),
        ("/faults", {}, "one of code, wire, status, body and delay is needed"),
        ("/faults", {"code": "INTERNAL", "wire": "drop"}, "only one of code, wire"),
        ("/faults", {"code": "INTERNAL", "probability": 2}, "probability is from 0 to 1"),
        ("/faults", {"code": "INTERNAL", "times": -1}, "times is a number"),
        ("/faults", {"code": "INTERNAL", "quota": "topic"}, "quota belongs to QUOTA_EXCEEDED"),
        ("/faults", {"code": "INTERNAL", "endpoint": "token"}, "the token endpoint has no FCM codes"),
        ("/faults", {"wire": "refused", "accept": True}, "accept contradicts refused"),
        ("/faults", {"delay": -1}, "delay is 0 to 3600 seconds"),
        ("/faults", {"code": "UNAVAILABLE", "retryAfter": "1\r\nx: y"}, "retryAfter is printable ASCII"),
        ("/settings", {"maxStreams": 0}, "`int` >= 1"),
    ],
)
async def test_the_page_says_what_is_wrong_with_a_wish(standin: Standin, path: str, wish: Any, why: str) -> None:
    transport = httpx.ASGITransport(build_page(standin))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://page.test") as client:
        answer = await client.request("PATCH" if path == "/settings" else "POST", path, json=wish)
    assert answer.status_code == 400
    assert why in answer.json()["detail"]
    assert standin.faults.waiting == []
