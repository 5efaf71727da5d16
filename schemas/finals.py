"""Finals of a period: what the system proposes and why, what the teacher decides, and the closing of the period."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Output, ShortText
from schemas.journal import Reason

FinalValue = Literal["1", "2", "3", "4", "5", "pass", "fail", "not-attested", "exempt"]
Part = Literal["homework", "classwork", "tests"]


class PartAverage(Output):
    """`rounded` is half up; null where no mark counts."""

    part: Part
    average: Decimal | None
    rounded: int | None
    marks: int


class Step(Output):
    """Two parts were compared after rounding; `wins` counts on. Equal parts: the first one named wins."""

    compared: list[Part]
    equal: bool
    wins: Part


class Proposal(Output):
    """What the system proposes and how it came about. `value` is null where nothing counts, or where an average of
    exactly a half would decide alone: then the teacher decides between `between`."""

    value: FinalValue | None
    between: list[FinalValue]
    parts: list[PartAverage]
    steps: list[Step]


class StudentFinal(Output):
    student_id: UUID
    family_name: str
    given_name: str
    average: Decimal | None
    proposal: Proposal
    value: FinalValue | None
    comment: str | None
    version: int


class Finals(Output):
    group_id: UUID
    subject_id: UUID
    period_id: UUID
    items: list[StudentFinal]


class SetFinal(Input):
    """`version` is the version that the editor saw (0: none)."""

    student_id: UUID
    value: FinalValue | None
    comment: ShortText | None = None
    version: Annotated[int, Meta(ge=0)] | None = None
    reason: Reason | None = None


class SetFinals(Input):
    finals: Annotated[list[SetFinal], Meta(min_length=1, max_length=200)]


YearKind = Literal["year", "exam", "certificate"]


class YearPart(Output):
    """What a proposal is made of: the final of a period, of the year, or of the exam."""

    name: str
    value: FinalValue | None


class StudentYearFinal(Output):
    """`proposal` is null where nothing counts, or where exactly a half would decide alone: then the teacher decides
    between `between`. An exam has none."""

    student_id: UUID
    family_name: str
    given_name: str
    parts: list[YearPart]
    average: Decimal | None
    proposal: FinalValue | None
    between: list[FinalValue]
    value: FinalValue | None
    comment: str | None
    version: int


class YearFinals(Output):
    group_id: UUID
    subject_id: UUID
    year_id: UUID
    kind: YearKind
    items: list[StudentYearFinal]


class ClosePeriod(Input):
    """Opening a closed period again needs a reason."""

    closed: bool
    reason: Reason | None = None


class PeriodClosed(Output):
    """`resolvedDots`: debts that ended with the period."""

    class_id: UUID
    period_id: UUID
    closed: bool
    resolved_dots: int


class ChildFinal(Output):
    """A final of a period that is closed, or of the year, an exam, the certificate: then `periodId` is the year."""

    kind: Literal["period"] | YearKind
    subject_id: UUID
    subject: str
    period_id: UUID
    period: str
    starts: date
    value: FinalValue
    comment: str | None
    set_at: datetime


class ChildFinals(Output):
    items: list[ChildFinal]
