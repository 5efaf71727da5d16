"""The SQL of a feed that is not of one kind of row alone."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 0))")


async def one_at_a_time(session: AsyncSession, source: str) -> None:
    """Waits for a request of the same school that is under way: both would name the same new things."""
    await session.execute(_ONE_AT_A_TIME, {"source": source})
