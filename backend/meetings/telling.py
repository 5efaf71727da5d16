"""What those who are invited hear of a meeting: one item each, the newest in the place of what was said before."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.meetings import guest_repository
from backend.meetings.models import Meeting
from backend.school import repository as school
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import MeetingCalled, MeetingCancelled, MeetingMoved, MeetingSoon, Target

Body = MeetingCalled | MeetingMoved | MeetingCancelled | MeetingSoon


async def called(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    await _tell(session, meeting, now, MeetingCalled, place=meeting.place)


async def moved(session: AsyncSession, meeting: Meeting, change: str, before: datetime, now: datetime) -> None:
    """That it is at another time than `before`, or elsewhere: in the place of what was said until now."""
    await outbox.withdraw(session, thread_of(meeting), str(meeting.id), now)
    await _tell(session, meeting, now, MeetingMoved, place=meeting.place, old_starts_at=before, change=change)


async def cancelled(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    await outbox.withdraw(session, thread_of(meeting), str(meeting.id), now)
    await _tell(session, meeting, now, MeetingCancelled)


async def soon(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    """Reminds everybody who did not say no."""
    unwilling = await guest_repository.unwilling(session, meeting.id)
    await _tell(session, meeting, now, MeetingSoon, but=unwilling, place=meeting.place)


def thread_of(meeting: Meeting) -> str:
    return f"meeting:{meeting.id}"


async def _tell(
    session: AsyncSession, meeting: Meeting, now: datetime, kind: type[Body], *, but: Collection[UUID] = (), **more: Any
) -> None:
    place = await guest_repository.place_of(session, meeting.id)
    body = kind(
        title=meeting.title, class_name=place.class_name, starts_at=meeting.starts_at.astimezone(UTC),
        timezone=place.timezone, **more,
    )  # fmt: skip
    told = await _receivers(session, meeting, school_date(now, place.timezone))
    alert = NewAlert(
        school_id=meeting.school_id,
        account_id=outbox.ANYBODY,
        child_id=None,
        body=body,
        target=Target(screen="meeting", entity_id=meeting.id),
        thread=thread_of(meeting),
        entity=str(meeting.id),
        occurred_at=now,
        timezone=place.timezone,
        until=meeting.starts_at,
    )
    await outbox.broadcast(session, alert, [person for person in told.items() if person[0] not in but])


async def _receivers(session: AsyncSession, meeting: Meeting, today: date) -> dict[UUID, UUID | None]:
    """Account -> the child by whose right it is told. A parent of several is told once, of the first one: when that
    right ends, nothing more is said by it. Colleagues are told of no child."""
    students = await guest_repository.invited_students(session, meeting.id, today)
    told: dict[UUID, UUID | None] = {}
    for parent in await school.parents_told(session, students, today):
        told.setdefault(parent.account_id, parent.child_id)
    for account in await guest_repository.invited_staff(session, meeting.id, today):
        if account != meeting.called_by:
            told.setdefault(account, None)
    return told
