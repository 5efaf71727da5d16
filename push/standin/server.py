"""Puts the stand-in together: FCM's protocol over TLS on one port, the phones' page on another."""

import asyncio
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from push.standin.credentials import Identity, make_identity
from push.standin.faults import Faults
from push.standin.fcm import FcmEndpoints
from push.standin.ledger import Recorded
from push.standin.listener import Listener
from push.standin.page import build_page
from push.standin.phones import Phones


@dataclass
class Standin:
    """A running stand-in. `endpoints`, `phones`, `faults` and `listener` are for tests that stand inside."""

    identity: Identity
    base_url: str
    phones: Phones
    faults: Faults
    endpoints: FcmEndpoints
    listener: Listener

    @property
    def record(self) -> bool:
        """Whether every request is kept in `requests` as it came. Off at the start, for it costs memory."""
        return self.listener.ledger.record

    @record.setter
    def record(self, on: bool) -> None:
        self.listener.ledger.record = on

    @property
    def requests(self) -> deque[Recorded]:
        """What was recorded, oldest first; the oldest are forgotten beyond `push.standin.ledger.KEPT_REQUESTS`."""
        return self.listener.ledger.requests

    async def close(self) -> None:
        await self.listener.close()


async def start_standin(folder: Path, *, host: str = "127.0.0.1", port: int = 0, keep: bool = False) -> Standin:
    """Starts FCM's protocol. With `keep`, phones survive a restart."""
    phones = Phones(folder / "phones.json" if keep else None)
    faults = Faults()
    identity = make_identity(folder, f"https://127.0.0.1:{port}")
    endpoints: FcmEndpoints

    listener = Listener(lambda request: endpoints.handle(request), identity.server_context())
    real_port = await listener.start(host, port)
    base_url = f"https://127.0.0.1:{real_port}"
    identity = make_identity(folder, base_url)
    endpoints = FcmEndpoints(phones, faults, identity.public_key(), f"{base_url}/token")
    return Standin(identity, base_url, phones, faults, endpoints, listener)


async def serve_standin(folder: Path, host: str, port: int, page_port: int) -> None:
    """Serves both until it is told to stop: FCM to this machine, the page where `host` says."""
    standin = await start_standin(folder, port=port, keep=True)
    config = uvicorn.Config(
        build_page(standin),
        host=host,
        port=page_port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    try:
        await uvicorn.Server(config).serve()
    except asyncio.CancelledError:
        pass
    finally:
        await standin.close()
