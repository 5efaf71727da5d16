"""Control of the journal."""

from datetime import date, datetime
from uuid import UUID

from litestar import Response, Router, get
from sqlalchemy.ext.asyncio import AsyncSession

from backend.control import service
from backend.core.access import Access
from backend.core.http import DiaryRequest, attachment, language_of
from backend.core.openapi import problems
from backend.identity.acting import Acting
from schemas.control import SchoolControl, WeeklyCheck


@get(
    "/schools/{school_id:uuid}/control", operation_id="getSchoolControl",
    summary="When each teacher filled the lessons of a week: same day, next day, later, not", access=Access.LEADERS,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_control(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> SchoolControl:
    return await service.of_school(tx, acting, school_id, day, now)


@get(
    "/schools/{school_id:uuid}/control/table", operation_id="getSchoolControlTable",
    summary="The same as CSV for spreadsheets", access=Access.LEADERS, media_type="text/csv",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_table(
    school_id: UUID, request: DiaryRequest, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> Response[bytes]:
    control = await service.of_school(tx, acting, school_id, day, now)
    table = service.as_csv(control, language_of(request))
    return attachment(table, "text/csv", f"control-{control.first_day}.csv")


@get(
    "/classes/{class_id:uuid}/weekly-check", operation_id="getWeeklyCheck",
    summary="A class teacher's week: gaps, missing marks, absences in a row, sharp drops, trend", access=Access.CLASS,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_weekly_check(
    class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> WeeklyCheck:
    return await service.of_class(tx, acting, class_id, day, now)


router = Router("/", route_handlers=[get_control, get_table, get_weekly_check], tags=["control"])
