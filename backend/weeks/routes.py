"""Weeks that parents look through and sign."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router, get, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.weeks import service
from schemas.weeks import ClassWeek, SignedWeek, SignedWeeks


@put(
    "/children/{child_id:uuid}/weeks/{day:date}/acknowledgement", operation_id="signWeek",
    summary="Sign the week of a day, for oneself", access=Access.GUARDIAN, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def sign_week(child_id: UUID, day: date, tx: AsyncSession, acting: Acting, now: datetime) -> SignedWeek:
    return await service.sign(tx, acting, child_id, day, now)


@get(
    "/children/{child_id:uuid}/weeks", operation_id="listSignedWeeks",
    summary="The weeks that can be signed, and which of them one has", access=Access.GUARDIAN,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def list_weeks(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> SignedWeeks:
    return await service.of_child(tx, acting, child_id, now)


@get(
    "/classes/{class_id:uuid}/weeks/{day:date}", operation_id="getClassWeek",
    summary="Who has signed the week of a day, and who has not", access=Access.CLASS,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_class_week(class_id: UUID, day: date, tx: AsyncSession, acting: Acting, now: datetime) -> ClassWeek:
    return await service.of_class(tx, acting, class_id, day, now)


router = Router("/", route_handlers=[sign_week, list_weeks, get_class_week], tags=["weeks"])
