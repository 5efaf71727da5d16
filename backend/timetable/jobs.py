"""The night: lessons on dates are made as far ahead as they are shown."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.timetable.plan_service import replan


async def make_lessons(session: AsyncSession, school_id: UUID, timezone: str, today: date) -> int:
    """Lets the school's lessons from tomorrow on follow its plan. Returns how many were added."""
    made = await replan(session, school_id, timezone, today, today, None)
    return len(made.add)
