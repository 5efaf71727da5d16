"""Devices: an installation of the app, the accounts signed in on it, its target and its key."""

import hmac
import os
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from push.models import Installation, InstallationAccount, Recipient, Tray
from push.outbox import look_again
from schemas.push import DeviceKey, RegisterDevice

# FCM forgets a token of Android after 270 days without contact; nobody else's app lives longer unseen.
STALE_AFTER = timedelta(days=270)
MOST_DEVICES = 20


class DeviceKeys:
    """Keys of devices, wrapped at rest with a key of the server, bound to their installation."""

    def __init__(self, wrapping_key: bytes) -> None:
        self._aead = AESGCM(wrapping_key)
        self._print_key = hmac.digest(wrapping_key, b"prints of device keys", "sha256")

    def wrap(self, installation_id: UUID, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, key, installation_id.bytes)

    def unwrap(self, installation_id: UUID, wrapped: bytes) -> bytes:
        """Raises cryptography's InvalidTag where the server's secret was changed."""
        return self._aead.decrypt(wrapped[:12], wrapped[12:], installation_id.bytes)

    def print_of(self, key: bytes) -> bytes:
        """Tells two equal keys without keeping either: a key opens one device's messages only."""
        return hmac.digest(self._print_key, key, "sha256")


class InstallationTaken(Exception):
    """The installation is another account's, and the caller does not prove to hold the device."""


