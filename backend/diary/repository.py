"""One statement for a child's days: the rooms' published reads, composed as JSON (DESIGN.md section 3)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance.repository import codes_of_child, notice_days_of_child
from backend.core.reads import Read
from backend.homework.repository import homework_of_child
from backend.journal.repository import counted_marks_of_child, marks_of_child
from backend.timetable.repository import lessons_of_child
from schemas.attendance import AttendanceCode
from schemas.journal import MarkValue, WorkKind


class LessonRow(msgspec.Struct):
    id: UUID
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    subject_id: UUID
    subject: str
    room: str | None
    topic: str | None


class MarkRow(msgspec.Struct):
    lesson_id: UUID
    work_id: UUID
    kind: WorkKind
    topic: str | None
    value: MarkValue
    weight: Decimal
    comment: str | None
    set_at: datetime


class AbsenceRow(msgspec.Struct):
    lesson_id: UUID
    code: AttendanceCode
    minutes: int | None


class HomeworkRow(msgspec.Struct):
    id: UUID
    subject_id: UUID
    subject: str
    due_on: date
    text: str
    mandatory: bool
    minutes: int | None


class CountedRow(msgspec.Struct):
    subject_id: UUID
    subject: str
    value: str
    weight: Decimal


class NoticeRow(msgspec.Struct):
    day: date


class Days(msgspec.Struct):
    """What the one statement answers."""

    lessons: list[LessonRow]
    marks: list[MarkRow]
    absences: list[AbsenceRow]
    homework: list[HomeworkRow]
    counted: list[CountedRow]
    notices: list[NoticeRow]


_decoder = msgspec.json.Decoder(Days)


async def days_of_child(
    session: AsyncSession, child_id: UUID, days: tuple[date, date], averages: tuple[date, date]
) -> Days:
    """Everything of a child's days in one round trip.

    Args:
        days: the first and last day shown.
        averages: the span over which averages are computed.
    """
    lessons = lessons_of_child(child_id, *days)
    shown = lessons.subquery()
    absences = codes_of_child(child_id).subquery()
    reads = {
        "lessons": lessons,
        "marks": marks_of_child(child_id, *days),
        "absences": select(absences).where(absences.c.lesson_id.in_(select(shown.c.id))),
        "homework": homework_of_child(child_id, *days),
        "counted": counted_marks_of_child(child_id, *averages),
        "notices": notice_days_of_child(child_id, *days),
    }
    parts = [part for name, read in reads.items() for part in (name, _rows(read))]
    answer = await session.execute(select(cast(func.json_build_object(*parts), Text)))
    return _decoder.decode(answer.scalar_one())


def _rows(read: Read) -> Any:
    """A read as one JSON array."""
    rows = read.subquery()
    array = func.json_agg(func.row_to_json(rows.table_valued()))
    return select(func.coalesce(array, func.json_build_array())).scalar_subquery()
