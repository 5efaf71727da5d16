"""The ribbon of events: written by class teachers for their classes, by deputy and administrator for all. It alerts
nobody."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.board import event_repository, rules
from backend.board.models import SchoolEvent
from backend.core.days import check_range, days_after
from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.identity.acting import Acting
from backend.school import reads, school_rights
from backend.school import repository as school
from backend.school.list_rights import ClassesAccess, classes_to_speak_for
from backend.school.setup_repository import works_at
from schemas import board as wire
from schemas.school import ClassRef

_AHEAD = timedelta(days=30)


async def between(
    session: AsyncSession,
    acting: Acting,
    school_id: UUID,
    first: date | None,
    last: date | None,
    kind: str | None,
    now: datetime,
) -> wire.SchoolEvents:
    """The events of some days, without dates of the coming 30: the school's, and those of the caller's classes.

    Raises:
        NotFound: the caller does not belong to the school.
        Invalid: the days are in the wrong order, or more than a year.
    """
    await school_rights.require_tie(session, acting.account_id, school_id, now)
    first = first or await school.today_at(session, school_id, now)
    last = last or days_after(first, _AHEAD)
    check_range(first, last)
    rows = await event_repository.events(session, acting.account_id, school_id, first, last, kind, now)
    return wire.SchoolEvents(first_day=first, last_day=last, items=[_shown(row) for row in rows])


async def create(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.SetEvent, now: datetime
) -> wire.SchoolEvent:
    """A new event.

    Raises:
        NotFound: the school is not the caller's to announce for.
        Invalid: names every field that cannot be so.
    """
    access = await classes_to_speak_for(session, acting.account_id, school_id, now)
    event = SchoolEvent(
        id=new_id(), school_id=school_id, created_by=acting.account_id, created_at=now,
        kind=wish.kind, title=wish.title, first_day=wish.first_day, last_day=wish.last_day,
    )  # fmt: skip
    return await _write(session, event, access, wish, now)


async def change(
    session: AsyncSession, acting: Acting, event_id: UUID, wish: wire.SetEvent, now: datetime
) -> wire.SchoolEvent:
    """Makes an event what it is to be. Raises NotFound for another's, Invalid as `create` does."""
    event, access = await _to_change(session, acting, event_id, now)
    return await _write(session, event, access, wish, now)


async def remove(session: AsyncSession, acting: Acting, event_id: UUID, now: datetime) -> None:
    """Takes an event off the ribbon. Raises NotFound for another's."""
    event, _ = await _to_change(session, acting, event_id, now)
    await session.delete(event)
    await session.flush()


async def _to_change(
    session: AsyncSession, acting: Acting, event_id: UUID, now: datetime
) -> tuple[SchoolEvent, ClassesAccess]:
    """The event, held until the commit, for who may write for all that it is for."""
    event = await event_repository.event_for_update(session, event_id)
    if event is None:
        raise NotFound
    access = await classes_to_speak_for(session, acting.account_id, event.school_id, now)
    if not access.holds(await event_repository.classes_of(session, event_id)):
        raise NotFound
    return event, access


async def _write(
    session: AsyncSession, event: SchoolEvent, access: ClassesAccess, wish: wire.SetEvent, now: datetime
) -> wire.SchoolEvent:
    classes = await reads.known_classes(session, event.school_id, wish.class_ids, access.today)
    wrong = rules.event_problems(wish, access, classes)
    if wish.subject_id is not None and wish.subject_id not in await reads.subject_ids(session, event.school_id):
        wrong["/subjectId"] = "unknown-subject"
    contact = wish.contact_id
    if contact is not None and not await works_at(session, contact, event.school_id, access.today):
        wrong["/contactId"] = "unknown-teacher"
    if wrong:
        raise Invalid(wrong)
    event.kind, event.title, event.body, event.place = wish.kind, wish.title, wish.text, wish.place
    event.first_day, event.last_day = wish.first_day, wish.last_day
    event.subject_id, event.contact_id = wish.subject_id, wish.contact_id
    session.add(event)
    await session.flush()
    await event_repository.set_classes(session, event.id, classes)
    return _shown(await event_repository.one(session, event, now))


def _shown(row: dict[str, Any]) -> wire.SchoolEvent:
    return wire.SchoolEvent(
        id=row["id"], school_id=row["school_id"], kind=row["kind"], title=row["title"], first_day=row["first_day"],
        last_day=row["last_day"], text=row["text"], place=row["place"], subject_id=row["subject_id"],
        subject=row["subject"], classes=msgspec.convert(row["classes"], list[ClassRef]),
        contact=row["contact"] and msgspec.convert(row["contact"], wire.EventContact),
    )  # fmt: skip