class KeyRefused(Exception):
    """The key cannot be taken. `code`: `key-repeated` where another device has the same, `key-id-taken` where
    this device has another one by that id."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


async def register(
    session: AsyncSession,
    installation_id: UUID,
    account_id: UUID,
    session_id: UUID,
    device: RegisterDevice,
    key: bytes | None,
    keys: DeviceKeys,
    now: datetime,
) -> None:
    """Registers or refreshes an installation and signs the account in on it.

    A target belongs to one installation: the one that registered it last. Registering without a key
    leaves the device with neutral texts. A further account is let onto an installation only with the
    target or the key that it already has: who merely knows its id cannot turn its alerts to themselves.
    And where one of several accounts comes with neither, the others are signed out of it: the device may
    be another one now; their app registers again at its next start.

    Args:
        session_id: the session that registers; when it ends, its devices stop receiving.
        key: the 32 bytes of `device.key`, decoded and checked by the caller.

    Raises:
        InstallationTaken: another account's installation, without that proof.
        KeyRefused: the key is another device's, or its id another key's.
    """
    await _lock_targets(session, installation_id, device)
    known = await session.get(Installation, installation_id)
    if known is not None and not _holds_it(known, device, key, keys):
        await _part_from_others(session, installation_id, account_id)
    if key is not None:
        await _check_key(session, installation_id, known, device, keys.print_of(key))
    if device.target is not None:
        await _take_target(session, installation_id, device.target.value)
    values = _columns(device, now) | _key_columns(installation_id, device.key, key, keys)
    statement = insert(Installation).values(id=installation_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    link = insert(InstallationAccount).values(
        account_id=account_id, installation_id=installation_id, session_id=session_id, added_at=now
    )
    await session.execute(
        link.on_conflict_do_update(index_elements=["account_id", "installation_id"], set_={"session_id": session_id})
    )
    await _keep_the_newest(session, account_id)


async def forget(session: AsyncSession, installation_id: UUID, account_id: UUID) -> bool:
    """Signs the account out of the installation; other accounts on it go on. False: it was not there.

    What still hangs on its screen for the account is asked to be removed.
    """
    gone = delete(InstallationAccount).where(
        col(InstallationAccount.installation_id) == installation_id,
        col(InstallationAccount.account_id) == account_id,
    )
    if (await session.execute(gone.returning(col(InstallationAccount.account_id)))).scalar() is None:
        return False
    await _revisit_trays(session, [installation_id], account_id)
    return True


async def forget_sessions(session: AsyncSession, account_id: UUID, session_ids: Sequence[UUID]) -> None:
    """The sessions have ended: the devices that they registered stop receiving for the account."""
    statement = select(col(InstallationAccount.installation_id)).where(
        col(InstallationAccount.account_id) == account_id, col(InstallationAccount.session_id).in_(session_ids)
    )
    for installation_id in list((await session.execute(statement)).scalars()):
        await forget(session, installation_id, account_id)


async def set_language(session: AsyncSession, account_id: UUID, language: str) -> None:
    """The language of the pushes of a person."""
    statement = insert(Recipient).values(account_id=account_id, language=language)
    await session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_={"language": language}))


async def devices_of(session: AsyncSession, account_id: UUID) -> list[Installation]:
    """The installations on which the account is signed in."""
    statement = (
        select(Installation)
        .join(InstallationAccount, col(InstallationAccount.installation_id) == col(Installation.id))
        .where(col(InstallationAccount.account_id) == account_id)
        .order_by(col(InstallationAccount.added_at))
    )
    return list((await session.execute(statement)).scalars())


async def reached(session: AsyncSession, accounts: Collection[UUID | None]) -> set[UUID]:
    """Of the accounts, those with at least one device that pushes reach."""
    statement = (
        select(col(InstallationAccount.account_id))
        .join(Installation, col(Installation.id) == col(InstallationAccount.installation_id))
        .where(
            col(InstallationAccount.account_id).in_([account for account in accounts if account is not None]),
            col(Installation.target).is_not(None),
            col(Installation.target_lost).is_(None),
            col(Installation.permission) != "denied",
        )
        .distinct()
    )
    return set((await session.execute(statement)).scalars())


async def retire_stale(session: AsyncSession, now: datetime) -> int:
    """Switches off targets whose app has not been heard of for longer than FCM keeps them. Returns how many."""
    statement = (
        update(Installation)
        .where(col(Installation.target).is_not(None), col(Installation.registered_at) < now - STALE_AFTER)
        .values(target=None, target_kind=None, target_lost="stale")
        .returning(col(Installation.id))
    )
    return len((await session.execute(statement)).all())


async def _keep_the_newest(session: AsyncSession, account_id: UUID) -> None:
    """Nobody carries more devices than this: the one that was heard of longest ago is signed out."""
    statement = (
        select(col(InstallationAccount.installation_id))
        .join(Installation, col(Installation.id) == col(InstallationAccount.installation_id))
        .where(col(InstallationAccount.account_id) == account_id)
        .order_by(col(Installation.registered_at).desc(), col(Installation.id))
        .offset(MOST_DEVICES)
    )
    for installation_id in list((await session.execute(statement)).scalars()):
        await forget(session, installation_id, account_id)


async def _check_key(
    session: AsyncSession, installation_id: UUID, known: Installation | None, device: RegisterDevice, key_print: bytes
) -> None:
    """A key belongs to one device. The same target with it is the same device: its app was installed anew."""
    if device.key is None:
        return
    if known is not None and known.key_id == device.key.id and known.key_print not in (None, key_print):
        raise KeyRefused("key-id-taken")
    statement = select(Installation).where(
        col(Installation.key_print) == key_print, col(Installation.id) != installation_id
    )
    other = (await session.execute(statement)).scalar()
    if other is None:
        return
    if device.target is None or other.target != device.target.value:
        raise KeyRefused("key-repeated")
    emptied = {"key_id": None, "key_wrapped": None, "key_expires_at": None, "key_print": None}
    await session.execute(update(Installation).where(col(Installation.id) == other.id).values(**emptied))


async def _lock_targets(session: AsyncSession, installation_id: UUID, device: RegisterDevice) -> None:
    """Registrations that touch the same installation or targets go one after another, always in one order."""
    statement = select(col(Installation.target)).where(col(Installation.id) == installation_id)
    before = (await session.execute(statement)).scalar()
    names = {str(installation_id), before, device.target.value if device.target else None} - {None}
    for name in sorted(str(name) for name in names):
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _holds_it(known: Installation, device: RegisterDevice, key: bytes | None, keys: DeviceKeys) -> bool:
    """Whether the caller presents the target or the key that the installation has."""
    if device.target is not None and device.target.value == known.target:
        return True
    if key is None or known.key_wrapped is None:
        return False
    try:
        return hmac.compare_digest(key, keys.unwrap(known.id, known.key_wrapped))
    except InvalidTag:
        return False


async def _part_from_others(session: AsyncSession, installation_id: UUID, account_id: UUID) -> None:
    """Signs the other accounts out of the installation, or refuses where the caller is not on it at all."""
    statement = select(col(InstallationAccount.account_id)).where(
        col(InstallationAccount.installation_id) == installation_id
    )
    accounts = set((await session.execute(statement)).scalars())
    if accounts and account_id not in accounts:
        raise InstallationTaken
    for other in sorted(accounts - {account_id}):
        await forget(session, installation_id, other)


async def _take_target(session: AsyncSession, installation_id: UUID, target: str) -> None:
    elsewhere = update(Installation).where(col(Installation.target) == target, col(Installation.id) != installation_id)
    await session.execute(elsewhere.values(target=None, target_kind=None, target_lost="moved"))


async def _revisit_trays(session: AsyncSession, installation_ids: Sequence[UUID], account_id: UUID) -> None:
    trays = select(col(Tray.thread), func.min(col(Tray.lane))).where(
        col(Tray.installation_id).in_(installation_ids), col(Tray.account_id) == account_id
    )
    found = await session.execute(trays.group_by(col(Tray.thread)))
    await look_again(session, [(account_id, thread, lane) for thread, lane in found])


def _columns(device: RegisterDevice, now: datetime) -> dict[str, object]:
    return {
        "platform": device.platform,
        "app_version": device.app_version,
        "locale": device.locale,
        "timezone": device.timezone,
        "permission": device.permission,
        "target_kind": device.target.kind if device.target else None,
        "target": device.target.value if device.target else None,
        "target_lost": None,
        "registered_at": now,
    }


def _key_columns(
    installation_id: UUID, described: DeviceKey | None, key: bytes | None, keys: DeviceKeys
) -> dict[str, object]:
    if described is None or key is None:
        return {"key_id": None, "key_wrapped": None, "key_expires_at": None, "key_print": None}
    return {
        "key_id": described.id,
        "key_wrapped": keys.wrap(installation_id, key),
        "key_expires_at": described.expires_at,
        "key_print": keys.print_of(key),
    }
