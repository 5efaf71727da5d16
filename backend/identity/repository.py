"""The SQL of accounts and sessions."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.identity.models import Account, AuthSession, SignInLock
from push import live

_COUNT_ATTEMPT = text("""
    INSERT INTO sign_in_lock AS l (subject, failures, counting_since, locked_until)
    VALUES (:subject, 1, :now, :now)
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN l.counting_since < cast(:now AS timestamptz) - interval '1 day' THEN 1
                        ELSE l.failures + 1 END,
        counting_since = CASE WHEN l.counting_since < cast(:now AS timestamptz) - interval '1 day' THEN :now
                              ELSE l.counting_since END
    RETURNING failures, locked_until
""")


async def account_by_login(session: AsyncSession, login: str) -> Account | None:
    statement = select(Account).where(func.lower(col(Account.login)) == login.lower())
    return (await session.execute(statement)).scalar_one_or_none()


async def account(session: AsyncSession, account_id: UUID) -> Account | None:
    return await session.get(Account, account_id)


async def account_for_update(session: AsyncSession, account_id: UUID) -> Account | None:
    """The account as it stands now, locked: what was read before may have changed."""
    statement = select(Account).where(col(Account.id) == account_id).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def accounts(session: AsyncSession, ids: Collection[UUID]) -> list[Account]:
    statement = select(Account).where(col(Account.id).in_(ids)).order_by(col(Account.id))
    return list((await session.execute(statement)).scalars())


async def accounts_for_update(session: AsyncSession, ids: Collection[UUID]) -> list[Account]:
    """The accounts as they stand now, locked, always in the same order."""
    statement = select(Account).where(col(Account.id).in_(ids)).order_by(col(Account.id)).with_for_update()
    return list((await session.execute(statement.execution_options(populate_existing=True))).scalars())


async def count_attempt(session: AsyncSession, subject: bytes, now: datetime) -> tuple[int, datetime]:
    """One more attempt of a login or an address, counted a day long. Returns (how many, locked until).

    Attempts of one subject go one after another: the second waits here for the first one's transaction.
    """
    row = (await session.execute(_COUNT_ATTEMPT, {"subject": subject, "now": now})).one()
    return row.failures, row.locked_until


async def lock(session: AsyncSession, subject: bytes, until: datetime) -> None:
    statement = update(SignInLock).where(col(SignInLock.subject) == subject)
    await session.execute(statement.values(locked_until=until))


async def forgive(session: AsyncSession, subject: bytes) -> None:
    """A success clears the failures of a login."""
    await session.execute(delete(SignInLock).where(col(SignInLock.subject) == subject))


async def take_back(session: AsyncSession, subject: bytes, *, unlock_at: datetime | None) -> None:
    """A success takes this attempt off the address's, with the lock (if any) that this attempt itself set:
    many people sign in from one school's address."""
    values: dict[str, object] = {"failures": func.greatest(col(SignInLock.failures) - 1, 0)}
    if unlock_at is not None:
        values["locked_until"] = unlock_at
    await session.execute(update(SignInLock).where(col(SignInLock.subject) == subject).values(**values))


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
) -> list[UUID]:
    """Ends sessions of the account: one, all, or all but one. Returns which."""
    statement = update(AuthSession).where(
        col(AuthSession.account_id) == account_id, col(AuthSession.ended_at).is_(None)
    )
    if only is not None:
        statement = statement.where(col(AuthSession.id) == only)
    if but is not None:
        statement = statement.where(col(AuthSession.id) != but)
    ended = await session.execute(statement.values(ended_at=now, end_reason=reason).returning(col(AuthSession.id)))
    found = list(ended.scalars())
    if found:
        live.note(session, accounts=[account_id])
    return found


async def hold_session(session: AsyncSession, session_id: UUID) -> bool:
    """Keeps a live session from being ended until this transaction is over. False: it has ended."""
    statement = select(col(AuthSession.id)).where(
        col(AuthSession.id) == session_id, col(AuthSession.ended_at).is_(None)
    )
    return (await session.execute(statement.with_for_update(read=True))).first() is not None


async def names(session: AsyncSession, accounts: set[UUID]) -> dict[UUID, str]:
    """How accounts are called, as a Russian list writes it: Соколова Елена Андреевна."""
    if not accounts:
        return {}
    statement = select(Account).where(col(Account.id).in_(accounts))
    return {
        person.id: " ".join(filter(None, (person.family_name, person.given_name, person.patronymic)))
        for person in (await session.execute(statement)).scalars()
    }
