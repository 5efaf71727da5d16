"""Works and marks."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get, patch, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.journal import service
from schemas.journal import (
    ChangeJournalSettings,
    CorrectionDecided,
    Corrections,
    DecideCorrection,
    GiveWork,
    JournalSettings,
    MarkHistory,
    Marks,
    SetMarks,
    Work,
)


@post(
    "/works",
    operation_id="giveWork",
    summary="Give a work to the group of a lesson",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 422),
)
async def give_work(
    data: GiveWork, tx: AsyncSession, acting: Acting, now: datetime, idempotency_key: IdempotencyKey = None
) -> Work:
    return await once(
        tx, acting.account_id, "giveWork", idempotency_key, data, Work, now,
        lambda: service.give_work(tx, acting, data, now),
    )  # fmt: skip


@put(
    "/works/{work_id:uuid}/marks",
    operation_id="setMarks",
    summary="Set, correct or remove marks of a work in one batch",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 412, 422),
)
async def set_marks(work_id: UUID, data: SetMarks, tx: AsyncSession, acting: Acting, now: datetime) -> Marks:
    return await service.set_marks(tx, acting, work_id, data, now)


@get(
    "/works/{work_id:uuid}/marks/{student_id:uuid}/{slot:int}/history",
    operation_id="getMarkHistory",
    summary="All versions of a mark: who, when, what, why",
    access=Access.TEACHER,
    responses=problems(401, 403, 404),
)
async def get_history(
    work_id: UUID, student_id: UUID, slot: int, tx: AsyncSession, acting: Acting, now: datetime
) -> MarkHistory:
    return await service.mark_history(tx, acting, work_id, student_id, slot, now)


@get(
    "/corrections",
    operation_id="listCorrections",
    summary="Late corrections that wait for one's decision as a deputy director",
    access=Access.SELF,
    responses=problems(401, 403),
)
async def list_corrections(tx: AsyncSession, acting: Acting, now: datetime) -> Corrections:
    return await service.waiting_corrections(tx, acting, now)


@put(
    "/corrections/{correction_id:uuid}",
    operation_id="decideCorrection",
    summary="Approve or decline a late correction",
    access=Access.DEPUTY,
    responses=problems(401, 403, 404, 409, 422),
)
async def decide_correction(
    correction_id: UUID, data: DecideCorrection, tx: AsyncSession, acting: Acting, now: datetime
) -> CorrectionDecided:
    return await service.decide_correction(tx, acting, correction_id, data, now)


@get(
    "/schools/{school_id:uuid}/journal-settings",
    operation_id="getJournalSettings",
    summary="How a school keeps its journal: weights of works, delay of marks",
    access=Access.STAFF,
    responses=problems(401, 403, 404),
)
async def get_settings(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> JournalSettings:
    return await service.settings(tx, acting, school_id, now)


@patch(
    "/schools/{school_id:uuid}/journal-settings",
    operation_id="changeJournalSettings",
    summary="Change how a school keeps its journal",
    access=Access.DEPUTY,
    responses=problems(401, 403, 404, 422),
)
async def change_settings(
    school_id: UUID, data: ChangeJournalSettings, tx: AsyncSession, acting: Acting, now: datetime
) -> JournalSettings:
    return await service.change_settings(tx, acting, school_id, data, now)


router = Router(
    "/",
    route_handlers=[
        give_work, set_marks, get_history, list_corrections, decide_correction, get_settings, change_settings,
    ],
    tags=["journal"],
)  # fmt: skip
