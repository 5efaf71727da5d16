"""Expands a broadcast, one alert for very many people, in chunks that are committed one by one."""

from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from push.models import Broadcast
from push.outbox import NewAlert, write

CHUNK = 500


async def expand(session: AsyncSession) -> int:
    """Writes the next chunk of the oldest broadcast that nobody else is at. Returns how many alerts it wrote."""
    statement = select(Broadcast).order_by(col(Broadcast.id)).limit(1).with_for_update(skip_locked=True)
    broadcast = (await session.execute(statement)).scalar()
    if broadcast is None:
        return 0
    template = msgspec.convert(broadcast.alert, NewAlert)
    chunk = slice(broadcast.done, broadcast.done + CHUNK)
    alerts = [
        for_one(template, account, child)
        for account, child in zip(broadcast.accounts[chunk], broadcast.children[chunk], strict=True)
    ]
    await write(session, alerts)
    done = broadcast.done + len(alerts)
    this = col(Broadcast.id) == broadcast.id
    if done >= len(broadcast.accounts):
        await session.execute(delete(Broadcast).where(this))
    else:
        await session.execute(update(Broadcast).where(this).values(done=done))
    return len(alerts)


def for_one(template: NewAlert, account: UUID, child: UUID | None) -> NewAlert:
    """The alert of a broadcast as one of its recipients gets it."""
    target = msgspec.structs.replace(template.target, child_id=child)
    return msgspec.structs.replace(template, account_id=account, child_id=child, target=target)
