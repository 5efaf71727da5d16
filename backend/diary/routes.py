"""The diary as a family reads it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import MediaType, Response, Router, get
from litestar.datastructures import ResponseHeader
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import DiaryRequest, IfNoneMatch, known_tags, language_of
from backend.core.openapi import not_modified, problems
from backend.diary.progress_routes import handlers as progress_handlers
from backend.diary.service import DiaryDesk, Page, Wish
from backend.identity.acting import Acting, Bearer, read_bearer
from backend.school import account_repository as accounts
from schemas.diary import DiaryDay, DiaryWeek
from schemas.progress import ChildrenDay

# Kept by the app that asked, and asked about each time (RFC 9111 section 5.2.2.4).
_KEPT = [ResponseHeader(name="Cache-Control", value="private, no-cache", documentation_only=False)]


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
    diary: DiaryDesk,
    day: date | None = None,
    if_none_match: IfNoneMatch = None,
) -> Response[DiaryDay]:
    wish, bearer, now = _asked(request, diary, child_id, day, if_none_match)
    return _answer(await diary.day(bearer, wish, now))


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
    diary: DiaryDesk,
    day: date | None = None,
    if_none_match: IfNoneMatch = None,
) -> Response[DiaryWeek]:
    wish, bearer, now = _asked(request, diary, child_id, day, if_none_match)
    return _answer(await diary.week(bearer, wish, now))


def _asked(
    request: DiaryRequest, diary: DiaryDesk, child_id: UUID, day: date | None, tags: str | None
) -> tuple[Wish, Bearer, datetime]:
    """By hand, for these are asked most: several dependencies would be resolved by tasks of their own."""
    now = diary.clock()
    bearer = read_bearer(request, diary.token_key, now)
    return Wish(child_id, day, known_tags(tags), language_of(request)), bearer, now


def _answer(page: Page) -> Response[Any]:
    headers = {"ETag": page.tag, "Vary": "Authorization, Accept-Language"}
    if page.body is None:
        return Response(None, status_code=304, headers=headers)
    return Response(page.body, headers=headers, media_type=MediaType.JSON)


@get(
    "/me/children/day",
    operation_id="getChildrenDay",
    summary="The day of each of one's children in one request",
    access=Access.SELF,
    responses=problems(401, 403, 422),
)
async def get_children_day(
    diary: DiaryDesk, bearer: Bearer, tx: AsyncSession, acting: Acting, now: datetime, day: date | None = None
) -> Response[ChildrenDay]:
    children = await accounts.children_of(tx, acting.account_id, now)
    return Response(await diary.children_day(bearer, children, day, now), media_type=MediaType.JSON)  # type: ignore[arg-type]


router = Router("/", route_handlers=[get_day, get_week, get_children_day, *progress_handlers], tags=["diary"])
