"""Signing in, sessions, the own password and language."""

from datetime import datetime
from uuid import UUID

from litestar import Router, delete, get, patch, post, put
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import DiaryRequest, client_address
from backend.core.openapi import PublicOperation, problems
from backend.core.settings import Settings
from backend.identity import service
from backend.identity.acting import Acting, Bearer
from backend.identity.service import IsStaff, SignInDesk
from schemas.identity import ChangeMe, Refresh, Sessions, SetPassword, SignIn, Tokens


@post(
    "/sessions",
    operation_id="signIn",
    summary="Sign in on a device",
    operation_class=PublicOperation,
    access=Access.PUBLIC,
    responses=problems(401, 422, 429),
)
async def sign_in(request: DiaryRequest, data: SignIn, desk: SignInDesk, settings: Settings, now: datetime) -> Tokens:
    return await desk.sign_in(data, client_address(request, settings.client_address_header), now)


@post(
    "/sessions/refresh",
    operation_id="refreshSession",
    summary="Exchange a refresh token for the next pair",
    operation_class=PublicOperation,
    access=Access.PUBLIC,
    status_code=HTTP_200_OK,
    responses=problems(401, 422),
)
async def refresh_session(data: Refresh, desk: SignInDesk, is_staff: IsStaff, now: datetime) -> Tokens:
    return await desk.refresh(data, now, staff=is_staff)


@get(
    "/sessions", operation_id="listSessions", summary="Devices that are signed in",
    access=Access.SELF, responses=problems(401, 403),
)  # fmt: skip
async def list_sessions(tx: AsyncSession, acting: Acting) -> Sessions:
    return Sessions(items=await service.list_sessions(tx, acting))


@delete(
    "/sessions/current",
    operation_id="signOut",
    summary="Sign out on this device",
    access=Access.FIRST_LOGIN,
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(401),
)
async def sign_out(tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await service.end_session(tx, acting, acting.session_id, now)


@delete(
    "/sessions/{session_id:uuid}",
    operation_id="endSession",
    summary="Sign another device out, at once",
    access=Access.SELF,
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404),
)
async def end_session(session_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await service.end_session(tx, acting, session_id, now)


@put(
    "/me/password",
    operation_id="setPassword",
    summary="Set the own password; other sessions end",
    access=Access.FIRST_LOGIN,
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(401, 422, 429),
)
async def set_password(
    request: DiaryRequest, data: SetPassword, desk: SignInDesk, bearer: Bearer, now: datetime
) -> None:
    await desk.set_password(bearer, request.route_handler, data, now)


@patch(
    "/me",
    operation_id="changeMe",
    summary="Change the language of alerts",
    access=Access.SELF,
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 422),
)
async def change_me(data: ChangeMe, tx: AsyncSession, acting: Acting) -> None:
    await service.change_language(tx, acting, data.language)


router = Router(
    "/",
    route_handlers=[sign_in, refresh_session, list_sessions, sign_out, end_session, set_password, change_me],
    tags=["identity"],
)
