"""The SQL of meetings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.meetings.models import Meeting
from backend.school.models import Enrolment


async def meetings_of_child(session: AsyncSession, child_id: UUID, today: date, now: datetime) -> list[Meeting]:
    """Coming meetings of the class that the child is in today."""
    statement = (
        select(Meeting)
        .join(Enrolment, col(Enrolment.class_id) == col(Meeting.class_id))
        .where(
            col(Enrolment.student_id) == child_id,
            col(Meeting.ends_at) >= now,
            col(Enrolment.starts) <= today,
            or_(col(Enrolment.ends).is_(None), col(Enrolment.ends) >= today),
        )
        .order_by(col(Meeting.starts_at))
        .limit(50)
    )
    return list((await session.execute(statement)).scalars())
