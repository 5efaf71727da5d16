"""Calling meetings, changing and cancelling them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, Invalid, NotFound, Stale
from backend.core.ids import new_id
from backend.core.validation import named_problems
from backend.files import service as files
from backend.files.service import Owner
from backend.identity.acting import Acting
from backend.meetings import guest_repository, listing, repository, rules, telling
from backend.meetings.models import Meeting
from backend.school import reads, rights, school_rights
from backend.school import repository as school
from schemas import meetings as wire


@dataclass(frozen=True)
class Guests:
    """For whom a meeting is called. `class_id`: whose teacher leads it."""

    school_id: UUID
    audience: str
    class_id: UUID | None = None
    classes: Sequence[UUID] = ()
    students: Sequence[UUID] = ()


async def call(
    session: AsyncSession, acting: Acting, class_id: UUID, wish: wire.CallMeeting, now: datetime
) -> wire.Meeting:
    """Calls the parents of a class together, or some of them, and tells them, one item a meeting.

    Raises:
        NotFound: the class is not the caller's to lead.
        Invalid: names every wrong field: the time, the place, students of other classes, people who do not work here.
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    wrong: dict[str, str] = {}
    if wish.student_ids is not None:
        known = await school.students_of_class(session, class_id, led.today)
        wrong = named_problems(wish.student_ids, known, "/studentIds", "not-in-class")
    audience = "class" if wish.student_ids is None else "families"
    guests = Guests(led.school_id, audience, class_id=class_id, students=wish.student_ids or ())
    return await _call(session, acting, guests, wish, wrong, led.today, now)


async def call_school(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.CallSchoolMeeting, now: datetime
) -> wire.Meeting:
    """Calls the parents of a school together, of some classes, or single families.

    Raises:
        NotFound: the caller is no deputy, director or administrator of the school.
        Invalid: as `call` says; and classes of another school, or classes and students at once.
    """
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now, school_rights.HEADS)
    wrong: dict[str, str] = {}
    if wish.class_ids is not None and wish.student_ids is not None:
        wrong["/studentIds"] = "classes-or-students"
    elif wish.class_ids is not None:
        classes = await reads.known_classes(session, school_id, wish.class_ids, access.today)
        wrong = named_problems(wish.class_ids, classes, "/classIds", "unknown-class")
    elif wish.student_ids is not None:
        pupils = await guest_repository.pupils(session, school_id, wish.student_ids, access.today)
        wrong = named_problems(wish.student_ids, pupils, "/studentIds", "unknown-student")
    return await _call(session, acting, _guests_of_school(school_id, wish), wish, wrong, access.today, now)


def _guests_of_school(school_id: UUID, wish: wire.CallSchoolMeeting) -> Guests:
    if wish.student_ids is not None:
        return Guests(school_id, "families", students=wish.student_ids)
    if wish.class_ids is None:
        return Guests(school_id, "school")
    if len(wish.class_ids) == 1:
        return Guests(school_id, "class", class_id=wish.class_ids[0])
    return Guests(school_id, "classes", classes=wish.class_ids)


