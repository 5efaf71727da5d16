"""Meetings."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.meetings import service
from schemas.meetings import CallMeeting, Meeting, Meetings


@post(
    "/classes/{class_id:uuid}/meetings",
    operation_id="callMeeting",
    summary="Call the parents of a class together",
    access=Access.CLASS,
    responses=problems(401, 403, 404, 409, 422),
)
async def call_meeting(
    class_id: UUID,
    data: CallMeeting,
    tx: AsyncSession,
    acting: Acting,
    now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Meeting:
    return await once(
        tx, acting.account_id, f"callMeeting/{class_id}", idempotency_key, data, Meeting, now,
        lambda: service.call(tx, acting, class_id, data, now),
    )  # fmt: skip


@get(
    "/children/{child_id:uuid}/meetings",
    operation_id="listMeetings",
    summary="Coming meetings about a child's class",
    access=Access.CHILD,
    responses=problems(401, 403, 404),
)
async def list_meetings(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Meetings:
    return await service.coming(tx, acting, child_id, now)


router = Router("/", route_handlers=[call_meeting, list_meetings], tags=["meetings"])
