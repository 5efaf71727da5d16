"""The demo's phones: known to the stand-in as an app would be to Firebase, and registered with the server."""

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import httpx

from backend.core.clock import system_clock
from backend.core.db import Database
from backend.core.settings import Settings
from backend.demo.accounts import FATHER, MOTHER, NAMESPACE, STUDENT, TEACHER, DemoAccount
from push.devices import DeviceKeys, register
from schemas.push import DeviceKey, RegisterDevice, Target


@dataclass(frozen=True)
class DemoPhone:
    name: str
    platform: str
    owner: DemoAccount
    encrypted: bool = True

    @property
    def installation_id(self) -> UUID:
        return uuid5(NAMESPACE, self.name)


PHONES = (
    DemoPhone("Мама Ивана и Софьи · Петрова Анна", "android", MOTHER),
    DemoPhone("Папа · Петров Сергей", "ios", FATHER),
    DemoPhone("Иван Петров, 5А", "android", STUDENT),
    DemoPhone("Классный руководитель · Соколова Елена", "web", TEACHER),
    DemoPhone("Мамин планшет, без ключа", "android", MOTHER, encrypted=False),
)


async def register_phones(settings: Settings, page_url: str) -> None:
    """Gives each demo phone a token of the stand-in and a new key of its own, and registers it."""
    database = Database(settings.database_url, pool=1, name="diary-demo")
    keys = DeviceKeys(settings.keys.device_keys)
    now = system_clock()
    # By an id a device has one key for ever, and phones of an earlier start have theirs.
    key_id = f"demo-{secrets.token_hex(4)}"
    try:
        async with httpx.AsyncClient(base_url=page_url, trust_env=False) as client:
            for phone in PHONES:
                key = os.urandom(32) if phone.encrypted else None
                registered = await client.post("/phones", json=_as_app(phone, key_id, key))
                registered.raise_for_status()
                described = None
                if key is not None:
                    described = DeviceKey(
                        id=key_id,
                        value=base64.b64encode(key).decode(),
                        expires_at=now + timedelta(days=300),
                    )
                device = RegisterDevice(
                    platform=phone.platform,  # type: ignore[arg-type]
                    app_version="demo",
                    locale="ru-RU",
                    timezone="Europe/Moscow",
                    permission="granted",
                    target=Target(kind="token", value=registered.json()["token"]),
                    key=described,
                )
                async with database.transaction(phone.owner.id) as session:
                    # The demo's phones belong to no session, so that signing out elsewhere leaves them alone.
                    await register(session, phone.installation_id, phone.owner.id, NAMESPACE, device, key, keys, now)
    finally:
        await database.close()


def _as_app(phone: DemoPhone, key_id: str, key: bytes | None) -> dict[str, Any]:
    app = {"name": phone.name, "platform": phone.platform, "installationId": str(phone.installation_id)}
    return app if key is None else app | {"keyId": key_id, "key": base64.b64encode(key).decode()}
