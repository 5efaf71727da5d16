"""The journal page of one lesson, as its teacher sees it."""

from datetime import date
from uuid import UUID

from schemas.attendance import AttendanceEntry
from schemas.base import Output
from schemas.homework import Homework
from schemas.journal import Mark, Work


class JournalStudent(Output):
    id: UUID
    family_name: str
    given_name: str
    absence_notice: bool


class JournalPage(Output):
    lesson_id: UUID
    day: date
    number: int
    subject: str
    group_name: str
    topic: str | None
    attendance_checked: bool
    students: list[JournalStudent]
    works: list[Work]
    marks: list[Mark]
    attendance: list[AttendanceEntry]
    homework: list[Homework]
