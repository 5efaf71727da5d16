"""Reads that the journal publishes for tables and statistics: marks as families see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.journal import MarkValue, WorkKind


@dataclass(frozen=True)
class ListedMark:
    """A mark that stands, with its work."""

    work_id: UUID
    slot: int
    day: date
    subject_id: UUID
    subject: str
    kind: WorkKind
    topic: str | None
    value: MarkValue
    due_on: date | None
    weight: Decimal
    counted: bool
    comment: str | None
    set_at: datetime


@dataclass(frozen=True)
class SubjectSums:
    """What the average of a student's subject is made of (`averages.Sums`)."""

    student_id: UUID
    subject_id: UUID
    total: Decimal
    weight: Decimal


_MARKS = text("""
    WITH newest AS (
        SELECT DISTINCT ON (work_id, slot) * FROM mark_version
         WHERE student_id = :child AND day BETWEEN :first AND :last AND visible_from <= :now
         ORDER BY work_id, slot, version DESC)
    SELECT m.work_id, m.slot, m.day, w.subject_id, s.name AS subject, w.kind, w.topic, m.value, m.due_on, w.weight,
           w.counted, m.comment, m.set_at
      FROM newest m JOIN work w ON w.id = m.work_id JOIN subject s ON s.id = w.subject_id
     WHERE m.value IS NOT NULL
     ORDER BY m.day, m.work_id, m.slot
""")
_SUMS = text("""
    WITH newest AS (
        SELECT DISTINCT ON (student_id, work_id, slot) student_id, work_id, value FROM mark_version
         WHERE student_id = ANY (:students) AND day BETWEEN :first AND :last AND visible_from <= :now
         ORDER BY student_id, work_id, slot, version DESC)
    SELECT m.student_id, w.subject_id, sum(m.value::numeric * w.weight) AS total, sum(w.weight) AS weight
      FROM newest m JOIN work w ON w.id = m.work_id
     WHERE m.value IN ('1', '2', '3', '4', '5') AND w.counted
     GROUP BY m.student_id, w.subject_id
""")
_CLOSED = text("""
    SELECT p.id FROM period p
     CROSS JOIN LATERAL (SELECT c.closed FROM period_closing c
                          WHERE c.class_id = :class_id AND c.period_id = p.id ORDER BY c.id DESC LIMIT 1) AS newest
     WHERE newest.closed
""")


async def marks(session: AsyncSession, child_id: UUID, first: date, last: date, now: datetime) -> list[ListedMark]:
    """A child's marks of some days, oldest first; removed ones left out."""
    values = {"child": child_id, "first": first, "last": last, "now": now}
    return [ListedMark(**row) for row in (await session.execute(_MARKS, values)).mappings()]


async def sums(
    session: AsyncSession, students: Sequence[UUID], first: date, last: date, now: datetime
) -> list[SubjectSums]:
    """Of several students, by subject, those that have a mark that counts."""
    values = {"students": list(students), "first": first, "last": last, "now": now}
    return [SubjectSums(**row) for row in (await session.execute(_SUMS, values)).mappings()]


async def closed_periods(session: AsyncSession, class_id: UUID) -> set[UUID]:
    """The periods that are closed for a class."""
    return set((await session.execute(_CLOSED, {"class_id": class_id})).scalars())
