"""The school's calendar: its year and periods, and the days that are not as the week says."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import reads, rights, school_rights
from backend.school import repository as school
from backend.school.models import SchoolClass
from backend.school.school_rights import SchoolAccess
from backend.timetable import plan_repository as repository
from backend.timetable.models import CalendarSpan
from backend.timetable.plan_service import FURTHEST, as_wire, replan
from schemas import timetable as wire

_LONGEST_SPAN = timedelta(days=120)


async def calendar(session: AsyncSession, school_id: UUID, class_ids: set[UUID] | None, today: date) -> wire.Calendar:
    """The school year around today with what is not as the week says; None: of all classes."""
    year, periods = await reads.year_of(session, school_id, today)
    if year is None:
        return wire.Calendar(name=None, starts=None, ends=None, periods=[], spans=[])
    found = await repository.spans(session, school_id, year.starts, year.ends)
    return wire.Calendar(
        name=year.name,
        starts=year.starts,
        ends=year.ends,
        periods=[wire.PeriodOfYear(id=one.id, name=one.name, starts=one.starts, ends=one.ends) for one in periods],
        spans=[_span(one) for one in found if class_ids is None or one.class_id is None or one.class_id in class_ids],
    )


async def school_calendar(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.Calendar:
    await rights.require_staff(session, acting.account_id, school_id, now)
    return await calendar(session, school_id, None, await school.today_at(session, school_id, now))


async def add_span(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.AddSpan, now: datetime
) -> wire.SpanAdded:
    """Days that are not as the week says. Lessons from tomorrow on follow.

    Raises:
        NotFound: not the caller's to arrange.
        Invalid: the days are in the wrong order or too many, or the class is not of the school.
    """
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now)
    wrong = _span_problems(wish, access.today)
    if wish.class_id is not None:
        named = await session.get(SchoolClass, wish.class_id)
        if named is None or named.school_id != school_id:
            wrong["/classId"] = "unknown-class"
    if wrong:
        raise Invalid(wrong)
    span = CalendarSpan(id=new_id(), school_id=school_id, **msgspec.structs.asdict(wish))
    session.add(span)
    await session.flush()
    touch(session, [school_id])
    return wire.SpanAdded(span=_span(span), lessons=await _followed(session, access))


async def remove_span(
    session: AsyncSession, acting: Acting, school_id: UUID, span_id: UUID, now: datetime
) -> wire.Replanned:
    """Takes such days back; lessons from tomorrow on follow."""
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now)
    span = await session.get(CalendarSpan, span_id)
    if span is None or span.school_id != school_id:
        raise NotFound
    await session.delete(span)
    await session.flush()
    touch(session, [school_id])
    return await _followed(session, access)


async def _followed(session: AsyncSession, access: SchoolAccess) -> wire.Replanned:
    """Lessons from tomorrow on follow."""
    tomorrow = access.today + timedelta(days=1)
    return as_wire(await replan(session, access.school_id, access.timezone, tomorrow, access.today, None))


def _span_problems(wish: wire.AddSpan, today: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if wish.ends < wish.starts:
        wrong["/ends"] = "ends-before-it-begins"
    elif wish.ends - wish.starts > _LONGEST_SPAN:
        wrong["/ends"] = "too-long"
    if abs(wish.starts - today) > FURTHEST:
        wrong["/starts"] = "too-far"
    if wish.as_weekday is not None and wish.kind != "working":
        wrong["/asWeekday"] = "only-for-working-days"
    return wrong


def _span(span: CalendarSpan) -> wire.Span:
    return wire.Span(
        id=span.id, kind=span.kind, name=span.name, starts=span.starts, ends=span.ends,  # type: ignore[arg-type]
        class_id=span.class_id, as_weekday=span.as_weekday,
    )  # fmt: skip
