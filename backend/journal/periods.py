"""Which periods are closed, or have been used: published for the school's set-up."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_CLOSED = text("""
    SELECT newest.period_id
      FROM (SELECT DISTINCT ON (class_id, period_id) period_id, closed FROM period_closing
             WHERE period_id = ANY (:periods) ORDER BY class_id, period_id, id DESC) AS newest
     WHERE newest.closed
""")
_USED = text("""
    SELECT period_id FROM period_closing WHERE period_id = ANY (:periods)
    UNION
    SELECT scope_id FROM final_version WHERE scope_id = ANY (:periods) AND kind = 'period'
""")


async def closed_periods(session: AsyncSession, periods: Collection[UUID]) -> set[UUID]:
    """Published read: of these periods, those that are closed for some class now."""
    return set((await session.execute(_CLOSED, {"periods": list(periods)})).scalars())


async def used_periods(session: AsyncSession, periods: Collection[UUID]) -> set[UUID]:
    """Published read: of these periods, those with finals, or that were ever closed."""
    return set((await session.execute(_USED, {"periods": list(periods)})).scalars())
