"""HTTP clients as they come, with ready bodies and a bearer header: what a transport could be built on.

Left out: niquests (its urllib3-future takes the place of urllib3 in the environment, under requests and so under
Google's SDK), and the browser impersonators rnet, wreq, primp and curl_cffi, which serve another purpose. None of
those that ran was faster.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial

from tests.benchmarks.push.answers import TOKEN
from tests.benchmarks.push.bodies import Mail
from tests.benchmarks.push.contest import Contender, Result, Send, compete
from tests.benchmarks.push.server import STREAMS, FastFcm

# Of HTTP/1.1 each carries one message at a time.
PLAIN_CONNECTIONS = (64, 512)
HEADERS = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
# For the sweep.
NUMBERS = (1, 2, 4, 8, 16, 24, 32)
PYREQWEST = "pyreqwest, {} connections"

Post = Callable[[bytes], Awaitable[int]]


def compare_transports(fcm: FastFcm, delay_ms: int, rounds: int = 3) -> dict[str, Result]:
    """Prints messages/s and CPU of each, in short rounds."""
    return _print(
        compete(__name__, list(_COMPARED), fcm, rounds, seconds=1.5), f"transports, answers after {delay_ms} ms"
    )


def compare_connections(fcm: FastFcm, delay_ms: int, rounds: int = 3) -> dict[str, Result]:
    """The same for numbers of connections of pyreqwest."""
    return _print(compete(__name__, list(_SWEEP), fcm, rounds), f"pyreqwest, answers after {delay_ms} ms")


def _print(results: dict[str, Result], title: str) -> dict[str, Result]:
    print(f"\n{title}")
    for name, result in results.items():
        print(f"  {name:<36} {result.rate:7.0f} messages/s {result.cpu:6.0f} us CPU {result.count:6}", flush=True)
    return results


async def _send(post: Post, bodies: list[bytes], at_once: int, count: int) -> None:
    """As many senders as may be under way at once, each with one message at a time."""
    waiting = iter(itertools.islice(itertools.cycle(bodies), count))

    async def work() -> None:
        for body in waiting:
            status = await post(body)
            if status != 200:
                raise RuntimeError(f"answered {status}")

    await asyncio.gather(*(work() for _ in range(at_once)))


def _url(fcm: FastFcm) -> str:
    return f"{fcm.base_url}/v1/projects/my-diary-local/messages:send"


@contextlib.asynccontextmanager
async def _pyreqwest(connections: int, fcm: FastFcm) -> AsyncIterator[Send]:
    """Several clients in turn, for each holds one connection."""
    from pyreqwest.client import ClientBuilder

    async with contextlib.AsyncExitStack() as stack:
        builders = [ClientBuilder().http2_prior_knowledge().timeout(timedelta(seconds=15)) for _ in range(connections)]
        certificate = fcm.identity.ca.read_bytes()
        clients = [
            await stack.enter_async_context(builder.add_root_certificate_pem(certificate).build())
            for builder in builders
        ]
        turn, url = itertools.cycle(clients), _url(fcm)

        async def post(body: bytes) -> int:
            answer = await next(turn).post(url).headers(HEADERS).body_bytes(body).build().send()
            await answer.bytes()
            return answer.status

        yield partial(_send, post, Mail().ready(), connections * STREAMS)


@contextlib.asynccontextmanager
async def _pyqwest(connections: int, fcm: FastFcm) -> AsyncIterator[Send]:
    """Several transports in turn, likewise."""
    import pyqwest

    certificate = fcm.identity.ca.read_bytes()
    async with contextlib.AsyncExitStack() as stack:
        clients = []
        for _ in range(connections):
            transport = pyqwest.HTTPTransport(
                tls_ca_cert=certificate, http_version=pyqwest.HTTPVersion.HTTP2, timeout=15, enable_otel=False
            )
            clients.append(pyqwest.Client(await stack.enter_async_context(transport)))
        turn, url = itertools.cycle(clients), _url(fcm)

        async def post(body: bytes) -> int:
            return int((await next(turn).post(url, HEADERS, body)).status)

        yield partial(_send, post, Mail().ready(), connections * STREAMS)


@contextlib.asynccontextmanager
async def _aiohttp(connections: int, fcm: FastFcm) -> AsyncIterator[Send]:
    """HTTP/1.1 only."""
    import ssl

    import aiohttp

    context = ssl.create_default_context(cafile=str(fcm.identity.ca))
    connector = aiohttp.TCPConnector(limit=connections, ssl=context)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:
        url = _url(fcm)

        async def post(body: bytes) -> int:
            async with session.post(url, data=body) as answer:
                await answer.read()
                return int(answer.status)

        yield partial(_send, post, Mail().ready(), connections)


@contextlib.asynccontextmanager
async def _httpx(fcm: FastFcm) -> AsyncIterator[Send]:
    """HTTP/2 in pure Python, over one connection: what send_each_async stands on."""
    import ssl

    import httpx

    context = ssl.create_default_context(cafile=str(fcm.identity.ca))
    async with httpx.AsyncClient(http2=True, verify=context, timeout=60, headers=HEADERS, trust_env=False) as client:
        url = _url(fcm)

        async def post(body: bytes) -> int:
            return (await client.post(url, content=body)).status_code

        yield partial(_send, post, Mail().ready(), STREAMS)


_COMPARED: dict[str, Contender] = {
    PYREQWEST.format(16): partial(_pyreqwest, 16),
    "pyqwest, 16 connections": partial(_pyqwest, 16),
    **{f"aiohttp, HTTP/1.1, {number} connections": partial(_aiohttp, number) for number in PLAIN_CONNECTIONS},
    "httpx, HTTP/2, 1 connection": _httpx,
}
_SWEEP: dict[str, Contender] = {PYREQWEST.format(number): partial(_pyreqwest, number) for number in NUMBERS}
CONTENDERS: dict[str, Contender] = _COMPARED | _SWEEP
