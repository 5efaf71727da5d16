"""Attendance, excuses, and absence notices of parents."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.base import Input, Name, Output, ShortText, Text
from schemas.files import AttachedFile, FileIds

AttendanceCode = Literal["present", "absent", "excused", "unexcused", "ill", "late", "exempt"]
AbsenceReason = Literal["illness", "family", "doctor", "competition", "other"]
ExcuseState = Literal["excused", "unexcused"]
Symbol = Annotated[Text, Meta(min_length=1, max_length=5, examples=["Н"])]
LessonNumbers = Annotated[list[Annotated[int, Meta(ge=0, le=20)]], Meta(min_length=1, max_length=21)]
NoticeState = Literal["filed", "accepted", "declined", "cancelled"]
NoticeComment = Annotated[Text, Meta(min_length=1, max_length=500, examples=["Температура с вечера"])]


class SetAttendance(Input):
    """By `code`, or by the school's own `symbol` (Н, УП, НП, Б, ОП, ОСВ ...; Latin look-alikes are understood)."""

    student_id: UUID
    code: AttendanceCode | None = None
    symbol: Symbol | None = None
    minutes: Annotated[int, Meta(ge=1, le=240)] | None = None


class TakeAttendance(Input):
    """Whoever is not named was present."""

    entries: Annotated[list[SetAttendance], Meta(max_length=200)]


class AttendanceEntry(Output):
    """The teacher's fact. `symbol` is as the school writes it; `visibleFrom`: families see it from then on."""

    student_id: UUID
    code: AttendanceCode
    symbol: str | None
    minutes: int | None
    version: int
    visible_from: datetime


class Attendance(Output):
    lesson_id: UUID
    checked_at: datetime
    items: list[AttendanceEntry]
    changed: int


class AttendanceSymbol(Input):
    """How a school writes what happened. `counts`: whether it counts as a missed lesson."""

    symbol: Symbol
    code: Literal["absent", "excused", "unexcused", "ill", "late", "exempt"]
    name: Name
    counts: bool = True


class AttendanceSettings(Output):
    """`delayMinutes`: how long a slip of the hand may be put right before families hear of it. `noticeDaysBack` and
    `noticeDaysAhead`: how far from today an absence notice may begin and end: at most as far as lessons are
    laid down."""

    school_id: UUID
    delay_minutes: int
    notice_days_back: int
    notice_days_ahead: int
    symbols: list[AttendanceSymbol]


class ChangeAttendanceSettings(Input):
    """What is left out stays; `symbols` are all of them."""

    delay_minutes: Annotated[int, Meta(ge=0, le=10)] | None = None
    notice_days_back: Annotated[int, Meta(ge=0, le=30)] | None = None
    notice_days_ahead: Annotated[int, Meta(ge=1, le=70)] | None = None
    symbols: Annotated[list[AttendanceSymbol], Meta(min_length=1, max_length=30)] | None = None


class SetExcuse(Input):
    """Why a child was not there, both days included. `lessons` are numbers; without them whole days. `state` null takes
    the excuse back."""

    first_day: date
    last_day: date
    state: ExcuseState | None
    lessons: LessonNumbers | None = None
    reason: AbsenceReason | None = None
    comment: ShortText | None = None


class Excuse(Output):
    """`reason` is health data: only the class teacher and the deputy see it."""

    day: date
    state: ExcuseState | None
    lessons: list[int] | None
    reason: AbsenceReason | None
    comment: str | None
    version: int
    set_at: datetime


class Excuses(Output):
    items: list[Excuse]


class MissedLesson(Output):
    """A lesson at which something was noted. `fact` is the teacher's, `code` what it comes to with the excuse."""

    lesson_id: UUID
    number: int
    subject_id: UUID
    subject: str
    fact: AttendanceCode
    code: AttendanceCode
    symbol: str | None
    minutes: int | None
    counts: bool


class MissedDay(Output):
    """`whole`: not there at any lesson of the day."""

    day: date
    whole: bool
    lessons: list[MissedLesson]


