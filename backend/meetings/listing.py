"""Meetings as people see them: of a child, of a person, of a class, of a school; and who comes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.errors import Conflict, NotFound
from backend.files import service as files
from backend.identity.acting import Acting
from backend.meetings import guest_repository, repository
from backend.meetings.models import Meeting
from backend.school import rights, school_rights
from schemas import meetings as wire

# What files are attached to, for `backend.files`.
MINUTES = "meeting-minutes"


async def of_child(
    session: AsyncSession, acting: Acting, child_id: UUID, when: wire.When, now: datetime
) -> wire.Meetings:
    """Meetings to which a child's family is invited, for whoever may see the child."""
    await rights.child_to_view(session, acting.account_id, child_id, now)
    return await _listed(session, "child", when, acting, now, child=child_id)


async def mine(session: AsyncSession, acting: Acting, when: wire.When, now: datetime) -> wire.Meetings:
    """Meetings that the caller has called or is invited to, as a colleague or for a child."""
    return await _listed(session, "mine", when, acting, now)


async def of_class(
    session: AsyncSession, acting: Acting, class_id: UUID, when: wire.When, now: datetime
) -> wire.Meetings:
    """Meetings for a class, for who leads it. Raises NotFound for others."""
    await rights.class_to_lead(session, acting.account_id, class_id, now)
    return await _listed(session, "class", when, acting, now, class_id=class_id)


async def of_school(
    session: AsyncSession, acting: Acting, school_id: UUID, when: wire.When, now: datetime
) -> wire.Meetings:
    """All meetings of a school, for its deputy, director and administrator. Raises NotFound for others."""
    await school_rights.school_to_manage(session, acting.account_id, school_id, now, school_rights.HEADS)
    return await _listed(session, "school", when, acting, now, school_id=school_id)


async def one(session: AsyncSession, acting: Acting, meeting_id: UUID, now: datetime) -> wire.Meeting:
    """A meeting without its minutes. Raises NotFound for who may not see it."""
    found = await repository.shown(session, acting.account_id, meeting_id, now)
    if found is None:
        raise NotFound
    return wire.Meeting(**{name: value for name, value in found.items() if name not in ("minutes", "minutes_at")})


async def detail(session: AsyncSession, acting: Acting, meeting_id: UUID, now: datetime) -> wire.MeetingDetail:
    """A meeting with its minutes, for who is invited or leads it. Raises NotFound for others."""
    found = await repository.shown(session, acting.account_id, meeting_id, now)
    if found is None:
        raise NotFound
    attached = await files.attached(session, MINUTES, [meeting_id])
    return wire.MeetingDetail(**found, files=attached.get(meeting_id, []))


async def may_read_minutes(session: AsyncSession, account_id: UUID, meeting_id: UUID, now: datetime) -> bool:
    """Whether somebody may have the files of a meeting's minutes: whoever may see the meeting now."""
    return await repository.shown(session, account_id, meeting_id, now) is not None


async def answer(session: AsyncSession, acting: Acting, meeting_id: UUID, coming: bool, now: datetime) -> wire.Meeting:
    """Says whether the caller comes; the last word before it begins holds.

    Raises:
        NotFound: the caller's answer is not waited for.
        Conflict: it was cancelled (`meeting-cancelled`), or has begun (`meeting-begun`).
    """
    found = await repository.shown(session, acting.account_id, meeting_id, now)
    if found is None or not found["may_answer"]:
        raise NotFound
    meeting = await repository.to_answer(session, meeting_id)
    require_to_come(meeting, now)
    await guest_repository.write_answer(session, meeting, acting.account_id, coming, now)
    return await one(session, acting, meeting_id, now)


async def answers(session: AsyncSession, acting: Acting, meeting_id: UUID, now: datetime) -> wire.MeetingAnswers:
    """Who comes, who does not, who has not answered, for who leads the meeting. Raises NotFound for others."""
    found = await repository.shown(session, acting.account_id, meeting_id, now)
    if found is None or not found["leads"]:
        raise NotFound
    place = await guest_repository.place_of(session, meeting_id)
    today = school_date(now, place.timezone)
    day = min(today, school_date(found["starts_at"], place.timezone))
    people = [wire.AnswerOfPerson(**row) for row in await guest_repository.people(session, meeting_id, day, today)]
    said = [person.coming for person in people]
    return wire.MeetingAnswers(
        coming=said.count(True), not_coming=said.count(False), silent=said.count(None), people=people
    )


def require_to_come(meeting: Meeting, now: datetime) -> None:
    """Raises Conflict when it was cancelled (`meeting-cancelled`), or has begun (`meeting-begun`)."""
    if meeting.cancelled_at is not None:
        raise Conflict(code="meeting-cancelled")
    if meeting.starts_at <= now:
        raise Conflict(code="meeting-begun")


async def _listed(
    session: AsyncSession, which: str, when: wire.When, acting: Acting, now: datetime, **ids: UUID
) -> wire.Meetings:
    found = await repository.listed(session, which, when, acting.account_id, now, **ids)
    return wire.Meetings(items=[wire.Meeting(**row) for row in found])
