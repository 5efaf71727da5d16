"""Libraries that send to FCM, against ours: with ready messages, and with building and sealing each."""

import asyncio
import concurrent.futures
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from backend.core.clock import system_clock
from push.fcm import Fcm, ServiceAccount
from push.verdict import Outcome
from tests.benchmarks.push.bodies import Mail
from tests.benchmarks.push.contest import BATCH, Contender, Result, Send, compete
from tests.benchmarks.push.google import google_app
from tests.benchmarks.push.server import STREAMS, FastFcm

CONNECTIONS = 24
# For the sweep of `connections`.
NUMBERS = (1, 2, 4, 8, 16, 24, 32)
OURS_WITH = "ours, ready messages, {} connections"
# pyfcm keeps one connection for each thread of its caller; more threads only wait for the interpreter's lock.
PYFCM_THREADS = 128

READY, SEALED = "ours, ready messages", "ours, built and sealed"
GOOGLE, GOOGLE_ASYNC = "firebase_admin send_each", "firebase_admin send_each_async"
PYFCM, PYFCM_ASYNC = f"pyfcm notify, {PYFCM_THREADS} threads", "pyfcm async_notify_multiple_devices"

# Of send_each_async, by the delay in ms.
AIMS = {READY: {0: 15, 100: 20}, SEALED: {0: 12, 100: 12}}


def compare_senders(fcm: FastFcm, delay_ms: int, rounds: int = 3) -> dict[str, Result]:
    """Prints messages/s of each, and its ratio to Google's fastest."""
    results = compete(__name__, list(_COMPARED), fcm, rounds)
    print(f"\nsenders, FCM answers after {delay_ms} ms (medians of {rounds} rounds)")
    for name, result in results.items():
        ratio = result.rate / results[GOOGLE_ASYNC].rate
        aim = AIMS.get(name, {}).get(delay_ms)
        verdict = "" if aim is None else f"   aim {aim} x: {'met' if ratio >= aim else 'MISSED'}"
        line = f"  {name:<36} {result.rate:7.0f} messages/s {ratio:6.2f} x {result.cpu:6.0f} us CPU {result.count:6}"
        print(line + verdict, flush=True)
    return results


def compare_ours(fcm: FastFcm, delay_ms: int, rounds: int = 3) -> None:
    """Prints messages/s of our transport by its number of connections."""
    print(f"\nour transport, FCM answers after {delay_ms} ms")
    for name, result in compete(__name__, list(_SWEEP), fcm, rounds).items():
        print(f"  {name:<40} {result.rate:7.0f} messages/s {result.cpu:6.0f} us CPU", flush=True)


@contextlib.asynccontextmanager
async def _ours(fcm: FastFcm, make: Callable[[], bytes], connections: int = CONNECTIONS) -> AsyncIterator[Send]:
    # A batch at a time is enough where answers come at once.
    under_way = connections * STREAMS if fcm.delay_ms else BATCH
    account = ServiceAccount(fcm.identity.service_account, clock=system_clock, ca=fcm.identity.ca)
    sender = Fcm(account, base_url=fcm.base_url, clock=system_clock, ca=fcm.identity.ca, connections=connections)

    async def send(count: int) -> None:
        numbers = iter(range(count))

        async def work() -> None:
            for _ in numbers:
                verdict = await sender.send(make())
                if verdict.outcome is not Outcome.ACCEPTED:
                    raise RuntimeError(f"not accepted: {verdict}")

        await asyncio.gather(*(work() for _ in range(under_way)))

    try:
        yield send
    finally:
        await sender.close()


def _ready(fcm: FastFcm, connections: int = CONNECTIONS) -> contextlib.AbstractAsyncContextManager[Send]:
    return _ours(fcm, itertools.cycle(Mail().ready()).__next__, connections)


def _sealed(fcm: FastFcm) -> contextlib.AbstractAsyncContextManager[Send]:
    return _ours(fcm, Mail().build)