async def _call(
    session: AsyncSession, acting: Acting, guests: Guests, wish: wire.CallMeeting, wrong: dict[str, str], today: date,
    now: datetime,
) -> wire.Meeting:  # fmt: skip
    staff = wish.staff_ids or []
    colleagues = await guest_repository.colleagues(session, guests.school_id, staff, today) if staff else set()
    wrong |= named_problems(staff, colleagues, "/staffIds", "unknown-teacher")
    wrong |= rules.time_problems(wish.starts_at, wish.ends_at, now) | rules.place_problems(wish.place, wish.link)
    if wrong:
        raise Invalid(wrong)
    meeting = Meeting(
        id=new_id(), school_id=guests.school_id, class_id=guests.class_id, audience=guests.audience,
        called_by=acting.account_id, title=wish.title, agenda=wish.agenda, place=wish.place or "", link=wish.link,
        starts_at=wish.starts_at, ends_at=wish.ends_at, created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(meeting)
    await session.flush()
    await guest_repository.invite(session, meeting, guests.classes, guests.students, staff)
    await guest_repository.add_reminders(session, meeting, rules.reminders(meeting.starts_at, now))
    await telling.called(session, meeting, now)
    return await listing.one(session, acting, meeting.id, now)


async def change(
    session: AsyncSession, acting: Acting, meeting_id: UUID, wish: wire.ChangeMeeting, now: datetime
) -> wire.Meeting:
    """Changes what a meeting is about, when and where. Only another beginning or place is told of; answers stay.

    Raises:
        NotFound: the meeting is not the caller's to lead.
        Stale: somebody changed it after the caller saw it.
        Conflict: it was cancelled (`meeting-cancelled`), or has begun (`meeting-begun`).
        Invalid: names every wrong field.
    """
    meeting = await to_lead(session, acting, meeting_id, wish.version, now)
    listing.require_to_come(meeting, now)
    before = (meeting.starts_at, meeting.place, meeting.link)
    values = {
        name: value
        for name in ("title", "starts_at", "ends_at", "place", "link", "agenda")
        if (value := getattr(wish, name)) is not UNSET
    }
    if "place" in values:
        values["place"] = values["place"] or ""
    values = {name: value for name, value in values.items() if value != getattr(meeting, name)}
    if not values:
        return await listing.one(session, acting, meeting_id, now)
    for name, value in values.items():
        setattr(meeting, name, value)
    wrong = rules.time_problems(meeting.starts_at, meeting.ends_at, now)
    wrong |= rules.place_problems(meeting.place, meeting.link)
    if wrong:
        raise Invalid(wrong)
    await _save(session, meeting, now)
    moved = rules.moved(before, (meeting.starts_at, meeting.place, meeting.link))
    if meeting.starts_at != before[0]:
        await guest_repository.plan_reminders(session, meeting, rules.reminders(meeting.starts_at, now))
    if moved is not None:
        await telling.moved(session, meeting, moved, before[0], now)
    return await listing.one(session, acting, meeting_id, now)


async def cancel(
    session: AsyncSession, acting: Acting, meeting_id: UUID, wish: wire.CancelMeeting, now: datetime
) -> wire.Meeting:
    """Cancels a meeting; it stays in the lists, struck, with the reason.

    Raises:
        NotFound, Stale, Conflict: as `change` says.
    """
    meeting = await to_lead(session, acting, meeting_id, wish.version, now)
    listing.require_to_come(meeting, now)
    meeting.cancelled_at, meeting.cancelled_by, meeting.cancel_reason = now, acting.account_id, wish.reason
    await _save(session, meeting, now)
    await guest_repository.plan_reminders(session, meeting, {})
    await telling.cancelled(session, meeting, now)
    return await listing.one(session, acting, meeting_id, now)


async def set_minutes(
    session: AsyncSession, acting: Acting, meeting_id: UUID, wish: wire.SetMinutes, now: datetime
) -> wire.MeetingDetail:
    """What was decided, for everybody who is invited; nobody is alerted.

    Raises:
        NotFound, Stale: as `change` says.
        Conflict: the meeting was cancelled (`meeting-cancelled`), or has not begun (`meeting-not-begun`).
        Invalid: a file is named that is neither its own nor one that the caller has uploaded.
    """
    meeting = await to_lead(session, acting, meeting_id, wish.version, now)
    if meeting.cancelled_at is not None:
        raise Conflict(code="meeting-cancelled")
    if meeting.starts_at > now:
        raise Conflict(code="meeting-not-begun")
    owner = Owner(listing.MINUTES, meeting.id)
    other_files = await files.replace(session, acting.account_id, meeting.school_id, owner, wish.files)
    if other_files or meeting.minutes != wish.text:
        meeting.minutes, meeting.minutes_by, meeting.minutes_at = wish.text, acting.account_id, now
        await _save(session, meeting, now)
    return await listing.detail(session, acting, meeting_id, now)


async def to_lead(session: AsyncSession, acting: Acting, meeting_id: UUID, version: int, now: datetime) -> Meeting:
    """The meeting, locked, for who leads it.

    Raises:
        NotFound: no such meeting, or not the caller's to lead.
        Stale: `version` is not its newest.
    """
    shown = await repository.shown(session, acting.account_id, meeting_id, now)
    if shown is None or not shown["leads"]:
        raise NotFound
    meeting = await repository.for_update(session, meeting_id)
    if meeting.version != version:
        raise Stale(current=meeting.title)
    return meeting


async def _save(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    meeting.version += 1
    meeting.changed_at = now
    await session.flush()
