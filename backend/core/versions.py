"""How often what is shown of a child, a group or a school has changed (DESIGN.md section 4).

Every use case that changes what somebody reads says so by `touch`. The counters move in one statement at the end of
the transaction, in one order for everybody: two writers never wait for each other in a circle.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from push import live

_TOUCHED = "touched"
_WRITE = text("""
    INSERT INTO version AS v (entity, number)
    SELECT entity, 1 FROM unnest(cast(:entities AS uuid[])) AS entity ORDER BY 1
    ON CONFLICT (entity) DO UPDATE SET number = v.number + 1
""")


def touch(session: AsyncSession, entities: Iterable[UUID]) -> None:
    """Notes that what is shown of these children, groups or schools changes with this transaction."""
    session.info.setdefault(_TOUCHED, set()).update(entities)


async def write_touched(session: AsyncSession) -> None:
    """Moves the counters of all that was touched; the last thing before the commit."""
    entities = session.info.pop(_TOUCHED, None)
    if entities:
        live.note(session, entities=entities)
        await session.execute(_WRITE, {"entities": sorted(entities)})
