"""Works, marks, late corrections and a school's journal settings."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, get_args
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Moment, Output, ShortText, Text

WorkKind = Literal["control-work", "test", "answer", "classwork", "homework", "laboratory", "practice"]
# A dot is a debt, a redo or a planned work, with a term.
MarkValue = Literal["1", "2", "3", "4", "5", "pass", "fail", "not-attested", "exempt", "dot"]
Weight = Annotated[
    Decimal,
    Meta(
        extra_json_schema={
            "pattern": r"^(10(\.00?)?|[1-9](\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$",
        }
    ),
]
Slot = Annotated[int, Meta(ge=1, le=9, description="which of several marks in one work")]
Reason = Annotated[Text, Meta(min_length=3, max_length=200, examples=["Работа переписана"])]


class GiveWork(Input):
    """`publishAt`: its marks show and alert from then on; without it as soon as they are set."""

    lesson_id: UUID
    kind: WorkKind
    topic: ShortText | None = None
    counted: bool = True
    publish_at: Moment | None = None


class Work(Output):
    id: UUID
    lesson_id: UUID
    kind: WorkKind
    topic: str | None
    weight: Decimal
    counted: bool
    day: date
    publish_at: datetime | None


class SetMark(Input):
    """One student's mark. `value` null removes it. `version` is the version that the editor saw (0: none).

    A dot needs `dueOn`. After the correction window a change needs a `reason` and waits for the deputy.
    """

    student_id: UUID
    value: MarkValue | None
    comment: ShortText | None = None
    version: Annotated[int, Meta(ge=0)] | None = None
    slot: Slot = 1
    due_on: date | None = None
    reason: Reason | None = None


class SetMarks(Input):
    marks: Annotated[list[SetMark], Meta(min_length=1, max_length=200)]


class Mark(Output):
    """`visibleFrom`: families see it from then on. `setBy` is null where the system resolved a dot."""

    work_id: UUID
    student_id: UUID
    slot: int
    value: MarkValue | None
    comment: str | None
    due_on: date | None
    version: int
    set_at: datetime
    set_by: UUID | None
    visible_from: datetime


class Marks(Output):
    """The marks as they stand now; `changed` counts those that this request changed, `pending` the corrections that
    wait for the deputy."""

    items: list[Mark]
    changed: int
    pending: int


class MarkEntry(Output):
    """One version. `setBy` is null where the system resolved a dot."""

    version: int
    value: MarkValue | None
    comment: str | None
    due_on: date | None
    reason: str | None
    set_by: UUID | None
    set_by_name: str | None
    set_at: datetime


class MarkHistory(Output):
    work_id: UUID
    student_id: UUID
    slot: int
    versions: list[MarkEntry]


class Correction(Output):
    """A late correction that waits for the deputy."""

    id: UUID
    work_id: UUID
    student_id: UUID
    slot: int
    old: MarkValue | None
    value: MarkValue | None
    comment: str | None
    due_on: date | None
    reason: str
    asked_by: UUID
    asked_at: datetime


class Corrections(Output):
    items: list[Correction]


class DecideCorrection(Input):
    approve: bool
    answer: ShortText | None = None


class CorrectionDecided(Output):
    id: UUID
    approved: bool


class JournalSettings(Output):
    """`weights` are all types of work with what they count."""

    school_id: UUID
    mark_delay_minutes: int
    rating_shown: bool
    weights: dict[WorkKind, Decimal]


class ChangeJournalSettings(Input):
    """What is left out stays. A weight, above 0 and at most 10, counts for works that are given from now on."""

    mark_delay_minutes: Annotated[int, Meta(ge=0, le=15)] | None = None
    rating_shown: bool | None = None
    weights: Annotated[
        dict[WorkKind, Weight], Meta(extra_json_schema={"propertyNames": {"enum": [*get_args(WorkKind)]}})
    ] = {}
