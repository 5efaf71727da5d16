"""The SQL of requests to support."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.identity.models import Account
from backend.support.models import SupportChange, SupportRequest

_NUMBER = text("SELECT nextval('support_number')")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('support:' || :key, 0))")
_NAME = "concat_ws(' ', a.family_name, a.given_name, a.patronymic)"
_LINES = """
    SELECT r.id, r.number, r.kind, r.subject, r.state, r.created_at, r.changed_at,
           CASE WHEN :named AND r.account_id IS NOT NULL THEN {name} END AS person
      FROM support_request r LEFT JOIN account a ON a.id = r.account_id
     WHERE {whose} AND (r.state = :state OR cast(:state AS text) IS NULL)
       AND (r.number = :number OR cast(:number AS text) IS NULL)
       AND (r.id < :after OR cast(:after AS uuid) IS NULL)
     ORDER BY r.id DESC LIMIT :size
"""
_OWN = text(_LINES.format(name=_NAME, whose="r.account_id = :whose"))
_SCHOOLS = text(_LINES.format(name=_NAME, whose="r.school_id = :whose AND r.handler = 'school'"))
_CHANGES = text(f"""
    SELECT c.id, c.side, c.state, c.body, c.made_at, CASE WHEN c.made_by IS NOT NULL THEN {_NAME} END AS by
      FROM support_change c LEFT JOIN account a ON a.id = c.made_by WHERE c.request_id = :request ORDER BY c.id
""")


# Also those that a school was to handle which has no administrator any more.
_FOR_OPERATORS = text("""
    (support_request.handler = 'operators' OR NOT EXISTS (
         SELECT FROM school s JOIN school_role r ON r.school_id = s.id AND r.role = 'administrator'
            AND (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date
                BETWEEN r.starts AND coalesce(r.ends, 'infinity')
          WHERE s.id = support_request.school_id))
""")


async def is_for_operators(session: AsyncSession, request_id: UUID, now: datetime) -> bool:
    """Whether no school handles a request."""
    statement = select(col(SupportRequest.id)).where(col(SupportRequest.id) == request_id, _FOR_OPERATORS)
    return (await session.execute(statement.params(now=now))).first() is not None


async def next_number(session: AsyncSession) -> int:
    return int((await session.execute(_NUMBER)).scalar_one())


async def one_after_another(session: AsyncSession, key: str) -> None:
    """Whoever counts by the same key waits for this transaction."""
    await session.execute(_LOCK, {"key": key})


async def texts_since(session: AsyncSession, account_id: UUID, since: datetime) -> list[datetime]:
    """When somebody has written, oldest first."""
    statement = select(col(SupportChange.made_at)).where(
        col(SupportChange.made_by) == account_id, col(SupportChange.side) == "person",
        col(SupportChange.made_at) > since,
    )  # fmt: skip
    return sorted((await session.execute(statement)).scalars())


async def codes_since(session: AsyncSession, email: str, since: datetime) -> list[datetime]:
    """When an e-mail address was named in requests that needed its confirmation, oldest first."""
    statement = select(col(SupportRequest.created_at)).where(
        func.lower(col(SupportRequest.email)) == email.lower(), col(SupportRequest.created_at) > since,
        (col(SupportRequest.email_confirmed_at).is_(None))
        | (col(SupportRequest.email_confirmed_at) > col(SupportRequest.created_at)),
    )  # fmt: skip
    return sorted((await session.execute(statement)).scalars())


async def has_confirmed(session: AsyncSession, account_id: UUID, email: str) -> bool:
    """Whether an address is the account's own, or was confirmed by it before."""
    own = select(Account).where(col(Account.id) == account_id, func.lower(col(Account.email)) == email.lower())
    before = select(SupportRequest).where(
        col(SupportRequest.account_id) == account_id, func.lower(col(SupportRequest.email)) == email.lower(),
        col(SupportRequest.email_confirmed_at).is_not(None),
    )  # fmt: skip
    return bool((await session.execute(select(own.exists() | before.exists()))).scalar())


async def request(session: AsyncSession, request_id: UUID, *, lock: bool = False) -> SupportRequest | None:
    statement = select(SupportRequest).where(col(SupportRequest.id) == request_id)
    return await _one(session, statement, lock=lock)


async def by_number(session: AsyncSession, number: str) -> SupportRequest | None:
    """Locked."""
    return await _one(session, select(SupportRequest).where(col(SupportRequest.number) == number), lock=True)


async def request_of_change(session: AsyncSession, change_id: UUID) -> SupportRequest | None:
    statement = select(SupportRequest).join(SupportChange, col(SupportChange.request_id) == col(SupportRequest.id))
    return await _one(session, statement.where(col(SupportChange.id) == change_id), lock=False)


async def changes(session: AsyncSession, request_id: UUID) -> list[dict[str, Any]]:
    """Oldest first, each with the name of who made it."""
    return [dict(row) for row in (await session.execute(_CHANGES, {"request": request_id})).mappings()]


async def answers(session: AsyncSession, request_id: UUID) -> Sequence[SupportChange]:
    """What support has done, oldest first."""
    statement = select(SupportChange).where(
        col(SupportChange.request_id) == request_id, col(SupportChange.side) == "support"
    )
    return (await session.execute(statement.order_by(col(SupportChange.id)))).scalars().all()


async def own_lines(session: AsyncSession, account_id: UUID, **wanted: Any) -> list[dict[str, Any]]:
    return await _lines(session, _OWN, whose=account_id, named=False, **wanted)


async def school_lines(session: AsyncSession, school_id: UUID, **wanted: Any) -> list[dict[str, Any]]:
    return await _lines(session, _SCHOOLS, whose=school_id, named=True, **wanted)


async def operators_requests(session: AsyncSession, now: datetime, *, closed: bool) -> Sequence[SupportRequest]:
    """Those that no school handles, oldest first."""
    statement = select(SupportRequest).where(_FOR_OPERATORS).params(now=now)
    if not closed:
        statement = statement.where(col(SupportRequest.state) != "closed")
    return (await session.execute(statement.order_by(col(SupportRequest.id)))).scalars().all()


async def old_changes(session: AsyncSession, before: datetime, at_once: int) -> list[tuple[UUID, UUID]]:
    """(request, change) of some requests that are over and were last changed before a moment."""
    over = (
        select(col(SupportRequest.id))
        .where(col(SupportRequest.changed_at) < before, col(SupportRequest.state).in_(["answered", "closed"]))
        .limit(at_once)
    )
    statement = select(col(SupportChange.request_id), col(SupportChange.id))
    rows = await session.execute(statement.where(col(SupportChange.request_id).in_(over)))
    return [(request_id, change_id) for request_id, change_id in rows]


async def remove(session: AsyncSession, requests: Sequence[UUID]) -> None:
    await session.execute(delete(SupportRequest).where(col(SupportRequest.id).in_(requests)))


async def _lines(session: AsyncSession, statement: Any, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in (await session.execute(statement, values)).mappings()]


async def _one(session: AsyncSession, statement: Any, *, lock: bool) -> SupportRequest | None:
    if lock:
        statement = statement.with_for_update(of=SupportRequest)
    found: SupportRequest | None = (
        await session.execute(statement.execution_options(populate_existing=True))
    ).scalar_one_or_none()
    return found
