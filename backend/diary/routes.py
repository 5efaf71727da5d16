"""The diary as a family reads it."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router, get
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.diary import service
from backend.identity.acting import Acting
from schemas.diary import DiaryDay, DiaryWeek


@get(
    "/children/{child_id:uuid}/day",
    operation_id="getDiaryDay",
    summary="A child's day: lessons, marks, absences, homework",
    access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)
async def get_day(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None) -> DiaryDay:
    return await service.day(tx, acting, child_id, day, now)


@get(
    "/children/{child_id:uuid}/week",
    operation_id="getDiaryWeek",
    summary="A child's week in one request, with the averages of the period",
    access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)
async def get_week(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> DiaryWeek:
    return await service.week(tx, acting, child_id, day, now)


router = Router("/", route_handlers=[get_day, get_week], tags=["diary"])
