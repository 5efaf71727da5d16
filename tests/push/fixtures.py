"""The push engine over the wire: a real stand-in behind TLS, a real worker, phones that open what they get."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text

from backend.core.db import Database, one_transaction
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from push.catalogue import LANES
from push.devices import DeviceKeys
from push.envelope import Envelopes
from push.fcm import Fcm, ServiceAccount
from push.revision import Composer
from push.standin.phones import Phone, Received, new_token
from push.standin.server import Standin, start_standin
from push.statements import PLANNER
from push.wording import push_texts
from push.worker import Worker
from tests.conftest import MovableClock
from tests.push.screen import Screen
from tests.world import Someone, World


@pytest.fixture
async def standin(standin_folder: Path) -> AsyncIterator[Standin]:
    running = await start_standin(standin_folder)
    yield running
    await running.close()


@pytest.fixture
async def fcm(standin: Standin, clock: MovableClock) -> AsyncIterator[Fcm]:
    """Our transport, pointed at the stand-in."""
    ca = standin.identity.ca
    account = ServiceAccount(standin.identity.service_account, clock=clock, ca=ca)
    transport = Fcm(account, base_url=standin.base_url, clock=clock, ca=ca, connections=2)
    yield transport
    await transport.close()


MakeWorker = Callable[..., Worker]


@pytest.fixture
async def make_worker(settings: Settings, fcm: Fcm, clock: MovableClock) -> AsyncIterator[MakeWorker]:
    """Makes workers as the role diary_push."""
    database = Database(settings.push_database_url, pool=6, name="test-push", planner=PLANNER)
    redis = connect_redis(settings.redis_url, blocking=True)

    def make(name: str, quota: int = 60_000_000) -> Worker:
        return Worker(
            name,
            transaction=database.transaction,
            redis=redis,
            senders=dict.fromkeys(LANES, fcm),
            clock=clock,
            composer=Composer(
                push_texts(), DeviceKeys(settings.keys.device_keys), Envelopes(settings.keys.tags, clock), clock
            ),
            quota=quota,
        )

    yield make
    await database.close()
    await redis.aclose()


@pytest.fixture
def worker(make_worker: MakeWorker) -> Worker:
    return make_worker("worker-1")


async def deliver(worker: Worker) -> None:
    """Lets a worker do all that is due."""
    while await worker.expand():
        pass
    for lane in LANES:
        while await worker.step(lane):
            pass


@dataclass
class Handset:
    """A device: what its app knows, and what reached it."""

    standin: Standin
    installation_id: UUID
    token: str
    platform: str
    key: bytes | None

    @property
    def received(self) -> list[Received]:
        return self.standin.phones.latest(self.token)

    def opened(self) -> list[dict[str, Any]]:
        """The contents, as an app reads them."""
        return [self.open(received.message) for received in self.received]

    def open(self, message: dict[str, Any]) -> dict[str, Any]:
        data = message["data"]
        if self.key is None:
            return {
                "alertIds": [data["a"]] if "a" in data else [],
                "title": data.get("title", ""),
                "body": data.get("body", ""),
                "revision": int(data["r"]),
                "quiet": data.get("q") == "1",
                "cleared": json.loads(data.get("x", "[]")),
            }
        associated = f"{data['v']}|{data['k']}|{data['t']}".encode()
        clear = AESGCM(self.key).decrypt(_bytes(data["n"]), _bytes(data["c"]), associated)
        opened: dict[str, Any] = json.loads(clear)
        return opened

    def screen(self) -> Screen:
        """What hangs on its screen by now."""
        screen = Screen()
        for received in self.received:
            screen.receive(received.message["data"]["t"], self.open(received.message))
        return screen

    def texts(self) -> list[str]:
        return [f"{content.get('title', '')} | {content.get('body', '')}" for content in self.opened()]


GiveHandset = Callable[..., Any]


async def give_handset(
    world: World,
    standin: Standin,
    owner: Someone,
    *,
    platform: str = "android",
    sealed: bool = True,
    installation_id: UUID | None = None,
) -> Handset:
    """Somebody gets a phone, and its app registers with the server."""
    installation_id = installation_id or uuid4()
    key = uuid4().bytes + uuid4().bytes if sealed else None
    token = new_token()
    standin.phones.add(Phone(token=token, name="test", platform=platform, installation_id=installation_id))
    handset = Handset(standin, installation_id, token, platform, key)
    answer = await owner.put(f"/v1/devices/{installation_id}", registration(handset, world))
    assert answer.status_code == 204, answer.text
    return handset


def registration(handset: Handset, world: World) -> dict[str, Any]:
    """The body of registerDevice."""
    body: dict[str, Any] = {
        "platform": handset.platform,
        "appVersion": "1.0",
        "locale": "ru-RU",
        "timezone": "Europe/Moscow",
        "permission": "granted",
        "target": {"kind": "token", "value": handset.token},
    }
    if handset.key is not None:
        expires = (world.clock.now + timedelta(days=90)).isoformat()
        body["key"] = {"id": "k1", "value": base64.b64encode(handset.key).decode(), "expiresAt": expires}
    return body


async def run_as_owner(world: World, *statements: str) -> Any:
    """What no role of the application may do, for tests that set a scene or look behind it, in one transaction.
    The first value of the last statement."""
    async with one_transaction(world.settings.owner_database_url, "test") as session:
        for statement in statements:
            result: Any = await session.execute(text(statement))
        return result.scalar() if result.returns_rows else None


async def expire_leases(world: World) -> None:
    """As if the time of a lease had passed since its holder died."""
    await run_as_owner(world, "UPDATE tray SET lease_until = now() - interval '1 second' WHERE lease_by IS NOT NULL")


def _bytes(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
