"""The journal page of a lesson."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.register import service
from schemas.register import JournalPage


@get(
    "/lessons/{lesson_id:uuid}",
    operation_id="getJournalPage",
    summary="The journal page of a lesson: students, works, marks, attendance, homework",
    access=Access.TEACHER,
    responses=problems(401, 403, 404),
)
async def get_journal_page(lesson_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> JournalPage:
    return await service.journal_page(tx, acting, lesson_id, now)


router = Router("/", route_handlers=[get_journal_page], tags=["register"])
