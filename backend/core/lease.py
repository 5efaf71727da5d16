"""A lease in PostgreSQL: one of many processes leads, and another takes over when it falls silent."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_TAKE = text("""
    INSERT INTO lease (name, holder, until) VALUES (:name, :holder, now() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.holder = excluded.holder OR lease.until < now()
    RETURNING holder
""")


async def take_lease(session: AsyncSession, name: str, holder: str, seconds: int) -> bool:
    """Takes or renews the lease by the database's clock. True where `holder` now leads."""
    result = await session.execute(_TAKE, {"name": name, "holder": holder, "seconds": seconds})
    return result.scalar() is not None


async def give_back(session: AsyncSession, name: str, holder: str) -> None:
    """Lets the next process lead at once."""
    await session.execute(
        text("DELETE FROM lease WHERE name = :name AND holder = :holder"), {"name": name, "holder": holder}
    )
