"""Remarks, praise, behaviour."""

from datetime import date, datetime
from uuid import UUID

from litestar import delete, get, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.journal import remark_answers, remarks
from schemas.remarks import (
    AcknowledgeRemark,
    ClassBehaviour,
    GiveRemark,
    GiveRemarkToChild,
    Remark,
    RemarkAcknowledged,
    Remarks,
    SetBehaviour,
)


@post(
    "/lessons/{lesson_id:uuid}/remarks", operation_id="giveRemark", summary="A remark or praise at a lesson",
    access=Access.TEACHER, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def give_remark(
    lesson_id: UUID, data: GiveRemark, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Remark:  # fmt: skip
    return await once(
        tx, acting.account_id, f"giveRemark/{lesson_id}", idempotency_key, data, Remark, now,
        lambda: remarks.at_lesson(tx, acting, lesson_id, data, now),
    )  # fmt: skip


@post(
    "/children/{child_id:uuid}/remarks", operation_id="giveRemarkToChild",
    summary="A remark or praise outside of lessons", access=Access.CHILD_LED,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def give_remark_to_child(
    child_id: UUID, data: GiveRemarkToChild, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Remark:  # fmt: skip
    return await once(
        tx, acting.account_id, f"giveRemarkToChild/{child_id}", idempotency_key, data, Remark, now,
        lambda: remarks.to_child(tx, acting, child_id, data, now),
    )  # fmt: skip


@delete(
    "/remarks/{remark_id:uuid}", operation_id="takeBackRemark", summary="Take a remark back; its record stays",
    access=Access.AUTHOR, responses=problems(401, 403, 404),
)  # fmt: skip
async def take_back_remark(remark_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await remarks.take_back(tx, acting, remark_id, now)


@get(
    "/children/{child_id:uuid}/remarks", operation_id="listRemarks",
    summary="Remarks and praise of a child, and the behaviour of its weeks", access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_remarks(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, first: date | None = None, last: date | None = None
) -> Remarks:
    return await remarks.of_child(tx, acting, child_id, first, last, now)


@get(
    "/classes/{class_id:uuid}/behaviour/{day:date}", operation_id="getBehaviour",
    summary="The behaviour of a class in the week of a day", access=Access.CLASS, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_behaviour(class_id: UUID, day: date, tx: AsyncSession, acting: Acting, now: datetime) -> ClassBehaviour:
    return await remarks.class_behaviour(tx, acting, class_id, day, now)


@put(
    "/classes/{class_id:uuid}/behaviour/{day:date}", operation_id="setBehaviour",
    summary="Set the behaviour of a class's students in the week of a day", access=Access.CLASS,
    responses=problems(401, 403, 404, 412, 422),
)  # fmt: skip
async def set_behaviour(
    class_id: UUID, day: date, data: SetBehaviour, tx: AsyncSession, acting: Acting, now: datetime
) -> ClassBehaviour:
    return await remarks.set_behaviour(tx, acting, class_id, day, data, now)


@get(
    "/remarks/{remark_id:uuid}", operation_id="getRemark", summary="A remark with what the parents said of it",
    access=Access.AUTHOR, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_remark(remark_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> Remark:
    return await remark_answers.read(tx, acting, remark_id, now)


@put(
    "/remarks/{remark_id:uuid}/acknowledgement", operation_id="acknowledgeRemark",
    summary="Note as a parent that one has seen a remark, and answer it once", access=Access.GUARDIAN,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def acknowledge_remark(
    remark_id: UUID, data: AcknowledgeRemark, tx: AsyncSession, acting: Acting, now: datetime
) -> RemarkAcknowledged:
    return await remark_answers.acknowledge(tx, acting, remark_id, data, now)


handlers = [
    give_remark, give_remark_to_child, take_back_remark, list_remarks, get_behaviour, set_behaviour, get_remark,
    acknowledge_remark,
]  # fmt: skip
