"""Expands a broadcast, one alert for very many people, in chunks that are committed one by one."""

import msgspec
from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from push.models import Broadcast
from push.outbox import NewAlert, append, for_one

CHUNK = 500

# Any of them, not the oldest: one that cannot be expanded must not stand before the others.
_NEXT = text("""
    SELECT id, alert, done, cardinality(accounts) AS total,
           accounts[done + 1:done + :chunk] AS accounts, children[done + 1:done + :chunk] AS children
      FROM broadcast ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED
""")


async def expand(session: AsyncSession) -> int:
    """Writes the next chunk of a broadcast that nobody else is at. Returns how many alerts it wrote."""
    broadcast = (await session.execute(_NEXT, {"chunk": CHUNK})).first()
    if broadcast is None:
        return 0
    template = msgspec.convert(broadcast.alert, NewAlert)
    people = zip(broadcast.accounts, broadcast.children, strict=True)
    alerts = [for_one(template, person) for person in people]
    await append(session, alerts)
    done = broadcast.done + len(alerts)
    this = col(Broadcast.id) == broadcast.id
    if done >= broadcast.total:
        await session.execute(delete(Broadcast).where(this))
    else:
        await session.execute(update(Broadcast).where(this).values(done=done))
    return len(alerts)
