"""Announcements, news, the ribbon of events."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, patch, post, put
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.board import events, service
from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from schemas import board as wire

After = Annotated[str | None, QueryParameter(max_length=100, description="`next` of the page before")]


@post(
    "/schools/{school_id:uuid}/announcements", operation_id="publishAnnouncement",
    summary="Announce something to a class, several or the school, now or at a time", access=Access.PUBLISHERS,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def publish(
    school_id: UUID, data: wire.PublishAnnouncement, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.ManagedAnnouncement:  # fmt: skip
    return await once(
        tx, acting.account_id, f"publishAnnouncement/{school_id}", idempotency_key, data, wire.ManagedAnnouncement,
        now, lambda: service.publish(tx, acting, school_id, data, now),
    )  # fmt: skip


@get(
    "/schools/{school_id:uuid}/announcements", operation_id="listSchoolAnnouncements",
    summary="What one may change of a school's announcements, planned and expired ones too",
    access=Access.PUBLISHERS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_of_school(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, after: After = None
) -> wire.ManagedAnnouncements:
    return await service.of_school(tx, acting, school_id, after, now)


@get(
    "/announcements", operation_id="listAnnouncements", summary="Announcements and news that concern one now",
    access=Access.SELF, responses=problems(401, 403, 422),
)  # fmt: skip
async def list_of_person(
    tx: AsyncSession, acting: Acting, now: datetime, kind: wire.AnnouncementKind | None = None, after: After = None
) -> wire.Announcements:
    return await service.of_person(tx, acting, kind, after, now)


@get(
    "/announcements/{announcement_id:uuid}", operation_id="getAnnouncement", summary="An announcement",
    access=Access.TIED, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_one(announcement_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.Announcement:
    return await service.one(tx, acting, announcement_id, now)


@patch(
    "/announcements/{announcement_id:uuid}", operation_id="changeAnnouncement",
    summary="Change an announcement; nobody is alerted unless asked", access=Access.PUBLISHERS,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def change(
    announcement_id: UUID, data: wire.ChangeAnnouncement, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.ManagedAnnouncement:
    return await service.change(tx, acting, announcement_id, data, now)


@delete(
    "/announcements/{announcement_id:uuid}", operation_id="takeBackAnnouncement",
    summary="Take an announcement back; its alert goes, its record stays", access=Access.PUBLISHERS,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def take_back(announcement_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await service.take_back(tx, acting, announcement_id, now)


@get(
    "/schools/{school_id:uuid}/events", operation_id="listEvents",
    summary="The school's ribbon of events, without dates of the coming 30 days", access=Access.TIED,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_events(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, first: date | None = None,
    last: date | None = None, kind: wire.EventKind | None = None,
) -> wire.SchoolEvents:  # fmt: skip
    return await events.between(tx, acting, school_id, first, last, kind, now)


@post(
    "/schools/{school_id:uuid}/events", operation_id="createEvent", summary="Put an event on the ribbon",
    access=Access.CLASS, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def create_event(
    school_id: UUID, data: wire.SetEvent, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.SchoolEvent:  # fmt: skip
    return await once(
        tx, acting.account_id, f"createEvent/{school_id}", idempotency_key, data, wire.SchoolEvent, now,
        lambda: events.create(tx, acting, school_id, data, now),
    )  # fmt: skip


@put(
    "/events/{event_id:uuid}", operation_id="changeEvent", summary="Change an event", access=Access.CLASS,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def change_event(
    event_id: UUID, data: wire.SetEvent, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.SchoolEvent:
    return await events.change(tx, acting, event_id, data, now)


@delete(
    "/events/{event_id:uuid}", operation_id="removeEvent", summary="Take an event off the ribbon",
    access=Access.CLASS, responses=problems(401, 403, 404),
)  # fmt: skip
async def remove_event(event_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await events.remove(tx, acting, event_id, now)


router = Router(
    "/",
    route_handlers=[
        publish, list_of_school, list_of_person, get_one, change, take_back, list_events, create_event, change_event,
        remove_event,
    ],
    tags=["board"],
)  # fmt: skip
