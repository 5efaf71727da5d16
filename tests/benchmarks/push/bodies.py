"""What is sent: the sealed message of a mark, about 1.3 kB, to 500 devices with keys of their own."""

import os
import secrets
from datetime import UTC, datetime
from uuid import uuid4

from backend.core.clock import system_clock
from push.envelope import Address, Content, Envelopes, Neutral

DEVICES = 500
THREAD = "mark:6eb728fe-13a5-5301-a0df-78c23f54d768"
NEUTRAL = Neutral("Мой дневник", "Новая запись")
TEXT = "Алгебра: 5 за контрольную работу «Квадратные уравнения». " * 3


class Mail:
    """Devices, and messages for them. Building one costs what it costs the worker."""

    def __init__(self) -> None:
        self._envelopes = Envelopes(os.urandom(32), system_clock)
        self._addresses = [_address() for _ in range(DEVICES)]
        # Ids come to the worker as values of the database's driver.
        self._alerts = [[uuid4()] for _ in range(DEVICES)]
        self._account, self._child = uuid4(), uuid4()
        self._revision = 0

    def build(self) -> bytes:
        """The next message, from a content to FCM's body."""
        self._revision += 1
        address = self._addresses[self._revision % DEVICES]
        return self._envelopes.build(address, THREAD, self._content(), NEUTRAL)

    def ready(self) -> list[bytes]:
        """One message for each device, built beforehand."""
        return [self.build() for _ in range(DEVICES)]

    def _content(self) -> Content:
        return Content(
            account_id=self._account, alert_ids=self._alerts[self._revision % DEVICES], revision=self._revision,
            issued_at=datetime.now(UTC), lifetime_seconds=86_400, kind="mark", child_id=self._child, channel="marks",
            target={"screen": "day", "day": "2026-11-18"}, title="Иван Петров", body=TEXT,
        )  # fmt: skip


def _address() -> Address:
    return Address(
        installation_id=uuid4(), account_id=uuid4(), platform="android", target_kind="token",
        target=secrets.token_urlsafe(106), key_id="k1", key=os.urandom(32),
    )  # fmt: skip
