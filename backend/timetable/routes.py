"""The timetable as people see it."""

from datetime import date

from litestar import Router, get
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.timetable import service
from schemas.timetable import TeacherDay


@get(
    "/teacher/day", operation_id="getTeacherDay", summary="The lessons that one teaches on a day",
    access=Access.SELF, responses=problems(401, 403, 422),
)  # fmt: skip
async def get_teacher_day(day: date, tx: AsyncSession, acting: Acting) -> TeacherDay:
    return await service.teacher_day(tx, acting.account_id, day)


router = Router("/", route_handlers=[get_teacher_day], tags=["timetable"])
