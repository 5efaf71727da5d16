"""Signing in and out, refreshing, passwords."""

import math
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.errors import Invalid, NotFound, TooMany, Unauthenticated
from backend.core.ids import new_id
from backend.core.secrets import blind_index, readable_code
from backend.core.settings import Keys
from backend.identity import repository
from backend.identity.acting import Acting
from backend.identity.models import Account, AuthSession
from backend.identity.passwords import ONE_TIME_LENGTH, ONE_TIME_LIFETIME, Passwords, weakness
from backend.identity.rules import FREE_FAILURES_OF_ADDRESS, FREE_FAILURES_OF_LOGIN, lock_after
from backend.identity.tokens import (
    Refreshing,
    issue_access,
    judge_refresh,
    matches,
    parse_refresh,
    refresh_token,
)
from push import devices
from schemas.identity import OneTimePassword, Refresh, Session, SetPassword, SignIn, Tokens

# Whether an account works at a school: the room that knows the schools says so.
IsStaff = Callable[[AsyncSession, UUID, datetime], Awaitable[bool]]


class SignInDesk:
    """Sign-in and refreshing: they have no acting account yet and run transactions of their own.

    A failure is counted before the password is looked at, in a transaction that commits whatever follows,
    so that parallel guesses cannot slip past the lock.
    """

    def __init__(self, database: Database, keys: Keys, passwords: Passwords) -> None:
        self._database = database
        self._keys = keys
        self._passwords = passwords

    async def sign_in(self, wish: SignIn, address: str, now: datetime) -> Tokens:
        """Raises TooMany while locked, Unauthenticated for a wrong login or password alike."""
        login_subject = blind_index(self._keys.index, "login", wish.login.lower())
        address_subject = blind_index(self._keys.index, "address", address)
        async with self._database.transaction() as session:
            await _refuse_if_locked(session, [login_subject, address_subject], now)
            await _count(session, login_subject, FREE_FAILURES_OF_LOGIN, now)
            await _count(session, address_subject, FREE_FAILURES_OF_ADDRESS, now)
            account = await repository.account_by_login(session, wish.login)
        usable = account is not None and account.disabled_at is None and not _one_time_expired(account, now)
        hashed = account.password_hash if account is not None and usable else None
        if not await self._passwords.check(hashed, wish.password) or account is None:
            raise Unauthenticated(code="wrong-credentials")
        async with self._database.transaction(account.id) as session:
            await repository.forgive(session, login_subject, address_subject, now)
            signed_in = AuthSession(
                id=new_id(),
                account_id=account.id,
                seed=os.urandom(32),
                generation=1,
                rotated_at=now,
                created_at=now,
                device_name=wish.device_name,
                installation_id=wish.installation_id,
            )
            session.add(signed_in)
        return self._tokens(signed_in, account, now)

    async def refresh(self, wish: Refresh, now: datetime, *, staff: IsStaff) -> Tokens:
        """The next pair of tokens. A token that is too old ends the whole session: somebody has a copy.

        Raises:
            Unauthenticated: not a refresh token of a living session on this device.
        """
        claimed = parse_refresh(wish.refresh_token)
        if claimed is None:
            raise Unauthenticated(code="session-ended")
        session_id, generation = claimed
        async with self._database.transaction() as session:
            current = await repository.session_for_update(session, session_id)
            if (
                current is None
                or current.ended_at is not None
                or current.installation_id != wish.installation_id
                or not matches(self._keys.refresh, wish.refresh_token, session_id, current.seed, generation)
            ):
                raise Unauthenticated(code="session-ended")
            account = await repository.account(session, current.account_id)
            if account is None or account.disabled_at is not None:
                raise Unauthenticated(code="session-ended")
            verdict = judge_refresh(
                generation,
                current.generation,
                current.rotated_at,
                now,
                staff=await staff(session, account.id, now),
            )
            if verdict is Refreshing.ROTATE:
                current.generation += 1
                current.rotated_at = now
            elif verdict in (Refreshing.REUSE, Refreshing.IDLE):
                await _end(session, account.id, verdict.name.lower(), now, only=session_id)
        if verdict in (Refreshing.REUSE, Refreshing.IDLE):
            raise Unauthenticated(code="session-ended")
        return self._tokens(current, account, now)

    def _tokens(self, signed_in: AuthSession, account: Account, now: datetime) -> Tokens:
        access, until = issue_access(self._keys.tokens, account.id, signed_in.id, now)
        refresh = refresh_token(self._keys.refresh, signed_in.id, signed_in.seed, signed_in.generation)
        must = account.password_state != "set"
        return Tokens(access_token=access, expires_at=until, refresh_token=refresh, must_set_password=must)


