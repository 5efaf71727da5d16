"""Works and marks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, patch, post, put
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.journal import finals, service
from backend.journal.remark_routes import handlers as remark_handlers
from backend.journal.year_routes import handlers as year_handlers
from schemas.finals import ChildFinals, ClosePeriod, Finals, PeriodClosed, SetFinals
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
    access=Access.MARKERS,
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
    access=Access.MARKERS,
    responses=problems(401, 403, 404, 412, 422),
)
async def set_marks(work_id: UUID, data: SetMarks, tx: AsyncSession, acting: Acting, now: datetime) -> Marks:
    return await service.set_marks(tx, acting, work_id, data, now)


@get(
    "/works/{work_id:uuid}/marks/{student_id:uuid}/{slot:int}/history",
    operation_id="getMarkHistory",
    summary="All versions of a mark: who, when, what, why",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 422),
)
async def get_history(
    work_id: UUID,
    student_id: UUID,
    slot: Annotated[int, Parameter(ge=1, le=9)],
    tx: AsyncSession,
    acting: Acting,
    now: datetime,
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


@get(
    "/groups/{group_id:uuid}/subjects/{subject_id:uuid}/periods/{period_id:uuid}/finals",
    operation_id="getFinals",
    summary="Finals of a group: what is proposed and why, and what was decided",
    access=Access.TEACHER,
    responses=problems(401, 403, 404),
)
async def get_finals(
    group_id: UUID, subject_id: UUID, period_id: UUID, tx: AsyncSession, acting: Acting, now: datetime
) -> Finals:
    return await finals.page(tx, acting, group_id, subject_id, period_id, now)


@put(
    "/groups/{group_id:uuid}/subjects/{subject_id:uuid}/periods/{period_id:uuid}/finals",
    operation_id="setFinals",
    summary="Decide over finals; families see them when the period is closed",
    access=Access.TEACHER,
    responses=problems(401, 403, 404, 409, 412, 422),
)
async def set_finals(
    group_id: UUID, subject_id: UUID, period_id: UUID, data: SetFinals, tx: AsyncSession, acting: Acting, now: datetime
) -> Finals:
    return await finals.decide(tx, acting, group_id, subject_id, period_id, data, now)


@put(
    "/classes/{class_id:uuid}/periods/{period_id:uuid}/closing",
    operation_id="closePeriod",
    summary="Close a period for a class, or open it again with a reason",
    access=Access.DEPUTY,
    responses=problems(401, 403, 404, 409, 422),
)
async def close_period(
    class_id: UUID, period_id: UUID, data: ClosePeriod, tx: AsyncSession, acting: Acting, now: datetime
) -> PeriodClosed:
    return await finals.close(tx, acting, class_id, period_id, data, now)


@get(
    "/children/{child_id:uuid}/finals",
    operation_id="getChildFinals",
    summary="A child's finals of closed periods",
    access=Access.CHILD,
    responses=problems(401, 403, 404),
)
async def get_child_finals(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> ChildFinals:
    return await finals.of_child(tx, acting, child_id, now)


router = Router(
    "/",
    route_handlers=[
        give_work, set_marks, get_history, list_corrections, decide_correction, get_settings, change_settings,
        get_finals, set_finals, close_period, get_child_finals, *remark_handlers, *year_handlers,
    ],
    tags=["journal"],
)  # fmt: skip
