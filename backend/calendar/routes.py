"""Calendars to subscribe to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.datastructures import ResponseHeader
from sqlalchemy.ext.asyncio import AsyncSession

from backend.calendar import feeds
from backend.calendar.service import CalendarDesk
from backend.core.access import Access
from backend.core.http import DiaryRequest, IfNoneMatch, known_tags
from backend.core.openapi import PublicOperation, not_modified, problems
from backend.core.settings import Settings
from backend.identity.acting import Acting
from schemas.calendar import CalendarFeeds, CreateCalendarFeed, NewCalendarFeed

# Kept by the program that asked, and asked about each time.
_KEPT = [ResponseHeader(name="Cache-Control", value="private, no-cache", documentation_only=False)]


@post(
    "/me/calendar-feeds", operation_id="createCalendarFeed", summary="A secret address of a calendar to subscribe to",
    access=Access.SELF, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def create_feed(
    data: CreateCalendarFeed, request: DiaryRequest, tx: AsyncSession, acting: Acting, settings: Settings, now: datetime
) -> NewCalendarFeed:
    # No Idempotency-Key: a remembered answer would keep the secret.
    base = settings.public_url or str(request.base_url)
    return await feeds.create(tx, acting, settings.keys, base, data.child_id, now)


@get(
    "/me/calendar-feeds", operation_id="listCalendarFeeds", summary="The calendars that one has addresses of",
    access=Access.SELF, responses=problems(401, 403),
)  # fmt: skip
async def list_feeds(tx: AsyncSession, acting: Acting) -> CalendarFeeds:
    return await feeds.listed(tx, acting)


@delete(
    "/me/calendar-feeds/{calendar_feed_id:uuid}", operation_id="revokeCalendarFeed",
    summary="Revoke an address, at once", access=Access.SELF, responses=problems(401, 403, 404),
)  # fmt: skip
async def revoke_feed(calendar_feed_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await feeds.revoke(tx, acting, calendar_feed_id, now)


@get(
    "/calendar/{name:str}", operation_id="readCalendarFeed",
    summary="A calendar (RFC 5545), by the address that was told when it was made", access=Access.ADDRESS,
    operation_class=PublicOperation, media_type="text/calendar", response_headers=_KEPT,
    responses=not_modified() | problems(404),
)  # fmt: skip
async def read_feed(
    name: str, calendars: CalendarDesk, now: datetime, if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    page = await calendars.read(name, known_tags(if_none_match), now)
    headers: dict[str, Any] = {"ETag": page.tag}
    if page.body is None:
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    headers["Content-Disposition"] = 'inline; filename="diary.ics"'
    return Response(page.body, headers=headers, media_type="text/calendar")


router = Router("/", route_handlers=[create_feed, list_feeds, revoke_feed, read_feed], tags=["calendar"])
