"""Attendance and absence notices."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notices, service
from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from schemas.attendance import Attendance, FileNotice, NoticeFiled, Notices, TakeAttendance


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


@post(
    "/children/{child_id:uuid}/absence-notices",
    operation_id="fileAbsenceNotice",
    summary="Tell the school that a child will not come",
    access=Access.FILE_ABSENCE,
    responses=problems(401, 403, 404, 409, 422),
)
async def file_notice(
    child_id: UUID,
    data: FileNotice,
    tx: AsyncSession,
    acting: Acting,
    now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> NoticeFiled:
    return await once(
        tx, acting.account_id, f"fileAbsenceNotice/{child_id}", idempotency_key, data, NoticeFiled, now,
        lambda: notices.file_notice(tx, acting, child_id, data, now),
    )  # fmt: skip


@get(
    "/children/{child_id:uuid}/absence-notices",
    operation_id="listAbsenceNotices",
    summary="The absence notices of a child",
    access=Access.CHILD,
    responses=problems(401, 403, 404),
)
async def list_notices(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Notices:
    return await notices.list_notices(tx, acting, child_id, now)


router = Router("/", route_handlers=[take_attendance, file_notice, list_notices], tags=["attendance"])
