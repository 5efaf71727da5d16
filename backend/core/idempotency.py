"""A POST that is sent twice happens once (DESIGN.md section 4).

The row of the key is written in the use case's own transaction: the answer and the facts commit
together. A second request with the key waits for the first one's commit at the unique key.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.errors import Conflict, Invalid
from backend.core.models import IdempotentAnswer

T = TypeVar("T", bound=msgspec.Struct)


async def once(
    session: AsyncSession,
    account_id: UUID,
    operation: str,
    key: str | None,
    request: msgspec.Struct,
    answer_type: type[T],
    now: datetime,
    work: Callable[[], Awaitable[T]],
) -> T:
    """Does the work, or answers what it answered before.

    Args:
        operation: the operation and the ids in its address.
        key: the Idempotency-Key header; None does the work without remembering.

    Raises:
        Conflict: the key was used with another body (`idempotency-key-reused`).
    """
    if key is None:
        return await work()
    if not 1 <= len(key) <= 200 or not (key.isascii() and key.isprintable()):
        raise Invalid({"header:Idempotency-Key": "bad-header"})
    fingerprint = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).digest()
    values = {"account_id": account_id, "operation": operation, "key": key}
    claim = insert(IdempotentAnswer).values(request_hash=fingerprint, created_at=now, **values)
    claimed = await session.execute(claim.on_conflict_do_nothing().returning(col(IdempotentAnswer.key)))
    mine = (
        (col(IdempotentAnswer.account_id) == account_id)
        & (col(IdempotentAnswer.operation) == operation)
        & (col(IdempotentAnswer.key) == key)
    )
    if claimed.scalar() is None:
        known = (await session.execute(select(IdempotentAnswer).where(mine))).scalar_one()
        if known.request_hash != fingerprint or known.answer is None:
            raise Conflict(code="idempotency-key-reused")
        return msgspec.json.decode(known.answer, type=answer_type)
    answer = await work()
    await session.execute(update(IdempotentAnswer).where(mine).values(answer=msgspec.json.encode(answer)))
    return answer
