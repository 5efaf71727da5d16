"""The feed from another journal: credentials of a school, the rows that it sends, and what became of each."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.attendance import AttendanceCode, Symbol
from schemas.base import Input, LongText, Name, Output, ShortText, Text
from schemas.journal import MarkValue, WorkKind

ExternalId = Annotated[Text, Meta(min_length=1, max_length=200, examples=["lesson-4711"])]
Reference = Annotated[
    Text, Meta(min_length=1, max_length=200, description="an id of the sender's, or of the import, or our UUID")
]
Moment = Annotated[datetime, Meta(tz=True)]
RowOutcome = Literal["created", "changed", "unchanged", "refused"]


class CreateFeedCredential(Input):
    """`rosterSource`: under which `--source` the school's people and classes were imported."""

    name: Name
    roster_source: Name = "oneroster"


class FeedCredential(Output):
    """`prefix` is how a token of this credential begins: to recognise it by."""

    id: UUID
    name: str
    prefix: str
    roster_source: str
    made_at: datetime
    made_by: UUID
    made_by_name: str
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewFeedCredential(Output):
    """`token` is told this once: it is kept nowhere."""

    credential: FeedCredential
    token: str


class FeedCredentials(Output):
    items: list[FeedCredential]


class FeedRow(Input):
    """`removed` takes back what was sent under this id; the other fields are then ignored."""

    external_id: ExternalId
    removed: bool = False


class FeedLesson(FeedRow):
    """Needs `group`, `subject`, `teacher`, `number`, `startsAt` and `endsAt`. Its day is the school's at `startsAt`.

    `attendanceTaken`: the list was gone through, so whoever has no code was present.
    """

    group: Reference | None = None
    subject: Reference | None = None
    teacher: Reference | None = None
    number: Annotated[int, Meta(ge=0, le=20)] | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    room: Annotated[Text, Meta(min_length=1, max_length=50)] | None = None
    topic: ShortText | None = None
    attendance_taken: bool = False


class FeedWork(FeedRow):
    """Needs `lesson` and `kind`. `publishAt`: its marks show and alert from then on."""

    lesson: Reference | None = None
    kind: WorkKind | None = None
    topic: ShortText | None = None
    counted: bool = True
    publish_at: Moment | None = None
    teacher: Reference | None = None


class FeedMark(FeedRow):
    """Needs `work`, `student` and `value`; a dot needs `dueOn`. Several marks of a student in one work are several
    rows."""

    work: Reference | None = None
    student: Reference | None = None
    value: MarkValue | None = None
    comment: ShortText | None = None
    due_on: date | None = None
    teacher: Reference | None = None


class FeedAbsence(FeedRow):
    """Needs `lesson`, `student`, and `code` or one of the school's symbols. Of students who are not named it says
    nothing."""

    lesson: Reference | None = None
    student: Reference | None = None
    code: AttendanceCode | None = None
    symbol: Symbol | None = None
    minutes: Annotated[int, Meta(ge=1, le=240)] | None = None
    teacher: Reference | None = None


class FeedHomework(FeedRow):
    """Needs `lesson`, `dueOn` and `text`."""

    lesson: Reference | None = None
    due_on: date | None = None
    text: LongText | None = None
    mandatory: bool = True
    minutes: Annotated[int, Meta(ge=1, le=600)] | None = None
    teacher: Reference | None = None


class Feed(Input):
    """At most 2,000 rows together. `alerts`: `auto` tells families as if a teacher had written it here; `silent` tells
    nobody."""

    alerts: Literal["auto", "silent"]
    lessons: list[FeedLesson] = []
    works: list[FeedWork] = []
    marks: list[FeedMark] = []
    absences: list[FeedAbsence] = []
    homework: list[FeedHomework] = []


class RowError(Output):
    """What is wrong, and where in the request."""

    pointer: str
    code: str


class RowResult(Output):
    """What became of a row. `errors` is empty unless it was refused."""

    external_id: str
    outcome: RowOutcome
    errors: list[RowError]


class FeedTaken(Output):
    """A result for each row, in the order of the request."""

    lessons: list[RowResult]
    works: list[RowResult]
    marks: list[RowResult]
    absences: list[RowResult]
    homework: list[RowResult]
