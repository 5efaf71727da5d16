"""Devices: an installation of the app, the accounts signed in on it, its target and its key."""

import hmac
import os
from collections.abc import Sequence
from datetime import datetime
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


class DeviceKeys:
    """Keys of devices, wrapped at rest with a key of the server, bound to their installation."""

    def __init__(self, wrapping_key: bytes) -> None:
        self._aead = AESGCM(wrapping_key)

    def wrap(self, installation_id: UUID, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, key, installation_id.bytes)

    def unwrap(self, installation_id: UUID, wrapped: bytes) -> bytes:
        """Raises cryptography's InvalidTag where the server's secret was changed."""
        return self._aead.decrypt(wrapped[:12], wrapped[12:], installation_id.bytes)


class InstallationTaken(Exception):
    """The installation is another account's, and the caller does not prove to hold the device."""


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
    """
    await _lock_targets(session, installation_id, device)
    known = await session.get(Installation, installation_id)
    if known is not None and not _holds_it(known, device, key, keys):
        await _part_from_others(session, installation_id, account_id)
    if device.target is not None:
        await _take_target(session, installation_id, device.target.value)
    values = {
        "platform": device.platform,
        "app_version": device.app_version,
        "locale": device.locale,
        "timezone": device.timezone,
        "permission": device.permission,
        "target_kind": device.target.kind if device.target else None,
        "target": device.target.value if device.target else None,
        "target_lost": None,
        "registered_at": now,
        **_key_columns(installation_id, device.key, key, keys),
    }
    statement = insert(Installation).values(id=installation_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    link = insert(InstallationAccount).values(
        account_id=account_id, installation_id=installation_id, session_id=session_id, added_at=now
    )
    await session.execute(
        link.on_conflict_do_update(index_elements=["account_id", "installation_id"], set_={"session_id": session_id})
    )


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
    trays = select(col(Tray.thread), col(Tray.lane)).where(
        col(Tray.installation_id).in_(installation_ids), col(Tray.account_id) == account_id
    )
    await look_again(session, account_id, {thread: lane for thread, lane in await session.execute(trays)})


def _key_columns(
    installation_id: UUID, described: DeviceKey | None, key: bytes | None, keys: DeviceKeys
) -> dict[str, object]:
    if described is None or key is None:
        return {"key_id": None, "key_wrapped": None, "key_expires_at": None}
    return {
        "key_id": described.id,
        "key_wrapped": keys.wrap(installation_id, key),
        "key_expires_at": described.expires_at,
    }
