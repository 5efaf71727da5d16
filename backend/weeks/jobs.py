"""Friday afternoon at the school: parents are asked to look through the week and sign it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.days import week_of
from backend.weeks import repository
from backend.weeks.service import thread_of
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import Target, WeekToAcknowledge


async def ask_for_weeks(session: AsyncSession, school_id: UUID, timezone: str, day: date, now: datetime) -> int:
    """Asks each guardian who has not signed the week of `day`, for each child that had lessons in it.

    Returns:
        How many were asked.
    """
    week, sunday = week_of(day)
    asked = await repository.to_ask(session, school_id, week, school_date(now, timezone))
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=school_id,
                account_id=one["account_id"],
                child_id=one["child_id"],
                body=WeekToAcknowledge(child=one["child_name"], first_day=week, last_day=sunday),
                target=Target(screen="week", child_id=one["child_id"], on=week),
                thread=thread_of(one["child_id"]),
                entity=str(week),
                occurred_at=now,
                timezone=timezone,
            )
            for one in asked
        ],
    )
    return len(asked)