async def list_sessions(session: AsyncSession, acting: Acting) -> list[Session]:
    return [
        Session(
            id=row.id,
            device_name=row.device_name,
            created_at=row.created_at,
            last_used_at=row.rotated_at,
            current=row.id == acting.session_id,
        )
        for row in await repository.live_sessions(session, acting.account_id)
    ]


async def end_session(session: AsyncSession, acting: Acting, session_id: UUID, now: datetime) -> None:
    """Signs one device out, at once. Raises NotFound for a session that is not the acting account's."""
    reason = "logout" if session_id == acting.session_id else "ended"
    if not await _end(session, acting.account_id, reason, now, only=session_id):
        raise NotFound


async def set_password(
    session: AsyncSession, acting: Acting, wish: SetPassword, passwords: Passwords, now: datetime
) -> None:
    """Replaces the password; every other session ends.

    Raises:
        Unauthenticated: the current password is wrong.
        Invalid: the new one is too weak, too obvious, or the old one.
    """
    account = await repository.account(session, acting.account_id)
    if account is None or not await passwords.check(account.password_hash, wish.current_password):
        raise Unauthenticated(code="wrong-credentials")
    if wish.new_password == wish.current_password:
        raise Invalid({"/newPassword": "same-as-before"})
    personal = [account.login, account.family_name, account.given_name]
    problem = weakness(wish.new_password, personal)
    if problem is not None:
        raise Invalid({"/newPassword": problem})
    account.password_hash = await passwords.hash(wish.new_password)
    account.password_state = "set"
    account.one_time_until = None
    await _end(session, account.id, "password", now, but=acting.session_id)


async def issue_one_time_password(
    session: AsyncSession, account_id: UUID, passwords: Passwords, now: datetime
) -> OneTimePassword:
    """A new one-time password for an account; its sessions end. Who may ask is the caller's to check."""
    account = await repository.account(session, account_id)
    if account is None:
        raise NotFound
    password = readable_code(ONE_TIME_LENGTH)
    account.password_hash = await passwords.hash(password)
    account.password_state = "one_time"
    account.one_time_until = now + ONE_TIME_LIFETIME
    await _end(session, account_id, "password", now)
    return OneTimePassword(login=account.login, password=password, valid_until=account.one_time_until)


async def change_language(session: AsyncSession, acting: Acting, language: str) -> None:
    account = await repository.account(session, acting.account_id)
    if account is not None:
        account.language = language
        await devices.set_language(session, account.id, language)


async def _end(
    session: AsyncSession,
    account_id: UUID,
    reason: str,
    now: datetime,
    *,
    only: UUID | None = None,
    but: UUID | None = None,
) -> int:
    """Ends sessions, and their devices stop receiving for this account in the same transaction."""
    installations = await repository.end_sessions(session, account_id, reason, now, only=only, but=but)
    named = [installation for installation in installations if installation is not None]
    await devices.forget_everywhere(session, account_id, named)
    return len(installations)


async def _refuse_if_locked(session: AsyncSession, subjects: list[bytes], now: datetime) -> None:
    until = await repository.locked_until(session, subjects, now)
    if until is not None:
        raise TooMany(seconds=math.ceil((until - now).total_seconds()))


async def _count(session: AsyncSession, subject: bytes, free: int, now: datetime) -> None:
    failures = await repository.count_failure(session, subject, now)
    duration = lock_after(failures, free)
    if duration is not None:
        await repository.lock(session, subject, now + duration)


def _one_time_expired(account: Account, now: datetime) -> bool:
    return account.one_time_until is not None and account.one_time_until <= now
