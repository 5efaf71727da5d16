"""The SQL of works and marks, and the reads that it publishes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, Select, case, cast, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.reads import Day, Read, Whose
from backend.journal.models import MarkVersion, Work
from backend.journal.rules import NUMBERS, Standing
from backend.school.models import Subject

SLOT = 1


def marks_of_child(child: Whose, first: Day, last: Day) -> Read:
    """Published read: the marks of a child's days as they stand, with their works; removed ones left out."""
    newest = _newest().where(col(MarkVersion.student_id) == child, col(MarkVersion.day).between(first, last)).subquery()
    return (
        select(
            col(Work.lesson_id),
            col(Work.id).label("work_id"),
            col(Work.kind),
            col(Work.topic),
            newest.c.value,
            col(Work.weight),
            newest.c.comment,
            newest.c.set_at,
        )
        .join(newest, newest.c.work_id == col(Work.id))
        .where(newest.c.value.is_not(None))
    )


def sums_of_child(child: Whose, first: Day, last: Day) -> Read:
    """Published read: what the averages of a child's subjects are made of (`rules.average_of`).

    Returns:
        subject_id, subject, total (mark x weight), weight, marks (how many there are, also without a number).
    """
    newest = _newest().where(col(MarkVersion.student_id) == child, col(MarkVersion.day).between(first, last)).subquery()
    numeric = newest.c.value.in_(sorted(NUMBERS))
    weight = case((numeric, col(Work.weight)), else_=0)
    total = case((numeric, cast(newest.c.value, Numeric) * col(Work.weight)), else_=0)
    return (
        select(
            col(Work.subject_id),
            col(Subject.name).label("subject"),
            func.sum(total).label("total"),
            func.sum(weight).label("weight"),
            func.count().label("marks"),
        )
        .join(newest, newest.c.work_id == col(Work.id))
        .join(Subject, col(Subject.id) == col(Work.subject_id))
        .where(newest.c.value.is_not(None), col(Work.counted))
        .group_by(col(Work.subject_id), col(Subject.name))
    )


def lessons_with_marks() -> Select[UUID]:
    """Published read: lessons in which some mark was set."""
    return select(col(Work.lesson_id)).join(MarkVersion, col(MarkVersion.work_id) == col(Work.id))


async def work_for_update(session: AsyncSession, work_id: UUID) -> Work | None:
    """The work, locked: batches of marks for one work are written one after another."""
    statement = select(Work).where(col(Work.id) == work_id).with_for_update(key_share=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def standing_marks(session: AsyncSession, work_id: UUID, students: Sequence[UUID]) -> dict[UUID, Standing]:
    statement = _newest().where(col(MarkVersion.work_id) == work_id, col(MarkVersion.student_id).in_(students))
    rows = (await session.execute(statement)).mappings()
    return {
        row["student_id"]: Standing(version=row["version"], value=row["value"], comment=row["comment"]) for row in rows
    }


async def marks_of_works(session: AsyncSession, works: Sequence[UUID]) -> list[dict[str, Any]]:
    """Published read: all marks of some works as they stand, removed ones too."""
    rows = await session.execute(_newest().where(col(MarkVersion.work_id).in_(works)))
    return [dict(row) for row in rows.mappings()]


async def works_of_lesson(session: AsyncSession, lesson_id: UUID) -> list[Work]:
    statement = select(Work).where(col(Work.lesson_id) == lesson_id).order_by(col(Work.id))
    return list((await session.execute(statement)).scalars())


async def append_versions(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(MarkVersion), rows)


def _newest() -> Read:
    """The highest version of each mark."""
    key = (col(MarkVersion.work_id), col(MarkVersion.student_id), col(MarkVersion.slot))
    return (
        select(
            *key[:2],
            col(MarkVersion.value),
            col(MarkVersion.comment),
            col(MarkVersion.version),
            col(MarkVersion.set_at),
        )
        .ext(distinct_on(*key))
        .order_by(*key, col(MarkVersion.version).desc())
    )
