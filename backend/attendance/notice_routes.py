"""Absence notices."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router, get, patch, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notice_decisions, notices
from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from schemas.attendance import (
    ChangeNotice,
    ClassNotices,
    DecideNotice,
    FileNotice,
    Notice,
    NoticeChanged,
    NoticeFiled,
    Notices,
    SchoolAbsences,
)


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


@patch(
    "/absence-notices/{notice_id:uuid}",
    operation_id="changeAbsenceNotice",
    summary="Shorten or extend an own absence notice, or change its comment",
    access=Access.FILER,
    responses=problems(401, 403, 404, 409, 422),
)
async def change_notice(
    notice_id: UUID, data: ChangeNotice, tx: AsyncSession, acting: Acting, now: datetime
) -> NoticeChanged:
    return await notices.change(tx, acting, notice_id, data, now)


@put(
    "/absence-notices/{notice_id:uuid}/cancellation",
    operation_id="cancelAbsenceNotice",
    summary="Take an own absence notice back before it begins",
    access=Access.FILER,
    status_code=204,
    responses=problems(401, 403, 404, 409),
)
async def cancel_notice(notice_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await notices.cancel(tx, acting, notice_id, now)


@put(
    "/absence-notices/{notice_id:uuid}/decision",
    operation_id="decideAbsenceNotice",
    summary="Accept an absence notice, or decline it with a reason",
    access=Access.CHILD_LED,
    responses=problems(401, 403, 404, 409, 422),
)
async def decide_notice(notice_id: UUID, data: DecideNotice, tx: AsyncSession, acting: Acting, now: datetime) -> Notice:
    return await notice_decisions.decide(tx, acting, notice_id, data, now)


@get(
    "/classes/{class_id:uuid}/absence-notices",
    operation_id="listClassAbsenceNotices",
    summary="Absence notices of a class: of today, to come, and of the last two weeks",
    access=Access.CLASS,
    responses=problems(401, 403, 404),
)
async def list_class_notices(class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> ClassNotices:
    return await notice_decisions.of_class(tx, acting, class_id, now)


@get(
    "/schools/{school_id:uuid}/absences",
    operation_id="getSchoolAbsences",
    summary="Whom parents have excused at a school on a day, and why",
    access=Access.HEALTH,
    responses=problems(401, 403, 404, 422),
)
async def get_school_absences(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> SchoolAbsences:
    return await notice_decisions.of_school(tx, acting, school_id, day, now)


router = Router(
    "/",
    route_handlers=[
        file_notice, list_notices, change_notice, cancel_notice, decide_notice, list_class_notices, get_school_absences,
    ],
    tags=["absence notices"],
)  # fmt: skip
