"""The diary as a family reads it."""

from datetime import date, datetime
from typing import Annotated, TypeVar
from uuid import UUID

from litestar import Response, Router, get
from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter

from backend.core.access import Access
from backend.core.db import Database
from backend.core.http import DiaryRequest, language_of
from backend.core.openapi import not_modified, problems
from backend.diary import service
from backend.diary.rules import known_tags
from backend.diary.service import Page, Wish
from backend.identity.acting import Bearer
from schemas.diary import DiaryDay, DiaryWeek

IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(name="If-None-Match", description="The ETag of an earlier answer: unchanged, it is 304 and empty"),
]

# Kept by the app that asked, and asked about each time (RFC 9111 section 5.2.2.4).
_KEPT = [ResponseHeader(name="Cache-Control", value="private, no-cache", documentation_only=False)]

T = TypeVar("T")


@get(
    "/children/{child_id:uuid}/day",
    operation_id="getDiaryDay",
    summary="A child's day: lessons, marks, absences, homework",
    access=Access.CHILD,
    response_headers=_KEPT,
    responses=not_modified() | problems(401, 403, 404, 422),
)
async def get_day(
    child_id: UUID,
    request: DiaryRequest,
    database: Database,
    bearer: Bearer,
    now: datetime,
    day: date | None = None,
    if_none_match: IfNoneMatch = None,
) -> Response[DiaryDay]:
    wish = Wish(child_id, day, known_tags(if_none_match), language_of(request))
    return _answer(await service.day(database, bearer, wish, now))


@get(
    "/children/{child_id:uuid}/week",
    operation_id="getDiaryWeek",
    summary="A child's week in one request, with the averages of the period",
    access=Access.CHILD,
    response_headers=_KEPT,
    responses=not_modified() | problems(401, 403, 404, 422),
)
async def get_week(
    child_id: UUID,
    request: DiaryRequest,
    database: Database,
    bearer: Bearer,
    now: datetime,
    day: date | None = None,
    if_none_match: IfNoneMatch = None,
) -> Response[DiaryWeek]:
    wish = Wish(child_id, day, known_tags(if_none_match), language_of(request))
    return _answer(await service.week(database, bearer, wish, now))


def _answer(page: Page[T]) -> Response[T]:
    headers = {"ETag": page.tag, "Vary": "Authorization, Accept-Language"}
    if page.body is None:
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(page.body, headers=headers)


router = Router("/", route_handlers=[get_day, get_week], tags=["diary"])
