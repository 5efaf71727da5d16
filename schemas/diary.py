"""One child's day and week."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from schemas.attendance import AttendanceCode
from schemas.base import Output
from schemas.files import AttachedFile
from schemas.journal import MarkValue, WorkKind
from schemas.remarks import RemarkKind
from schemas.timetable import LessonState


class DiaryMark(Output):
    """`dueOn`: a dot's term, both in `value` "dot". `setBy` null: another journal sent it and names nobody."""

    work_id: UUID
    slot: int
    kind: WorkKind
    topic: str | None
    value: MarkValue
    due_on: date | None
    weight: Decimal
    comment: str | None
    set_at: datetime
    set_by: str | None


class DiaryAbsence(Output):
    """`code` is what the teacher's fact comes to with the excuse; `symbol` is how the school writes the fact."""

    code: AttendanceCode
    symbol: str | None
    minutes: int | None


class DiaryHomework(Output):
    """Homework due on the day; `subjectId` names the lesson that it is for. `individual`: given to single students.
    `done`: ticked by the student. `editedAt`: of the last edit."""

    id: UUID
    subject_id: UUID
    subject: str
    text: str
    mandatory: bool
    minutes: int | None
    links: list[str]
    files: list[AttachedFile]
    individual: bool
    done: bool
    edited_at: datetime | None


class DiaryLesson(Output):
    """A cancelled lesson stays, struck through; `movedTo` is the lesson that it became. `substitution`: another teacher
    or subject than planned."""

    id: UUID
    number: int
    starts_at: datetime
    ends_at: datetime
    subject_id: UUID
    subject: str
    room: str | None
    topic: str | None
    state: LessonState
    remote: bool
    substitution: bool
    moved_to: UUID | None
    marks: list[DiaryMark]
    absence: DiaryAbsence | None


class DiaryRemark(Output):
    """`subject` is null for one that was given outside of lessons."""

    id: UUID
    kind: RemarkKind
    text: str
    subject: str | None


class DiaryDay(Output):
    day: date
    absence_notice: bool
    lessons: list[DiaryLesson]
    homework: list[DiaryHomework]
    remarks: list[DiaryRemark]


class SubjectAverage(Output):
    """`average` is null where no mark counts: no marks is no average, not 0."""

    subject_id: UUID
    subject: str
    average: Decimal | None
    marks: int


class DiaryWeek(Output):
    child_id: UUID
    first_day: date
    last_day: date
    today: date
    days: list[DiaryDay]
    averages: list[SubjectAverage]
