"""Homework."""

from datetime import datetime
from uuid import UUID

from litestar import Router, post
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.homework import service
from backend.identity.acting import Acting
from schemas.homework import GiveHomework, Homework


@post(
    "/lessons/{lesson_id:uuid}/homework",
    operation_id="giveHomework",
    summary="Give homework at a lesson",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 422),
)
async def give_homework(
    lesson_id: UUID,
    data: GiveHomework,
    tx: AsyncSession,
    acting: Acting,
    now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Homework:
    return await once(
        tx, acting.account_id, f"giveHomework/{lesson_id}", idempotency_key, data, Homework, now,
        lambda: service.give(tx, acting, lesson_id, data, now),
    )  # fmt: skip


router = Router("/", route_handlers=[give_homework], tags=["homework"])
