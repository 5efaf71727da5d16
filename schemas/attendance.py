"""Attendance, and absence notices of parents."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Output

AttendanceCode = Literal["present", "absent", "excused", "unexcused", "ill", "late", "exempt"]
AbsenceReason = Literal["illness", "family", "doctor", "competition", "other"]


class SetAttendance(Input):
    student_id: UUID
    code: AttendanceCode
    minutes: Annotated[int, Meta(ge=1, le=240)] | None = None


class TakeAttendance(Input):
    """Whoever is not named was present."""

    entries: Annotated[list[SetAttendance], Meta(max_length=200)]


class AttendanceEntry(Output):
    student_id: UUID
    code: AttendanceCode
    minutes: int | None
    version: int


class Attendance(Output):
    lesson_id: UUID
    checked_at: datetime
    items: list[AttendanceEntry]
    changed: int


class FileNotice(Input):
    """Both days included."""

    first_day: date
    last_day: date
    reason: AbsenceReason
    comment: Annotated[str, Meta(min_length=1, max_length=500, examples=["Температура с вечера"])] | None = None


class NoticeDay(Output):
    """What became of one day of the range: covered (with its lessons), already-covered, or no-lessons."""

    day: date
    state: Literal["covered", "already-covered", "no-lessons"]
    lessons: int


class NoticeFiled(Output):
    """`id` is null where nothing was left to file."""

    id: UUID | None
    days: list[NoticeDay]


class Notice(Output):
    """`comment` is null for everybody but the filer, the class teacher and the deputy."""

    id: UUID
    first_day: date
    last_day: date
    reason: AbsenceReason
    comment: str | None
    own: bool
    created_at: datetime


class Notices(Output):
    items: list[Notice]
