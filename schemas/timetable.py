"""Lessons as the timetable shows them."""

from datetime import date, datetime
from uuid import UUID

from schemas.base import Output


class TaughtLesson(Output):
    """A lesson of the teacher's own day."""

    id: UUID
    number: int
    starts_at: datetime
    ends_at: datetime
    subject: str
    group_name: str
    room: str | None
    topic: str | None


class TeacherDay(Output):
    day: date
    lessons: list[TaughtLesson]