class AttendanceCounters(Output):
    """Lessons of a range. `missed` is all that count: excused (ill among them), unexcused, and those of which nobody
    has said why."""

    lessons: int
    missed: int
    excused: int
    unexcused: int
    unexplained: int
    late: int
    late_minutes: int
    whole_days: int


class ChildAttendance(Output):
    first_day: date
    last_day: date
    counters: AttendanceCounters
    days: list[MissedDay]


class MorningStudent(Output):
    """`state`: what is known so far today. `noticeLessons`: the lessons that a notice covers, null for the whole day.
    `reason` of a notice: only for the class teacher and the deputy."""

    student_id: UUID
    family_name: str
    given_name: str
    state: Literal["present", "absent", "late", "expected-absent", "unknown"]
    since_lesson: int | None
    minutes: int | None
    notice: bool
    notice_lessons: list[int] | None
    reason: AbsenceReason | None


class MorningBoard(Output):
    """A class's morning at one look: who is not there, who said so. `checkedLessons`: how many lists were gone
    through."""

    class_id: UUID
    name: str
    day: date
    checked_lessons: int
    students: list[MorningStudent]


class FileNotice(Input):
    """Both days included. `lessons` are numbers, the same on each of the days; without them whole days. `files` were
    uploaded before: a doctor's note may also come later."""

    first_day: date
    last_day: date
    reason: AbsenceReason
    lessons: LessonNumbers | None = None
    comment: NoticeComment | None = None
    files: FileIds = []


class NoticeDay(Output):
    """What became of one day of the range: covered (with its lessons, `numbers`), already-covered, or no-lessons."""

    day: date
    state: Literal["covered", "already-covered", "no-lessons"]
    lessons: int
    numbers: list[int]


class NoticeFiled(Output):
    """`id` is null where nothing was left to file."""

    id: UUID | None
    days: list[NoticeDay]


class Notice(Output):
    """`lessons` null: whole days. `comment`, `files`, and `answer`, why the school declined, are for nobody but the
    filer, the class teacher and the deputy."""

    id: UUID
    first_day: date
    last_day: date
    lessons: list[int] | None
    reason: AbsenceReason
    comment: str | None
    own: bool
    state: NoticeState
    answer: str | None
    decided_at: datetime | None
    created_at: datetime
    files: list[AttachedFile]


class Notices(Output):
    items: list[Notice]


class ChangeNotice(Input):
    """What is left out stays. `lastDay`: an earlier one shortens, a later one extends. `files` are all of them."""

    last_day: date | UnsetType = UNSET
    comment: NoticeComment | UnsetType | None = UNSET
    files: FileIds | UnsetType = UNSET


class NoticeChanged(Output):
    """`days`: what became of each day by which it was extended."""

    notice: Notice
    days: list[NoticeDay]


class DecideNotice(Input):
    """`answer`: why not, needed to decline."""

    accept: bool
    answer: ShortText | None = None


class ClassNotice(Output):
    """A notice as the class teacher reads it. `reason`, `comment` and `files` are not for the administrator."""

    id: UUID
    student_id: UUID
    family_name: str
    given_name: str
    first_day: date
    last_day: date
    lessons: list[int] | None
    reason: AbsenceReason | None
    comment: str | None
    state: NoticeState
    created_at: datetime
    files: list[AttachedFile]


class ClassNotices(Output):
    class_id: UUID
    items: list[ClassNotice]


class ExpectedAbsence(Output):
    """A child that a notice covers on a day. `lessons` null: the whole day; `files`: documents that came with it."""

    student_id: UUID
    family_name: str
    given_name: str
    class_name: str
    lessons: list[int] | None
    reason: AbsenceReason
    files: list[AttachedFile]


class SchoolAbsences(Output):
    """Whom parents have excused at a school on a day, and how many by each reason."""

    school_id: UUID
    day: date
    by_reason: dict[AbsenceReason, int]
    items: list[ExpectedAbsence]