@contextlib.asynccontextmanager
async def _google(fcm: FastFcm) -> AsyncIterator[Send]:
    """As its documentation says: batches of 500, a thread for each message, made by the library itself."""
    from firebase_admin import messaging

    app, messages = google_app(fcm.base_url, fcm.identity.service_account), _google_messages()

    async def send(count: int) -> None:
        for _ in range(count // BATCH):
            # It blocks; the loop has nothing else to do.
            _all_accepted(messaging.send_each(messages, app=app))

    yield send


@contextlib.asynccontextmanager
async def _google_async(fcm: FastFcm) -> AsyncIterator[Send]:
    """Batches of 500 over its one HTTP/2 connection."""
    from firebase_admin import messaging

    app, messages = google_app(fcm.base_url, fcm.identity.service_account), _google_messages()

    async def send(count: int) -> None:
        for _ in range(count // BATCH):
            _all_accepted(await messaging.send_each_async(messages, app=app))

    yield send


def _google_messages() -> list[Any]:
    """The same messages as ours, sealed beforehand; validating and encoding them is the library's work."""
    from firebase_admin import messaging

    messages = []
    for body in Mail().ready():
        fields = json.loads(body)["message"]
        android = messaging.AndroidConfig(priority="high", ttl=timedelta(days=1))
        messages.append(messaging.Message(data=fields["data"], android=android))
        messages[-1].token = fields["token"]
    return messages


def _all_accepted(answer: Any) -> None:
    if answer.failure_count:
        refused = next(response.exception for response in answer.responses if not response.success)
        raise RuntimeError(f"not accepted: {refused!r}")


@contextlib.asynccontextmanager
async def _pyfcm(fcm: FastFcm) -> AsyncIterator[Send]:
    """Its plain call in a pool of threads, each with a session of its own: that is what its thread-locals are for."""
    notify = _pyfcm_client(fcm).notify
    wishes = _pyfcm_wishes()

    with concurrent.futures.ThreadPoolExecutor(PYFCM_THREADS) as pool:

        async def send(count: int) -> None:
            for answer in pool.map(lambda wish: notify(**wish), itertools.islice(itertools.cycle(wishes), count)):
                answer["name"]

        yield send


@contextlib.asynccontextmanager
async def _pyfcm_async(fcm: FastFcm) -> AsyncIterator[Send]:
    """Its batch call, which opens a connection for each message and fetches a token for each batch."""
    client = _pyfcm_client(fcm)
    wishes = _pyfcm_wishes()

    async def send(count: int) -> None:
        for _ in range(count // BATCH):
            # In a thread, because it runs an event loop of its own. Its 5 s are too few for 500 handshakes.
            answers = await asyncio.to_thread(client.async_notify_multiple_devices, wishes, timeout=60)
            for answer in answers:
                answer["name"]

    yield send


def _pyfcm_client(fcm: FastFcm) -> Any:
    import pyfcm

    pyfcm.FCMNotification.FCM_END_POINT_BASE = fcm.base_url + "/v1/projects"
    client = pyfcm.FCMNotification(service_account_file=str(fcm.identity.service_account))
    # Reads the credentials, which several threads at once would fail to.
    _ = client.fcm_end_point
    return client


def _pyfcm_wishes() -> list[dict[str, Any]]:
    fields = [json.loads(body)["message"] for body in Mail().ready()]
    return [
        {"fcm_token": each["token"], "data_payload": each["data"], "android_config": each["android"]}
        for each in fields
    ]  # fmt: skip


_COMPARED: dict[str, Contender] = {
    READY: _ready,
    SEALED: _sealed,
    GOOGLE_ASYNC: _google_async,
    GOOGLE: _google,
    PYFCM: _pyfcm,
    PYFCM_ASYNC: _pyfcm_async,
}
_SWEEP: dict[str, Contender] = {OURS_WITH.format(number): partial(_ready, connections=number) for number in NUMBERS}
CONTENDERS: dict[str, Contender] = _COMPARED | _SWEEP
