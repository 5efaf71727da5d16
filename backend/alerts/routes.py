"""Devices and the inbox."""

from datetime import datetime
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import service
from backend.core.access import Access
from backend.core.http import DiaryRequest, language_of
from backend.core.openapi import problems
from backend.identity.acting import Acting
from push.devices import DeviceKeys
from push.wording import Texts
from schemas.push import (
    Acknowledge,
    Changes,
    Devices,
    Inbox,
    MarkAllRead,
    MarkRead,
    Preferences,
    RegisterDevice,
    Unread,
)


@put(
    "/devices/{installation_id:uuid}",
    operation_id="registerDevice",
    summary="Register or refresh the app's installation",
    access=Access.SELF,
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 409, 422),
)
async def register_device(
    installation_id: UUID,
    data: RegisterDevice,
    tx: AsyncSession,
    acting: Acting,
    device_keys: DeviceKeys,
    now: datetime,
) -> None:
    await service.register_device(tx, acting, installation_id, data, device_keys, now)


@delete(
    "/devices/{installation_id:uuid}",
    operation_id="forgetDevice",
    summary="Stop alerts for oneself on a device",
    access=Access.SELF,
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404),
)
async def forget_device(installation_id: UUID, tx: AsyncSession, acting: Acting) -> None:
    await service.forget_device(tx, acting, installation_id)


@get(
    "/devices", operation_id="listDevices", summary="The own devices",
    access=Access.SELF, responses=problems(401, 403),
)  # fmt: skip
async def list_devices(tx: AsyncSession, acting: Acting, now: datetime) -> Devices:
    return await service.list_devices(tx, acting, now)


@get(
    "/alerts",
    operation_id="listAlerts",
    summary="The inbox, newest first",
    access=Access.SELF,
    responses=problems(401, 403, 422),
)
async def list_alerts(
    request: DiaryRequest, tx: AsyncSession, acting: Acting, texts: Texts, now: datetime, cursor: str | None = None
) -> Inbox:
    return await service.list_alerts(tx, acting, texts, language_of(request), cursor, now)


@post(
    "/alerts/read",
    operation_id="markAlertsRead",
    summary="Note alerts as read, on all devices",
    access=Access.SELF,
    status_code=HTTP_200_OK,
    responses=problems(401, 403, 422),
)
async def mark_read(data: MarkRead, tx: AsyncSession, acting: Acting, now: datetime) -> Unread:
    return await service.mark_read(tx, acting, data, now)


@post(
    "/alerts/read-all",
    operation_id="markAllAlertsRead",
    summary="Note all alerts as read, on all devices",
    access=Access.SELF,
    status_code=HTTP_200_OK,
    responses=problems(401, 403, 422),
)
async def mark_all_read(data: MarkAllRead, tx: AsyncSession, acting: Acting, now: datetime) -> Unread:
    return await service.mark_all_read(tx, acting, data, now)


@post(
    "/alerts/acknowledgements",
    operation_id="acknowledgeAlerts",
    summary="Say what reached the app and what was opened",
    access=Access.SELF,
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 422),
)
async def acknowledge(data: Acknowledge, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await service.acknowledge(tx, acting, data, now)


@get(
    "/alerts/changes",
    operation_id="listAlertChanges",
    summary="What is new, read or withdrawn since the last sync",
    access=Access.SELF,
    responses=problems(401, 403, 422),
)
async def list_changes(
    request: DiaryRequest, tx: AsyncSession, acting: Acting, texts: Texts, now: datetime, since: str | None = None
) -> Changes:
    return await service.list_changes(tx, acting, texts, language_of(request), since, now)


@get(
    "/preferences", operation_id="getPreferences", summary="How one is told: at once, in a summary, in the feed only",
    access=Access.SELF, responses=problems(401, 403),
)  # fmt: skip
async def get_preferences(tx: AsyncSession, acting: Acting) -> Preferences:
    return await service.get_preferences(tx, acting)


@put(
    "/preferences",
    operation_id="setPreferences",
    summary="Replace how one is told",
    access=Access.SELF,
    responses=problems(401, 403, 422),
)
async def set_preferences(data: Preferences, tx: AsyncSession, acting: Acting, now: datetime) -> Preferences:
    return await service.set_preferences(tx, acting, data, now)


router = Router(
    "/",
    route_handlers=[
        register_device,
        forget_device,
        list_devices,
        list_alerts,
        list_changes,
        mark_read,
        mark_all_read,
        acknowledge,
        get_preferences,
        set_preferences,
    ],
    tags=["alerts"],
)
