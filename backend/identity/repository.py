"""The SQL of accounts and sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.identity.models import Account, AuthSession, SignInLock

_COUNT_FAILURE = text("""
    INSERT INTO sign_in_lock AS l (subject, failures, counting_since, locked_until)
    VALUES (:subject, 1, :now, :now)
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN l.counting_since < cast(:now AS timestamptz) - interval '1 day' THEN 1
                        ELSE l.failures + 1 END,
        counting_since = CASE WHEN l.counting_since < cast(:now AS timestamptz) - interval '1 day' THEN :now
                              ELSE l.counting_since END
    RETURNING failures
""")


async def account_by_login(session: AsyncSession, login: str) -> Account | None:
    statement = select(Account).where(func.lower(col(Account.login)) == login.lower())
    return (await session.execute(statement)).scalar_one_or_none()


async def account(session: AsyncSession, account_id: UUID) -> Account | None:
    return await session.get(Account, account_id)


async def locked_until(session: AsyncSession, subjects: list[bytes], now: datetime) -> datetime | None:
    """The latest moment until which one of the subjects is locked, if any is."""
    statement = select(func.max(col(SignInLock.locked_until))).where(
        col(SignInLock.subject).in_(subjects), col(SignInLock.locked_until) > now
    )
    return (await session.execute(statement)).scalar()


async def count_failure(session: AsyncSession, subject: bytes, now: datetime) -> int:
    """One more failure of a login or an address. Returns how many there are; they are counted a day long."""
    return int((await session.execute(_COUNT_FAILURE, {"subject": subject, "now": now})).scalar_one())


async def lock(session: AsyncSession, subject: bytes, until: datetime) -> None:
    statement = update(SignInLock).where(col(SignInLock.subject) == subject)
    await session.execute(statement.values(locked_until=until))


async def forgive(session: AsyncSession, login: bytes, address: bytes, now: datetime) -> None:
    """A success clears the login's failures, and undoes what this attempt did to the address: many people
    sign in from one school's address."""
    await session.execute(delete(SignInLock).where(col(SignInLock.subject) == login))
    mine = update(SignInLock).where(col(SignInLock.subject) == address)
    await session.execute(mine.values(failures=func.greatest(col(SignInLock.failures) - 1, 0), locked_until=now))


async def session_for_update(session: AsyncSession, session_id: UUID) -> AuthSession | None:
    statement = select(AuthSession).where(col(AuthSession.id) == session_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def live_sessions(session: AsyncSession, account_id: UUID) -> list[AuthSession]:
    statement = select(AuthSession).where(
        col(AuthSession.account_id) == account_id, col(AuthSession.ended_at).is_(None)
    )
    return list((await session.execute(statement.order_by(col(AuthSession.rotated_at).desc()))).scalars())


async def end_sessions(
    session: AsyncSession,
    account_id: UUID,
    reason: str,
    now: datetime,
    *,
    only: UUID | None = None,
    but: UUID | None = None,
) -> list[UUID | None]:
    """Ends sessions of the account: one, all, or all but one. Returns the installations they were on."""
    statement = update(AuthSession).where(
        col(AuthSession.account_id) == account_id, col(AuthSession.ended_at).is_(None)
    )
    if only is not None:
        statement = statement.where(col(AuthSession.id) == only)
    if but is not None:
        statement = statement.where(col(AuthSession.id) != but)
    ended = await session.execute(
        statement.values(ended_at=now, end_reason=reason).returning(col(AuthSession.installation_id))
    )
    return list(ended.scalars())
