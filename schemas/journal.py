"""Works and marks."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Output, ShortText

WorkKind = Literal["control-work", "test", "answer", "classwork", "homework", "laboratory", "practice"]
MarkValue = Literal["1", "2", "3", "4", "5", "pass", "fail", "not-attested", "exempt"]


class GiveWork(Input):
    lesson_id: UUID
    kind: WorkKind
    topic: ShortText | None = None
    counted: bool = True


class Work(Output):
    id: UUID
    lesson_id: UUID
    kind: WorkKind
    topic: str | None
    weight: Decimal
    counted: bool
    day: date


class SetMark(Input):
    """One student's mark. `value` null removes it. `version` is the version that the editor saw (0: none)."""

    student_id: UUID
    value: MarkValue | None
    comment: ShortText | None = None
    version: Annotated[int, Meta(ge=0)] | None = None


class SetMarks(Input):
    marks: Annotated[list[SetMark], Meta(min_length=1, max_length=200)]


class Mark(Output):
    work_id: UUID
    student_id: UUID
    value: MarkValue | None
    comment: str | None
    version: int
    set_at: datetime


class Marks(Output):
    """The marks as they stand now; `changed` counts those that this request changed."""

    items: list[Mark]
    changed: int
