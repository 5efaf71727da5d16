"""A person's devices and inbox. The engine is `push`; here is what it may be asked over HTTP."""

import base64
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, Invalid, NotFound, Unauthenticated
from backend.identity.acting import Acting
from backend.identity.repository import hold_session
from backend.school.account_repository import visible_children
from backend.school.service import unread
from push import devices, inbox, outbox, preferences
from push.catalogue import KIND_NAMES
from push.devices import DeviceKeys
from push.policy import Rule, Wishes
from push.wording import Texts
from schemas import push as wire

KEY_BYTES = 32
# 32 random bytes have about 30 different values; fewer than 16 do not happen by chance.
WEAKEST_KEY = 16
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
    # Whoever signs out at this moment waits for us, and then finds this device.
    if not await hold_session(session, acting.session_id):
        raise Unauthenticated
    try:
        await devices.register(session, installation_id, acting.account_id, acting.session_id, wish, key, keys, now)
    except devices.InstallationTaken:
        raise Conflict(code="installation-taken") from None
    except devices.KeyRefused as refused:
        raise Invalid({"/key/id" if refused.code == "key-id-taken" else "/key/value": refused.code}) from None


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
            last_seen_at=device.registered_at,
            lost=device.target_lost,
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
    return await unread(session, acting.account_id, now)


async def mark_all_read(session: AsyncSession, acting: Acting, wish: wire.MarkAllRead, now: datetime) -> wire.Unread:
    """Notes all alerts up to the newest that the screen showed as read."""
    await outbox.mark_all_read(session, acting.account_id, wish.until, wish.child_id, now)
    return await unread(session, acting.account_id, now)


async def acknowledge(session: AsyncSession, acting: Acting, wish: wire.Acknowledge, now: datetime) -> None:
    """Notes what reached the app and what was opened. Raises NotFound for a device that is not the caller's."""
    mine = {device.id for device in await devices.devices_of(session, acting.account_id)}
    if wish.installation_id not in mine:
        raise NotFound
    await outbox.acknowledge(session, acting.account_id, wish.installation_id, wish.received, wish.opened, now)


async def list_changes(
    session: AsyncSession, acting: Acting, texts: Texts, language: str, since: str | None, now: datetime
) -> wire.Changes:
    """What changed since a cursor of an earlier answer. Raises Invalid for a cursor that is none."""
    try:
        cursor = inbox.Cursor.read(since) if since is not None else None
    except (ValueError, OverflowError, OSError):
        raise Invalid({"query:since": "wrong-type"}) from None
    children = await visible_children(session, acting.account_id, now)
    return await inbox.changes(session, texts, acting.account_id, children, language, cursor, now)


async def get_preferences(session: AsyncSession, acting: Acting) -> wire.Preferences:
    """How the person is told. Rules of children whom they may no longer see are kept, and mean nothing."""
    wishes = await preferences.wishes_of(session, acting.account_id)
    hours = wire.QuietHours(from_=wishes.quiet_from, until=wishes.quiet_until)
    return wire.Preferences(
        quiet_hours=None if wishes.quiet_from == wishes.quiet_until else hours,
        summary_at=wishes.summary_at,
        rules=[wire.PreferenceRule(mode=rule.mode, child_id=rule.child, kind=rule.kind) for rule in wishes.rules],
    )


async def set_preferences(
    session: AsyncSession, acting: Acting, wish: wire.Preferences, now: datetime
) -> wire.Preferences:
    """Replaces how the person is told.

    Raises:
        Invalid: an unknown kind, a child that is not the person's, two rules about the same.
    """
    # A rule that stands may go on standing, also about a child whom the person may no longer see.
    stored = {rule.child for rule in (await preferences.wishes_of(session, acting.account_id)).rules}
    children = {*await visible_children(session, acting.account_id, now), *stored}
    wrong = _wrong_preferences(wish, children)
    if wrong:
        raise Invalid(wrong)
    hours = wish.quiet_hours or wire.QuietHours(from_=time(), until=time())
    rules = tuple(Rule(child=rule.child_id, kind=rule.kind, mode=rule.mode) for rule in wish.rules)
    wishes = Wishes(hours.from_, hours.until, wish.summary_at, rules)
    await preferences.set_wishes(session, acting.account_id, acting.language, wishes)
    return await get_preferences(session, acting)


def _wrong_preferences(wish: wire.Preferences, children: set[UUID | None]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    said: set[tuple[UUID | None, str | None]] = set()
    for place, rule in enumerate(wish.rules):
        if rule.kind is not None and rule.kind not in KIND_NAMES:
            wrong[f"/rules/{place}/kind"] = "unknown-kind"
        if rule.child_id is not None and rule.child_id not in children:
            wrong[f"/rules/{place}/childId"] = "unknown-child"
        if (rule.child_id, rule.kind) in said:
            wrong[f"/rules/{place}"] = "repeated"
        said.add((rule.child_id, rule.kind))
    return wrong


def _decoded_key(key: wire.DeviceKey | None, now: datetime, wrong: dict[str, str]) -> bytes | None:
    if key is None:
        return None
    if not now < key.expires_at <= now + LONGEST_KEY_LIFE:
        wrong["/key/expiresAt"] = "key-expired"
    try:
        decoded = base64.b64decode(key.value + "=" * (-len(key.value) % 4), validate=True)
    except ValueError:  # also binascii.Error
        decoded = b""
    if len(decoded) != KEY_BYTES:
        wrong["/key/value"] = "bad-key"
    elif len(set(decoded)) < WEAKEST_KEY:
        wrong["/key/value"] = "weak-key"
    return decoded
