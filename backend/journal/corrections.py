"""Late corrections: the author asks with a reason, the deputy director decides (DOMAIN.md section 6)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.ids import new_id
from backend.journal.models import CorrectionRequest, MarkVersion
from backend.school import repository as school
from backend.timetable.repository import LessonInSchool
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import CorrectionAsked, CorrectionDecided, Target


async def pending(session: AsyncSession, works: Sequence[UUID]) -> set[tuple[UUID, UUID, int]]:
    """(work, student, slot) of the corrections that wait for the deputy."""
    statement = select(
        col(CorrectionRequest.work_id), col(CorrectionRequest.student_id), col(CorrectionRequest.slot)
    ).where(col(CorrectionRequest.work_id).in_(works), col(CorrectionRequest.decided_at).is_(None))
    return {(work, student, slot) for work, student, slot in await session.execute(statement)}


async def ask(
    session: AsyncSession, lesson: LessonInSchool, rows: Sequence[dict[str, Any]], now: datetime, today: date
) -> None:
    """Writes requests down, and tells the deputies."""
    await session.execute(insert(CorrectionRequest), [row | {"id": new_id()} for row in rows])
    deputies = await school.staff_with_role(session, lesson.school_id, "deputy", today)
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=lesson.school_id,
                account_id=deputy,
                child_id=None,
                body=CorrectionAsked(subject=lesson.subject, group_name=lesson.group_name),
                target=Target(screen="corrections", on=lesson.day),
                thread=f"corrections:{lesson.school_id}",
                entity=f"{row['work_id']}:{row['student_id']}:{row['slot']}",
                occurred_at=now,
                timezone=lesson.timezone,
            )
            for deputy in deputies
            for row in rows
        ],
    )


async def waiting(session: AsyncSession, schools: Sequence[UUID], limit: int) -> list[tuple[CorrectionRequest, Any]]:
    """Requests that wait at some schools, oldest first, each with the value that stands."""
    statement = (
        select(CorrectionRequest, col(MarkVersion.value))
        .join(
            MarkVersion,
            (col(MarkVersion.work_id) == col(CorrectionRequest.work_id))
            & (col(MarkVersion.student_id) == col(CorrectionRequest.student_id))
            & (col(MarkVersion.slot) == col(CorrectionRequest.slot))
            & (col(MarkVersion.version) == col(CorrectionRequest.version)),
        )
        .where(col(CorrectionRequest.school_id).in_(schools), col(CorrectionRequest.decided_at).is_(None))
        .order_by(col(CorrectionRequest.id))
        .limit(limit)
    )
    return [(request, value) for request, value in await session.execute(statement)]


async def request_for_update(session: AsyncSession, request_id: UUID) -> CorrectionRequest | None:
    statement = select(CorrectionRequest).where(col(CorrectionRequest.id) == request_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def tell_decision(session: AsyncSession, lesson: LessonInSchool, request: CorrectionRequest) -> None:
    """The author hears what became of it."""
    assert request.decided_at is not None and request.approved is not None  # noqa: S101, PT018 - narrows the types
    alert = NewAlert(
        school_id=lesson.school_id,
        account_id=request.asked_by,
        child_id=None,
        body=CorrectionDecided(subject=lesson.subject, group_name=lesson.group_name, approved=request.approved),
        target=Target(screen="journal", on=lesson.day, entity_id=lesson.id),
        thread=f"correction:{request.id}",
        entity=str(request.id),
        occurred_at=request.decided_at,
        timezone=lesson.timezone,
    )
    await outbox.append(session, [alert])
