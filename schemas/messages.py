"""Messages between families and staff over the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import ClockTime, Input, LongText, Moment, Output, ShortText
from schemas.files import AttachedFile, FileIds

Role = Literal["teacher", "class-teacher", "deputy", "staff", "parent", "student"]
Decision = Literal["dismissed", "blocked"]
Number = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class OfficeHour(Input):
    """On a weekday (1: Monday) from `opens` until before `closes`."""

    weekday: Annotated[int, Meta(ge=1, le=7)]
    opens: ClockTime
    closes: ClockTime


class SetOfficeHours(Input):
    """All of them; none means at any time."""

    hours: Annotated[list[OfficeHour], Meta(max_length=50)]


class OfficeHours(Output):
    hours: list[OfficeHour]


class StaffMember(Output):
    """`subjects`: what they teach the child, or stand in for."""

    account_id: UUID
    name: str
    subjects: list[str]
    class_teacher: bool
    deputy: bool
    office_hours: list[OfficeHour]


class StaffOfChild(Output):
    items: list[StaffMember]


class FamilyMember(Output):
    """`kind` is `student` or what the guardian is to the child."""

    account_id: UUID
    name: str
    kind: str


class Family(Output):
    child_id: UUID
    family_name: str
    given_name: str
    patronymic: str | None
    class_name: str | None
    people: list[FamilyMember]


class Families(Output):
    items: list[Family]


class WriteMessage(Input):
    """`urgent` is the school's to use. `occurredAt`: when it was written, for what was written offline."""

    text: LongText
    urgent: bool = False
    files: FileIds = []
    occurred_at: Moment | None = None


class Sent(Output):
    id: UUID
    thread_id: UUID
    number: int
    sent_at: datetime


class Report(Output):
    """What became of one's own report; undecided without a `decision`."""

    id: UUID
    reported_at: datetime
    decision: Decision | None
    answer: str | None


class Message(Output):
    """`text` is null where it was taken back. `report`: one's own report of it."""

    id: UUID
    number: int
    mine: bool
    text: str | None
    urgent: bool
    written_at: datetime
    sent_at: datetime
    taken_back: bool
    files: list[AttachedFile]
    report: Report | None


class Person(Output):
    """`role` is null for who has none towards the child any more."""

    account_id: UUID
    name: str
    role: Role | None
    subjects: list[str]


class LastMessage(Output):
    number: int
    mine: bool
    text: str | None
    sent_at: datetime
    taken_back: bool


class Thread(Output):
    """`read` and `readByOther`: the numbers up to which the caller and the other person have read."""

    id: UUID
    child_id: UUID
    family_name: str
    given_name: str
    class_name: str | None
    other: Person
    last: LastMessage
    unread: int
    read: int
    read_by_other: int
    may_write: bool
    blocked_until: date | None
    muted: bool
    office_hours: list[OfficeHour]


class Threads(Output):
    items: list[Thread]
    next: UUID | None


class ThreadPage(Output):
    """Messages, newest first. `next` is the `cursor` of the page below."""

    thread: Thread
    items: list[Message]
    next: int | None


class MarkThreadRead(Input):
    number: Number


class ReadMarks(Output):
    read: int
    read_by_other: int


class Muting(Input):
    muted: bool


class ReportMessage(Input):
    reason: ShortText


class NamedPerson(Output):
    account_id: UUID
    name: str


class ReportedMessage(Output):
    """For those who decide. `text` is as it was when it was reported."""

    id: UUID
    child_id: UUID
    family_name: str
    given_name: str
    author: NamedPerson
    text: str
    files: list[AttachedFile]
    sent_at: datetime
    reported_by: NamedPerson
    reported_at: datetime
    reason: str
    decision: Decision | None
    answer: str | None
    blocked_until: date | None
    decided_at: datetime | None


class ReportedMessages(Output):
    items: list[ReportedMessage]
    next: UUID | None


class DecideReport(Input):
    """`answer` is for who reported. `blockedUntil`: the last day on which the author may not write to that person."""

    decision: Decision
    answer: ShortText
    blocked_until: date | None = None
