"""The journal page of a lesson."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, put
from litestar.params import HeaderParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.register import service
from schemas.register import JournalPage, LessonSaved, SaveLesson

IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", description="The ETag of the page that was edited: 412 if it has changed since"),
]


@get(
    "/lessons/{lesson_id:uuid}",
    operation_id="getJournalPage",
    summary="The journal page of a lesson: students, works, marks, attendance, homework",
    access=Access.TEACHER,
    responses=problems(401, 403, 404),
)
async def get_journal_page(lesson_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Response[JournalPage]:
    page = await service.journal_page(tx, acting, lesson_id, now)
    return Response(page, headers={"ETag": service.tag_of(page)})


@put(
    "/lessons/{lesson_id:uuid}",
    operation_id="saveLesson",
    summary="Save a lesson's topic, attendance, works with marks and homework in one request",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 412, 422),
)
async def save_lesson(
    lesson_id: UUID,
    data: SaveLesson,
    tx: AsyncSession,
    acting: Acting,
    now: datetime,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response[LessonSaved]:
    saved = await once(
        tx, acting.account_id, f"saveLesson/{lesson_id}", idempotency_key, data, LessonSaved, now,
        lambda: service.save(tx, acting, lesson_id, data, if_match, now),
    )  # fmt: skip
    return Response(saved, headers={"ETag": service.tag_of(saved.page)})


router = Router("/", route_handlers=[get_journal_page, save_lesson], tags=["register"])
