"""Changes by date, and substitutes."""

from datetime import date, datetime
from uuid import UUID

from litestar import get, patch, post
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.timetable import changes
from schemas.timetable import AbsenceOfTeacher, AddLesson, ChangeLesson, DatedLesson, Substitute, Substituted

_WRITE = problems(401, 403, 404, 409, 422)


@patch(
    "/lessons/{lesson_id:uuid}", operation_id="changeLesson",
    summary="Cancel, move or change a lesson on its date; families are told", access=Access.MANAGERS, responses=_WRITE,
)  # fmt: skip
async def change_lesson(
    lesson_id: UUID, data: ChangeLesson, tx: AsyncSession, acting: Acting, now: datetime
) -> DatedLesson:
    return await changes.change_lesson(tx, acting, lesson_id, data, now)


@post(
    "/groups/{group_id:uuid}/lessons", operation_id="addLesson", summary="Add a lesson on a date; families are told",
    access=Access.MANAGERS, responses=_WRITE,
)  # fmt: skip
async def add_lesson(
    group_id: UUID, data: AddLesson, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> DatedLesson:  # fmt: skip
    return await once(
        tx, acting.account_id, f"addLesson/{group_id}", idempotency_key, data, DatedLesson, now,
        lambda: changes.add_lesson(tx, acting, group_id, data, now),
    )  # fmt: skip


@get(
    "/schools/{school_id:uuid}/teachers/{teacher_id:uuid}/absence", operation_id="getAbsenceOfTeacher",
    summary="The lessons that a teacher who is away leaves, each with who is free", access=Access.MANAGERS,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_absence(
    school_id: UUID, teacher_id: UUID, first: date, last: date, tx: AsyncSession, acting: Acting, now: datetime
) -> AbsenceOfTeacher:
    return await changes.absence_of_teacher(tx, acting, school_id, teacher_id, first, last, now)


@post(
    "/schools/{school_id:uuid}/substitutions", operation_id="substitute",
    summary="Give lessons to substitutes or cancel them, in one request", access=Access.MANAGERS, responses=_WRITE,
)  # fmt: skip
async def substitute(
    school_id: UUID, data: Substitute, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Substituted:  # fmt: skip
    return await once(
        tx, acting.account_id, f"substitute/{school_id}", idempotency_key, data, Substituted, now,
        lambda: changes.substitute(tx, acting, school_id, data, now),
    )  # fmt: skip


handlers = [change_lesson, add_lesson, get_absence, substitute]
