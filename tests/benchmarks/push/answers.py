"""FCM's good answers as an RSGI application, as fast as Python goes. It checks nothing: `push/standin` does that.

A file of its own, so that the server's process imports nothing else.
"""

import asyncio
import itertools
import json
import os
import time
from typing import Any

DELAY_VARIABLE = "BENCH_FCM_DELAY_MS"
# With it, `/arrivals` tells when each target was last sent to.
RECORD_VARIABLE = "BENCH_FCM_RECORD"
# As long as Google's, which is what goes over the wire with every request.
TOKEN = "ya29.c." + "bench-" * 169

_JSON = [("content-type", "application/json; charset=UTF-8")]
_DELAY = int(os.environ.get(DELAY_VARIABLE, "0")) / 1000
_RECORD = RECORD_VARIABLE in os.environ
_numbers = itertools.count(1)
_arrivals: dict[str, float] = {}
_sent = 0


def _target(body: bytes) -> str:
    """The registration token, without reading the rest."""
    _, _, after = body.partition(b'"token": "')
    return after.partition(b'"')[0].decode()


async def app(scope: Any, protocol: Any) -> None:
    """`messages:send`, the OAuth endpoint, and for whoever measures `/count` and `/until/COUNT`."""
    global _sent
    path: str = scope.path
    if path.endswith("messages:send"):
        body = await protocol()
        _sent += 1
        if _RECORD:
            _arrivals[_target(body)] = time.time()
        if _DELAY:
            await asyncio.sleep(_DELAY)
        protocol.response_str(200, _JSON, f'{{"name": "projects/my-diary-local/messages/{next(_numbers)}"}}')
    elif path == "/token":
        await protocol()
        protocol.response_str(200, _JSON, f'{{"access_token": "{TOKEN}", "expires_in": 3599, "token_type": "Bearer"}}')
    elif path == "/arrivals":
        protocol.response_str(200, _JSON, json.dumps(_arrivals))
    elif path == "/count":
        protocol.response_str(200, _JSON, str(_sent))
    elif path.startswith("/until/"):
        while _sent < int(path.removeprefix("/until/")):
            await asyncio.sleep(0.005)
        protocol.response_empty(204, [])
    else:
        protocol.response_str(404, _JSON, "{}")
