"""The journal page of one lesson, as its teacher sees it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.attendance import AttendanceCode, AttendanceEntry, SetAttendance
from schemas.base import Input, Output, ShortText
from schemas.homework import GiveHomework, Homework
from schemas.journal import Mark, SetMark, Work, WorkKind


class JournalStudent(Output):
    """`absenceNotice`: a parent excused the student from this lesson. `prefilled`: what to show until the list is gone
    through; the fact stays the teacher's, and comes to "excused" by itself."""

    id: UUID
    family_name: str
    given_name: str
    absence_notice: bool
    prefilled: AttendanceCode | None


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


class SaveWork(Input):
    """A work of the lesson and its marks: one that is there, by `workId`, or a new one of a `kind`."""

    work_id: UUID | None = None
    kind: WorkKind | None = None
    topic: ShortText | None = None
    counted: bool = True
    marks: Annotated[list[SetMark], Meta(max_length=200)] = []


class SaveLesson(Input):
    """A lesson's page in one request; all of it happens or nothing. What is left out stays as it is.

    `attendance`: whoever is not named was present. `homework` is given in addition to what has been given.
    """

    topic: ShortText | UnsetType | None = UNSET
    attendance: Annotated[list[SetAttendance], Meta(max_length=200)] | UnsetType = UNSET
    works: Annotated[list[SaveWork], Meta(max_length=20)] = []
    homework: Annotated[list[GiveHomework], Meta(max_length=10)] = []


class LessonSaved(Output):
    """The page as it stands now; `pending` counts corrections that wait for the deputy."""

    page: JournalPage
    changed_marks: int
    pending: int
