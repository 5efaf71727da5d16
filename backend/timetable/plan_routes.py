"""Planning: bells, weekly lessons, calendar, regime of stay, curriculum, textbooks."""

from datetime import datetime
from uuid import UUID

from litestar import delete, get, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.timetable import calendar, child_service, plan_service
from schemas.school_day import Curriculum, SetCurriculum, SetStay, SetTextbooks, Stay, Textbooks
from schemas.timetable import AddSpan, Bells, Calendar, Plan, PlanSet, Replanned, SetBells, SetPlan, SpanAdded

_READ = problems(401, 403, 404)
_WRITE = problems(401, 403, 404, 409, 422)


@get(
    "/schools/{school_id:uuid}/bells", operation_id="getBells", summary="When lessons are, by shift and weekday",
    access=Access.STAFF, responses=_READ,
)  # fmt: skip
async def get_bells(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Bells:
    return await plan_service.get_bells(tx, acting, school_id, now)


@put(
    "/schools/{school_id:uuid}/bells", operation_id="setBells", summary="Set all bells; lessons to come follow",
    access=Access.MANAGERS, responses=_WRITE,
)  # fmt: skip
async def set_bells(school_id: UUID, data: SetBells, tx: AsyncSession, acting: Acting, now: datetime) -> Bells:
    return await plan_service.set_bells(tx, acting, school_id, data, now)


@get(
    "/schools/{school_id:uuid}/calendar", operation_id="getCalendar",
    summary="The school year: periods, holidays, worked Saturdays, quarantines", access=Access.STAFF, responses=_READ,
)  # fmt: skip
async def get_calendar(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Calendar:
    return await calendar.school_calendar(tx, acting, school_id, now)


@post(
    "/schools/{school_id:uuid}/calendar", operation_id="addCalendarSpan",
    summary="Days that are not as the week says; lessons to come follow", access=Access.MANAGERS, responses=_WRITE,
)  # fmt: skip
async def add_span(
    school_id: UUID, data: AddSpan, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> SpanAdded:  # fmt: skip
    return await once(
        tx, acting.account_id, f"addCalendarSpan/{school_id}", idempotency_key, data, SpanAdded, now,
        lambda: calendar.add_span(tx, acting, school_id, data, now),
    )  # fmt: skip


@delete(
    "/schools/{school_id:uuid}/calendar/{span_id:uuid}", operation_id="removeCalendarSpan",
    summary="Take such days back; lessons to come follow", status_code=200, access=Access.MANAGERS,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def remove_span(school_id: UUID, span_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Replanned:
    return await calendar.remove_span(tx, acting, school_id, span_id, now)


@get(
    "/classes/{class_id:uuid}/timetable", operation_id="getClassTimetable",
    summary="The weekly lessons of a class and its parts", access=Access.CLASS, responses=_READ,
)  # fmt: skip
async def get_class_plan(class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Plan:
    return await plan_service.class_plan(tx, acting, class_id, now)


@put(
    "/classes/{class_id:uuid}/timetable", operation_id="setClassTimetable",
    summary="Set the weekly lessons of a class from a day on; lessons on dates follow", access=Access.CLASS,
    responses=_WRITE,
)  # fmt: skip
async def set_class_plan(class_id: UUID, data: SetPlan, tx: AsyncSession, acting: Acting, now: datetime) -> PlanSet:
    return await plan_service.set_class_plan(tx, acting, class_id, data, now)


@get(
    "/groups/{group_id:uuid}/timetable", operation_id="getGroupTimetable",
    summary="The weekly lessons of one group, also one across classes", access=Access.MANAGERS, responses=_READ,
)  # fmt: skip
async def get_group_plan(group_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Plan:
    return await plan_service.group_plan(tx, acting, group_id, now)


@put(
    "/groups/{group_id:uuid}/timetable", operation_id="setGroupTimetable",
    summary="Set the weekly lessons of one group from a day on", access=Access.MANAGERS, responses=_WRITE,
)  # fmt: skip
async def set_group_plan(group_id: UUID, data: SetPlan, tx: AsyncSession, acting: Acting, now: datetime) -> PlanSet:
    return await plan_service.set_group_plan(tx, acting, group_id, data, now)


@get(
    "/classes/{class_id:uuid}/stay", operation_id="getClassStay",
    summary="What a class's days hold beside lessons", access=Access.CLASS, responses=_READ,
)  # fmt: skip
async def get_stay(class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Stay:
    return await child_service.class_stay(tx, acting, class_id, now)


@put(
    "/classes/{class_id:uuid}/stay", operation_id="setClassStay",
    summary="Set what a class's days hold beside lessons", access=Access.CLASS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def set_stay(class_id: UUID, data: SetStay, tx: AsyncSession, acting: Acting, now: datetime) -> Stay:
    return await child_service.set_stay(tx, acting, class_id, data, now)


@get(
    "/classes/{class_id:uuid}/curriculum", operation_id="getClassCurriculum",
    summary="What a class learns: subjects, hours, topics, profile", access=Access.CLASS, responses=_READ,
)  # fmt: skip
async def get_curriculum(class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Curriculum:
    return await child_service.class_curriculum(tx, acting, class_id, now)


@put(
    "/classes/{class_id:uuid}/curriculum", operation_id="setClassCurriculum", summary="Set what a class learns",
    access=Access.CLASS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def set_curriculum(
    class_id: UUID, data: SetCurriculum, tx: AsyncSession, acting: Acting, now: datetime
) -> Curriculum:
    return await child_service.set_curriculum(tx, acting, class_id, data, now)


@get(
    "/schools/{school_id:uuid}/textbooks", operation_id="getTextbooks",
    summary="Textbooks by subject and grade, with their weight", access=Access.STAFF, responses=_READ,
)  # fmt: skip
async def get_textbooks(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Textbooks:
    return await child_service.school_textbooks(tx, acting, school_id, now)


@put(
    "/schools/{school_id:uuid}/textbooks", operation_id="setTextbooks", summary="Set the school's textbooks",
    access=Access.MANAGERS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def set_textbooks(
    school_id: UUID, data: SetTextbooks, tx: AsyncSession, acting: Acting, now: datetime
) -> Textbooks:
    return await child_service.set_textbooks(tx, acting, school_id, data, now)


handlers = [
    get_bells, set_bells, get_calendar, add_span, remove_span, get_class_plan, set_class_plan, get_group_plan,
    set_group_plan, get_stay, set_stay, get_curriculum, set_curriculum, get_textbooks, set_textbooks,
]  # fmt: skip
