"""Works and marks."""

from datetime import datetime
from uuid import UUID

from litestar import Router, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.journal import service
from schemas.journal import GiveWork, Marks, SetMarks, Work


@post(
    "/works",
    operation_id="giveWork",
    summary="Give a work to the group of a lesson",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 422),
)
async def give_work(
    data: GiveWork, tx: AsyncSession, acting: Acting, now: datetime, idempotency_key: IdempotencyKey = None
) -> Work:
    return await once(
        tx, acting.account_id, "giveWork", idempotency_key, data, Work, now,
        lambda: service.give_work(tx, acting, data, now),
    )  # fmt: skip


@put(
    "/works/{work_id:uuid}/marks",
    operation_id="setMarks",
    summary="Set, correct or remove marks of a work in one batch",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 412, 422),
)
async def set_marks(work_id: UUID, data: SetMarks, tx: AsyncSession, acting: Acting, now: datetime) -> Marks:
    return await service.set_marks(tx, acting, work_id, data, now)


router = Router("/", route_handlers=[give_work, set_marks], tags=["journal"])
