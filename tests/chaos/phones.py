"""The families' devices, and everything that the stand-in accepted for them, opened as an app opens it."""

import asyncio
import base64
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from push.standin.phones import Phone, Received, new_token
from push.standin.server import Standin
from tests.chaos.school import Person, SchoolHere

PLATFORMS = ("android", "ios", "web")
# Every fourth family shares a tablet.
_WITH_TABLET = 4


class Message(NamedTuple):
    """One accepted message. `content`: what tests/push/screen.py reads."""

    name: str
    tag: str
    ids: tuple[UUID, ...]
    content: dict[str, Any]

    @property
    def revision(self) -> int:
        return int(self.content["revision"])

    @property
    def loud(self) -> bool:
        return bool(self.ids) and not self.content.get("quiet", False)


@dataclass
class Device:
    """One installation.

    Attributes:
        people: who is signed in on it, or was.
        tokens: all that it ever had; the last one is registered.
        lost: FCM has called its target gone.
        left: who has signed out of it, be it for a moment.
        out: who is signed out now.
    """

    id: UUID
    platform: str
    key: bytes
    people: list[Person]
    tokens: list[str]
    lost: bool = False
    left: set[UUID] = field(default_factory=set)
    out: set[UUID] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)

    def registration(self) -> dict[str, Any]:
        """The body of registerDevice."""
        return {
            "platform": self.platform,
            "appVersion": "1.0",
            "locale": "ru-RU",
            "timezone": "Europe/Moscow",
            "permission": "granted",
            "target": {"kind": "token", "value": self.tokens[-1]},
            "key": {
                "id": "k1",
                "value": base64.b64encode(self.key).decode(),
                "expiresAt": (datetime.now(UTC) + timedelta(days=90)).isoformat(),
            },
        }

    def open(self, received: Received) -> Message:
        data = received.message["data"]
        associated = f"{data['v']}|{data['k']}|{data['t']}".encode()
        content = json.loads(AESGCM(self.key).decrypt(_bytes(data["n"]), _bytes(data["c"]), associated))
        ids = tuple(UUID(alert) for alert in content["alertIds"])
        for large in ("body", "target"):
            content.pop(large, None)
        return Message(received.name, data["t"], ids, content)


@dataclass
class Phones:
    """All devices.

    Attributes:
        seen: account -> alerts that its own devices have been sent.
        accepted: set whenever a message has been accepted.
    """

    standin: Standin
    devices: list[Device]
    seen: dict[UUID, dict[UUID, None]] = field(default_factory=lambda: defaultdict(dict))
    received: int = 0
    accepted: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._by_token = {token: device for device in self.devices for token in device.tokens}
        for device in self.devices:
            self._announce(device)

    @property
    def tablets(self) -> list[Device]:
        return [device for device in self.devices if len(device.people) > 1]

    def of(self, person: Person) -> list[Device]:
        return [device for device in self.devices if person in device.people]

    def new_token(self, device: Device) -> None:
        """Firebase gives the app another token; the old one goes on for a while, as it does at FCM."""
        device.tokens.append(new_token())
        self._by_token[device.tokens[-1]] = device
        self._announce(device)

    def _announce(self, device: Device) -> None:
        # As a phone of its own: the stand-in forgets the old token of an installation that it knows.
        self.standin.phones.add(
            Phone(token=device.tokens[-1], name="chaos", platform=device.platform, installation_id=uuid4())
        )

    async def follow(self, messages: AsyncIterator[Received | None]) -> None:
        """Keeps everything that the stand-in accepts."""
        async for received in messages:
            if received is None:
                continue
            device = self._by_token[received.token]
            message = device.open(received)
            device.messages.append(message)
            if len(device.people) == 1:
                self.seen[device.people[0].id].update(dict.fromkeys(message.ids))
            self.received += 1
            self.accepted.set()

    async def next_message(self, seconds: float) -> None:
        """Returns as soon as another message has been accepted, or when the time is up."""
        self.accepted.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.accepted.wait(), seconds)


@asynccontextmanager
async def recording(phones: Phones) -> AsyncIterator[None]:
    """Follows the stand-in for as long as the block lasts."""
    following = asyncio.create_task(phones.follow(phones.standin.phones.watch()))
    try:
        yield
        if following.done():
            following.result()
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def give_devices(standin: Standin, school: SchoolHere, chance: random.Random) -> Phones:
    """One device of each platform for every parent, one for a child with an account, and some shared tablets."""
    devices: list[Device] = []
    for place, child in enumerate(school.families):
        for parent in child.parents:
            devices += [_device(platform, [parent], chance) for platform in PLATFORMS]
        if child.account is not None:
            devices.append(_device("android", [child.account], chance))
        if place % _WITH_TABLET == 0:
            devices.append(_device("android", list(child.parents), chance))
    return Phones(standin, devices)


def _device(platform: str, people: list[Person], chance: random.Random) -> Device:
    return Device(uuid4(), platform, chance.randbytes(32), people, [new_token()])


def _bytes(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
