"""18:30: what tomorrow brings (DOMAIN.md section 9)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.homework import repository
from backend.timetable import repository as timetable
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import Target, Tomorrow


async def remind_of_tomorrow(session: AsyncSession, school_id: UUID, timezone: str, today: date, now: datetime) -> int:
    """Tells each student of tomorrow's first lesson, of changes, and of what is due and not ticked; nothing where there
    is nothing to say, and nothing on a quiet day. Returns how many were told."""
    tomorrow = today + timedelta(days=1)
    rows = await repository.evening(session, school_id, today, tomorrow)
    in_lessons = await timetable.in_lessons_until(session, [row["student_id"] for row in rows], now)
    alerts = [_alert(row, school_id, timezone, tomorrow, now, in_lessons.get(row["student_id"])) for row in rows]
    await outbox.append(session, alerts)
    return len(rows)


def _alert(
    row: Mapping[str, Any], school_id: UUID, timezone: str, tomorrow: date, now: datetime, until: datetime | None
) -> NewAlert:
    begins: datetime | None = row["starts_at"]
    return NewAlert(
        school_id=school_id,
        account_id=row["account_id"],
        child_id=row["student_id"],
        body=Tomorrow(
            day=tomorrow,
            first=f"{begins.astimezone(ZoneInfo(timezone)):%H:%M}" if begins else "",
            subject=row["subject"] or "",
            changes=row["changes"],
            undone=", ".join(row["undone"]),
        ),
        target=Target(screen="diary-day", child_id=row["student_id"], on=tomorrow),
        thread=f"tomorrow:{row['student_id']}",
        entity=str(tomorrow),
        occurred_at=now,
        timezone=timezone,
        silent_until=until,
    )
