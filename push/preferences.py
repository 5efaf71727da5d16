"""How a person wants to be told: kept on the recipient's row, which the worker reads with every claim."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from push.models import Recipient
from push.policy import Rule, Wishes


async def wishes_of(session: AsyncSession, account_id: UUID) -> Wishes:
    """The person's choices, or what holds for somebody who has chosen nothing."""
    columns = (Recipient.quiet_from, Recipient.quiet_until, Recipient.summary_at, Recipient.rules)
    statement = select(*(col(column) for column in columns)).where(col(Recipient.account_id) == account_id)
    row = (await session.execute(statement)).first()
    if row is None:
        return Wishes()
    return Wishes(row[0], row[1], row[2], tuple(msgspec.convert(row[3], list[Rule])))


async def set_wishes(session: AsyncSession, account_id: UUID, language: str, wishes: Wishes) -> None:
    """Replaces the person's choices. What is queued already follows them: the worker looks when it sends."""
    chosen: dict[str, Any] = {
        "quiet_from": wishes.quiet_from,
        "quiet_until": wishes.quiet_until,
        "summary_at": wishes.summary_at,
        "rules": msgspec.to_builtins(wishes.rules),
    }
    statement = insert(Recipient).values(account_id=account_id, language=language, **chosen)
    await session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=chosen))
