"""A person's devices and inbox. The engine is `push`; here is what it may be asked over HTTP."""

import base64
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, Invalid, NotFound
from backend.identity.acting import Acting
from backend.school.repository import visible_children
from backend.school.service import unread
from push import devices, inbox, outbox
from push.devices import DeviceKeys
from push.wording import Texts
from schemas import push as wire

KEY_BYTES = 32
LONGEST_KEY_LIFE = timedelta(days=366)
_zones = available_timezones()


async def register_device(
    session: AsyncSession,
    acting: Acting,
    installation_id: UUID,
    wish: wire.RegisterDevice,
    keys: DeviceKeys,
    now: datetime,
) -> None:
    """Registers or refreshes the app's installation for the acting account (docs/app.md: at every start).

    Raises:
        Invalid: the key is not 32 bytes, has expired or lasts over a year, or the time zone is unknown.
        Conflict: the installation is another account's, and neither its target nor its key is presented.
    """
    wrong: dict[str, str] = {}
    key = _decoded_key(wish.key, now, wrong)
    if wish.timezone not in _zones:
        wrong["/timezone"] = "unknown-timezone"
    if wrong:
        raise Invalid(wrong)
    try:
        await devices.register(session, installation_id, acting.account_id, acting.session_id, wish, key, keys, now)
    except devices.InstallationTaken:
        raise Conflict(code="installation-taken") from None


async def forget_device(session: AsyncSession, acting: Acting, installation_id: UUID) -> None:
    """Stops alerts for the acting account on one device. Raises NotFound where it is not signed in there."""
    if not await devices.forget(session, installation_id, acting.account_id):
        raise NotFound


async def list_devices(session: AsyncSession, acting: Acting, now: datetime) -> wire.Devices:
    found = await devices.devices_of(session, acting.account_id)
    items = [
        wire.Device(
            installation_id=device.id,
            platform=device.platform,
            app_version=device.app_version,
            permission=device.permission,
            reachable=device.target is not None and device.target_lost is None and device.permission != "denied",
            encrypted=device.key_expires_at is not None and device.key_expires_at > now,
        )
        for device in found
    ]
    return wire.Devices(items=items)


async def list_alerts(
    session: AsyncSession, acting: Acting, texts: Texts, language: str, cursor: str | None, now: datetime
) -> wire.Inbox:
    """A page of the inbox, without children whom one may no longer see. Raises Invalid for a wrong cursor."""
    try:
        before = UUID(cursor) if cursor is not None else None
    except ValueError:
        raise Invalid({"query:cursor": "wrong-type"}) from None
    children = await visible_children(session, acting.account_id, now)
    return await inbox.page(session, texts, acting.account_id, children, language, before)


async def mark_read(session: AsyncSession, acting: Acting, wish: wire.MarkRead, now: datetime) -> wire.Unread:
    """Notes alerts as read; ids of others change nothing. Returns what is left unread."""
    await outbox.mark_read(session, acting.account_id, wish.alert_ids, now)
    return wire.Unread(unread=await unread(session, acting.account_id, now))


def _decoded_key(key: wire.DeviceKey | None, now: datetime, wrong: dict[str, str]) -> bytes | None:
    if key is None:
        return None
    if key.expires_at.tzinfo is None or not now < key.expires_at <= now + LONGEST_KEY_LIFE:
        wrong["/key/expiresAt"] = "key-expired"
    try:
        decoded = base64.b64decode(key.value + "=" * (-len(key.value) % 4), validate=True)
    except ValueError:  # also binascii.Error
        decoded = b""
    if len(decoded) != KEY_BYTES:
        wrong["/key/value"] = "bad-key"
    return decoded
