"""Finals of a year, exams, the final certification."""

from datetime import datetime
from uuid import UUID

from litestar import get, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.journal import year_finals
from schemas.finals import SetFinals, YearFinals, YearKind

_PATH = "/groups/{group_id:uuid}/subjects/{subject_id:uuid}/years/{year_id:uuid}/finals"


@get(
    _PATH, operation_id="getYearFinals",
    summary="Finals of a year, exams or certificates of a group: what is proposed, what was decided",
    access=Access.TEACHER, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_finals(
    group_id: UUID, subject_id: UUID, year_id: UUID, kind: YearKind, tx: AsyncSession, acting: Acting, now: datetime
) -> YearFinals:
    return await year_finals.page(tx, acting, group_id, subject_id, year_id, kind, now)


@put(
    _PATH, operation_id="setYearFinals",
    summary="Decide over finals of a year, exams or certificates", access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 412, 422),
)  # fmt: skip
async def set_finals(
    group_id: UUID, subject_id: UUID, year_id: UUID, kind: YearKind, data: SetFinals, tx: AsyncSession, acting: Acting,
    now: datetime,
) -> YearFinals:  # fmt: skip
    return await year_finals.decide(tx, acting, group_id, subject_id, year_id, kind, data, now)


handlers = [get_finals, set_finals]
