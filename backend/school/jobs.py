"""What a school's night brings: rights that ended with the day."""

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_LAPSED = text("SELECT recheck_lapsed(:school, :day)")


async def recheck_lapsed(session: AsyncSession, school_id: UUID, last_day: date) -> None:
    """Looks at the screens of all whose right to see a child of the school ended with `last_day`.

    A right that somebody ends is noticed at once, by a trigger; this is for those that end by their date.
    """
    await session.execute(_LAPSED, {"school": school_id, "day": last_day})
