"""Devices: an installation of the app, the accounts signed in on it, its target and its key."""

import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select, update
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
    device: RegisterDevice,
    key: bytes | None,
    keys: DeviceKeys,
    now: datetime,
) -> None:
    """Registers or refreshes an installation and signs the account in on it.

    A target belongs to one installation: the one that registered it last. Registering without a key
    leaves the device with neutral texts. A further account is let onto an installation only with the
    target or the key that it already has: who merely knows its id cannot turn its alerts to themselves.

    Args:
        key: the 32 bytes of `device.key`, decoded and checked by the caller.

    Raises:
        InstallationTaken: another account's installation, without that proof.
    """
    await _refuse_a_stranger(session, installation_id, account_id, device, key, keys)
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
    link = insert(InstallationAccount).values(account_id=account_id, installation_id=installation_id, added_at=now)
    await session.execute(link.on_conflict_do_nothing())


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


async def forget_everywhere(session: AsyncSession, account_id: UUID, installation_ids: Sequence[UUID]) -> None:
    """Signs the account out of several installations: its sessions there have ended."""
    for installation_id in installation_ids:
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


async def _refuse_a_stranger(
    session: AsyncSession,
    installation_id: UUID,
    account_id: UUID,
    device: RegisterDevice,
    key: bytes | None,
    keys: DeviceKeys,
) -> None:
    known = (
        await session.execute(select(Installation).where(col(Installation.id) == installation_id).with_for_update())
    ).scalar_one_or_none()
    if known is None:
        return
    statement = select(col(InstallationAccount.account_id)).where(
        col(InstallationAccount.installation_id) == installation_id
    )
    accounts = set((await session.execute(statement)).scalars())
    if not accounts or account_id in accounts:
        return
    same_target = device.target is not None and device.target.value == known.target
    same_key = (
        key is not None
        and known.key_wrapped is not None
        and hmac.compare_digest(key, keys.unwrap(installation_id, known.key_wrapped))
    )
    if not (same_target or same_key):
        raise InstallationTaken


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
