"""Attendance. Absence notices: `notice_routes.py`."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router, get, patch, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import excuses, overview, service
from backend.core.access import Access
from backend.core.openapi import problems
from backend.identity.acting import Acting
from schemas.attendance import (
    Attendance,
    AttendanceSettings,
    ChangeAttendanceSettings,
    ChildAttendance,
    Excuses,
    MorningBoard,
    SetExcuse,
    TakeAttendance,
)


@put(
    "/lessons/{lesson_id:uuid}/attendance",
    operation_id="takeAttendance",
    summary="Record who was not at a lesson",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 422),
)
async def take_attendance(
    lesson_id: UUID, data: TakeAttendance, tx: AsyncSession, acting: Acting, now: datetime
) -> Attendance:
    return await service.take(tx, acting, lesson_id, data, now)


@get(
    "/children/{child_id:uuid}/attendance",
    operation_id="getChildAttendance",
    summary="Which lessons a child missed, and what it adds up to",
    access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)
async def get_child_attendance(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, first: date | None = None, last: date | None = None
) -> ChildAttendance:
    return await overview.of_child(tx, acting, child_id, first, last, now)


@get(
    "/children/{child_id:uuid}/excuses",
    operation_id="listExcuses",
    summary="Why a child was not there, day by day",
    access=Access.CHILD_LED,
    responses=problems(401, 403, 404),
)
async def list_excuses(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Excuses:
    return await excuses.list_excuses(tx, acting, child_id, now)


@put(
    "/children/{child_id:uuid}/excuses",
    operation_id="setExcuse",
    summary="Excuse a child's days or lessons, or say that there is no excuse",
    access=Access.CHILD_LED,
    responses=problems(401, 403, 404, 422),
)
async def set_excuse(child_id: UUID, data: SetExcuse, tx: AsyncSession, acting: Acting, now: datetime) -> Excuses:
    return await excuses.set_excuse(tx, acting, child_id, data, now)


@get(
    "/classes/{class_id:uuid}/morning",
    operation_id="getMorningBoard",
    summary="Who of a class is there this morning, who is not, and who said so",
    access=Access.CLASS,
    responses=problems(401, 403, 404, 422),
)
async def get_morning(
    class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> MorningBoard:
    return await overview.morning(tx, acting, class_id, day, now)


@get(
    "/schools/{school_id:uuid}/attendance-settings",
    operation_id="getAttendanceSettings",
    summary="How a school writes attendance: symbols, and the delay of absences",
    access=Access.STAFF,
    responses=problems(401, 403, 404),
)
async def get_settings(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> AttendanceSettings:
    return await overview.settings(tx, acting, school_id, now)


@patch(
    "/schools/{school_id:uuid}/attendance-settings",
    operation_id="changeAttendanceSettings",
    summary="Change how a school writes attendance",
    access=Access.DEPUTY,
    responses=problems(401, 403, 404, 422),
)
async def change_settings(
    school_id: UUID, data: ChangeAttendanceSettings, tx: AsyncSession, acting: Acting, now: datetime
) -> AttendanceSettings:
    return await overview.change_settings(tx, acting, school_id, data, now)


router = Router(
    "/",
    route_handlers=[
        take_attendance, get_child_attendance, list_excuses, set_excuse, get_morning,
        get_settings, change_settings,
    ],
    tags=["attendance"],
)  # fmt: skip
