"""Signing in and out, refreshing, passwords."""

import math
import os
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.errors import Invalid, NotFound, TooMany, Unauthenticated
from backend.core.ids import new_id
from backend.core.secrets import blind_index, readable_code
from backend.core.settings import Keys
from backend.identity import repository
from backend.identity.acting import Acting, Bearer, confirm
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
            await _attempt(session, login_subject, FREE_FAILURES_OF_LOGIN, now)
            locked_address = await _attempt(session, address_subject, FREE_FAILURES_OF_ADDRESS, now)
            account = await repository.account_by_login(session, wish.login)
        hashed = _usable_hash(account, now)
        if not await self._passwords.check(hashed, wish.password) or account is None:
            raise Unauthenticated(code="wrong-credentials")
        async with self._database.transaction(account.id) as session:
            account = await self._unchanged(session, account.id, hashed)
            await repository.forgive(session, login_subject)
            await repository.take_back(session, address_subject, unlock_at=now if locked_address else None)
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

    async def set_password(self, bearer: Bearer, handler: HTTPRouteHandler, wish: SetPassword, now: datetime) -> None:
        """Replaces the password; every other session ends. Guesses of the current one count as at sign-in.

        Raises:
            Unauthenticated: the current password is wrong, or the session has ended.
            Invalid: the new one is too weak, too obvious, or the old one.
            TooMany: after too many wrong guesses.
        """
        async with self._database.transaction(bearer.account_id) as session:
            acting = await confirm(session, bearer, handler)
            subject = blind_index(self._keys.index, "login", acting.login.lower())
            await _attempt(session, subject, FREE_FAILURES_OF_LOGIN, now)
            account = await repository.account(session, acting.account_id)
        hashed = _usable_hash(account, now)
        if account is None or not await self._passwords.check(hashed, wish.current_password):
            raise Unauthenticated(code="wrong-credentials")
        if wish.new_password == wish.current_password:
            raise Invalid({"/newPassword": "same-as-before"})
        problem = weakness(wish.new_password, [account.login, account.family_name, account.given_name])
        if problem is not None:
            raise Invalid({"/newPassword": problem})
        fresh = await self._passwords.hash(wish.new_password)
        async with self._database.transaction(bearer.account_id) as session:
            account = await self._unchanged(session, account.id, hashed)
            await confirm(session, bearer, handler)
            await repository.forgive(session, subject)
            account.password_hash = fresh
            account.password_state = "set"
            account.one_time_until = None
            await _end(session, account.id, "password", now, but=bearer.session_id)

    async def _unchanged(self, session: AsyncSession, account_id: UUID, hashed: str | None) -> Account:
        """The account, locked. Checking a password takes a while, in which it may have been replaced."""
        account = await repository.account_for_update(session, account_id)
        if account is None or account.disabled_at is not None or account.password_hash != hashed:
            raise Unauthenticated(code="wrong-credentials")
        return account

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


async def issue_one_time_password(
    session: AsyncSession, account_id: UUID, passwords: Passwords, now: datetime
) -> OneTimePassword:
    """A new one-time password for an account; its sessions end. Who may ask is the caller's to check."""
    password = readable_code(ONE_TIME_LENGTH)
    hashed = await passwords.hash(password)
    account = await repository.account_for_update(session, account_id)
    if account is None:
        raise NotFound
    return await _give(session, account, password, hashed, now)


async def issue_one_time_passwords(
    session: AsyncSession, accounts: Collection[UUID], passwords: Passwords, now: datetime, *, renew: bool
) -> dict[UUID, OneTimePassword]:
    """The same for many accounts at once.

    Args:
        renew: also for those who have set a password of their own; closed accounts never get one.
    """

    def due(account: Account) -> bool:
        return account.disabled_at is None and (renew or account.password_state != "set")

    fresh: dict[UUID, tuple[str, str]] = {}
    for account in await repository.accounts(session, accounts):
        if due(account):
            # One after another: a class takes a second or two, and others want to sign in meanwhile.
            password = readable_code(ONE_TIME_LENGTH)
            fresh[account.id] = password, await passwords.hash(password)
    issued = {}
    for account in await repository.accounts_for_update(session, fresh):
        if due(account):  # still: somebody may have set a password since
            issued[account.id] = await _give(session, account, *fresh[account.id], now)
    return issued


async def _give(session: AsyncSession, account: Account, password: str, hashed: str, now: datetime) -> OneTimePassword:
    account.password_hash = hashed
    account.password_state = "one_time"
    account.one_time_until = now + ONE_TIME_LIFETIME
    await _end(session, account.id, "password", now)
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
    ended = await repository.end_sessions(session, account_id, reason, now, only=only, but=but)
    await devices.forget_sessions(session, account_id, ended)
    return len(ended)


async def _attempt(session: AsyncSession, subject: bytes, free: int, now: datetime) -> bool:
    """Counts an attempt before it is made. True where this one, should it fail, locks the subject.

    Raises:
        TooMany: the subject is locked.
    """
    failures, locked_until = await repository.count_attempt(session, subject, now)
    if locked_until > now:
        raise TooMany(seconds=math.ceil((locked_until - now).total_seconds()))
    duration = lock_after(failures, free)
    if duration is not None:
        await repository.lock(session, subject, now + duration)
    return duration is not None


def _usable_hash(account: Account | None, now: datetime) -> str | None:
    if account is None or account.disabled_at is not None:
        return None
    expired = account.one_time_until is not None and account.one_time_until <= now
    return None if expired else account.password_hash
