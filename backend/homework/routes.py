"""Homework."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router, delete, get, patch, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.homework import child_service, service
from backend.identity.acting import Acting
from schemas.homework import ChangeHomework, ChildHomeworkList, GiveHomework, Homework, TickHomework


@post(
    "/lessons/{lesson_id:uuid}/homework",
    operation_id="giveHomework",
    summary="Give homework at a lesson, to its group or some of its students",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 422),
)
async def give_homework(
    lesson_id: UUID,
    data: GiveHomework,
    tx: AsyncSession,
    acting: Acting,
    now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Homework:
    return await once(
        tx, acting.account_id, f"giveHomework/{lesson_id}", idempotency_key, data, Homework, now,
        lambda: service.give(tx, acting, lesson_id, data, now),
    )  # fmt: skip


@patch(
    "/homework/{homework_id:uuid}",
    operation_id="changeHomework",
    summary="Change homework",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 412, 422),
)
async def change_homework(
    homework_id: UUID, data: ChangeHomework, tx: AsyncSession, acting: Acting, now: datetime
) -> Homework:
    return await service.change(tx, acting, homework_id, data, now)


@delete(
    "/homework/{homework_id:uuid}",
    operation_id="removeHomework",
    summary="Take homework back",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409),
)
async def remove_homework(homework_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await service.remove(tx, acting, homework_id, now)


@get(
    "/children/{child_id:uuid}/homework",
    operation_id="listHomework",
    summary="What a child has to do, by days, subject and kind",
    access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)
async def list_homework(
    child_id: UUID,
    tx: AsyncSession,
    acting: Acting,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
    subject: UUID | None = None,
    mandatory: bool | None = None,
    done: bool | None = None,
) -> ChildHomeworkList:
    return await child_service.of_child(
        tx, acting, child_id, first, last, subject_id=subject, mandatory=mandatory, done=done, now=now
    )


@put(
    "/children/{child_id:uuid}/homework/{homework_id:uuid}/done",
    operation_id="tickHomework",
    summary="Say that a homework is done, or not after all",
    access=Access.STUDENT,
    status_code=204,
    responses=problems(401, 403, 404, 422),
)
async def tick_homework(
    child_id: UUID, homework_id: UUID, data: TickHomework, tx: AsyncSession, acting: Acting, now: datetime
) -> None:
    await child_service.tick(tx, acting, child_id, homework_id, data, now)


router = Router(
    "/",
    route_handlers=[give_homework, change_homework, remove_homework, list_homework, tick_homework],
    tags=["homework"],
)
