"""The timetable as people see it."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router, get
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.timetable import child_service, service
from backend.timetable.change_routes import handlers as change_handlers
from backend.timetable.plan_routes import handlers as plan_handlers
from schemas.school_day import Backpack, Curriculum, StayDay
from schemas.timetable import Calendar, TeacherDay, TeacherWeek


@get(
    "/teacher/day", operation_id="getTeacherDay", summary="The lessons that one teaches on a day",
    access=Access.SELF, responses=problems(401, 403, 422),
)  # fmt: skip
async def get_teacher_day(day: date, tx: AsyncSession, acting: Acting) -> TeacherDay:
    return await service.teacher_day(tx, acting.account_id, day)


@get(
    "/teacher/week", operation_id="getTeacherWeek", summary="The lessons that one teaches in the week of a day",
    access=Access.SELF, responses=problems(401, 403, 422),
)  # fmt: skip
async def get_teacher_week(day: date, tx: AsyncSession, acting: Acting) -> TeacherWeek:
    return await service.teacher_week(tx, acting.account_id, day)


@get(
    "/children/{child_id:uuid}/calendar",
    operation_id="getChildCalendar",
    summary="A child's school year: periods, holidays, worked Saturdays",
    access=Access.CHILD,
    responses=problems(401, 403, 404),
)
async def get_child_calendar(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Calendar:
    return await child_service.child_calendar(tx, acting, child_id, now)


@get(
    "/children/{child_id:uuid}/stay",
    operation_id="getChildStay",
    summary="A child's whole day at school: lessons, meals, breaks, walks",
    access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)
async def get_child_stay(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> StayDay:
    return await child_service.stay_day(tx, acting, child_id, day, now)


@get(
    "/children/{child_id:uuid}/curriculum",
    operation_id="getChildCurriculum",
    summary="What a child learns this year: subjects, hours, topics",
    access=Access.CHILD,
    responses=problems(401, 403, 404),
)
async def get_child_curriculum(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Curriculum:
    return await child_service.child_curriculum(tx, acting, child_id, now)


@get(
    "/children/{child_id:uuid}/backpack",
    operation_id="getBackpack",
    summary="What a child carries on a day, and its weight",
    access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)
async def get_backpack(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> Backpack:
    return await child_service.backpack(tx, acting, child_id, day, now)


router = Router(
    "/",
    route_handlers=[
        get_teacher_day, get_teacher_week, get_child_calendar, get_child_stay, get_child_curriculum, get_backpack,
        *plan_handlers, *change_handlers,
    ],
    tags=["timetable"],
)  # fmt: skip
