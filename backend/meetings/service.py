"""Calling meetings."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.identity.acting import Acting
from backend.meetings import repository
from backend.meetings.models import Meeting
from backend.school import repository as school
from backend.school import rights
from backend.school.rights import ClassAccess
from push import outbox
from push.outbox import NewAlert
from schemas import meetings as wire
from schemas.alerts import MeetingCalled, Target

FURTHEST = timedelta(days=366)
LONGEST = timedelta(days=1)


async def call(
    session: AsyncSession, acting: Acting, class_id: UUID, wish: wire.CallMeeting, now: datetime
) -> wire.Meeting:
    """Calls the parents of a class together and tells them, one item a meeting.

    Raises:
        NotFound: the class is not the caller's to lead.
        Invalid: the meeting is in the past, ends before it begins, or is too far away or too long.
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    _check(wish, now)
    meeting = Meeting(
        id=new_id(),
        school_id=led.school_id,
        class_id=class_id,
        called_by=acting.account_id,
        title=wish.title,
        agenda=wish.agenda,
        place=wish.place,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        created_at=now,
    )
    session.add(meeting)
    await session.flush()
    await _tell(session, meeting, led, now)
    return as_wire(meeting)


async def coming(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.Meetings:
    """The coming meetings about a child's class, for whoever may see the child."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    found = await repository.meetings_of_child(session, child_id, child.today, now)
    return wire.Meetings(items=[as_wire(meeting) for meeting in found])


def as_wire(meeting: Meeting) -> wire.Meeting:
    return wire.Meeting(
        id=meeting.id,
        class_id=meeting.class_id,
        title=meeting.title,
        place=meeting.place,
        agenda=meeting.agenda,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
    )


def _check(wish: wire.CallMeeting, now: datetime) -> None:
    wrong: dict[str, str] = {}
    if wish.starts_at < now:
        wrong["/startsAt"] = "in-the-past"
    elif wish.starts_at > now + FURTHEST:
        wrong["/startsAt"] = "too-far"
    if wish.ends_at <= wish.starts_at:
        wrong["/endsAt"] = "ends-before-it-begins"
    elif wish.ends_at - wish.starts_at > LONGEST:
        wrong["/endsAt"] = "too-long"
    if wrong:
        raise Invalid(wrong)


async def _tell(session: AsyncSession, meeting: Meeting, led: ClassAccess, now: datetime) -> None:
    students = await school.students_of_class(session, led.class_id, led.today)
    receivers = await school.receivers(session, students, led.today)
    # A parent of two children of the class is asked once.
    parents: dict[UUID, UUID | None] = {}
    for receiver in receivers:
        if not receiver.is_student:
            # Of several children none: the meeting stands also when one of them leaves the class.
            parents[receiver.account_id] = None if receiver.account_id in parents else receiver.child_id
    body = MeetingCalled(
        title=meeting.title,
        class_name=led.name,
        starts_at=meeting.starts_at,
        timezone=led.timezone,
        place=meeting.place,
    )
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=led.school_id,
                account_id=account,
                child_id=child,
                body=body,
                target=Target(screen="meeting", child_id=child, entity_id=meeting.id),
                thread=f"meeting:{meeting.id}",
                entity=str(meeting.id),
                occurred_at=now,
                timezone=led.timezone,
            )
            for account, child in parents.items()
        ],
    )
