"""Oneself, the own children, class lists, credentials."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.openapi import problems
from backend.core.settings import Settings
from backend.identity.acting import Acting
from backend.identity.passwords import Passwords
from backend.identity.service import issue_one_time_password
from backend.school import rights, service
from schemas.identity import AttachChild, OneTimePassword
from schemas.school import AttachCode, Child, Classes, ClassList, Me


@get(
    "/me", operation_id="getMe", summary="Who is signed in: roles, children, pending steps",
    access=Access.FIRST_LOGIN, responses=problems(401),
)  # fmt: skip
async def get_me(tx: AsyncSession, acting: Acting, now: datetime) -> Me:
    return await service.me(tx, acting, now)


@post(
    "/me/children",
    operation_id="attachChild",
    summary="Attach a further child by the school's code",
    access=Access.SELF,
    responses=problems(401, 403, 409, 422),
)
async def attach_child(data: AttachChild, tx: AsyncSession, acting: Acting, settings: Settings, now: datetime) -> Child:
    return await service.attach_child(tx, acting, settings.keys, data.code, now)


@get(
    "/classes", operation_id="listClasses", summary="Classes that one answers for",
    access=Access.SELF, responses=problems(401, 403),
)  # fmt: skip
async def list_classes(tx: AsyncSession, acting: Acting, now: datetime) -> Classes:
    return Classes(items=await service.classes(tx, acting, now))


@get(
    "/classes/{class_id:uuid}/students",
    operation_id="getClassList",
    summary="Students of a class with their guardians",
    access=Access.CLASS,
    responses=problems(401, 403, 404),
)
async def get_class_list(class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> ClassList:
    return await service.class_list(tx, acting, class_id, now)


@post(
    "/classes/{class_id:uuid}/students/{student_id:uuid}/attach-code",
    operation_id="issueAttachCode",
    summary="A code for one parent to attach the child by",
    access=Access.CLASS,
    responses=problems(401, 403, 404),
)
async def issue_attach_code(
    class_id: UUID, student_id: UUID, tx: AsyncSession, acting: Acting, settings: Settings, now: datetime
) -> AttachCode:
    return await service.issue_attach_code(tx, acting, settings.keys, class_id, student_id, now)


@post(
    "/accounts/{account_id:uuid}/one-time-password",
    operation_id="issueOneTimePassword",
    summary="A new one-time password for somebody of the own class or school",
    access=Access.CREDENTIALS,
    responses=problems(401, 403, 404),
)
async def issue_password(
    account_id: UUID, tx: AsyncSession, acting: Acting, passwords: Passwords, now: datetime
) -> OneTimePassword:
    await rights.require_credentials_of(tx, acting.account_id, account_id, now)
    return await issue_one_time_password(tx, account_id, passwords, now)


router = Router(
    "/",
    route_handlers=[get_me, attach_child, list_classes, get_class_list, issue_attach_code, issue_password],
    tags=["school"],
)
