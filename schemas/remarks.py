"""Remarks and praise, and the behaviour of each week."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Output, ShortText, Text

RemarkKind = Literal["remark", "praise"]
Behaviour = Literal["exemplary", "good", "satisfactory", "unsatisfactory"]
RemarkText = Annotated[Text, Meta(min_length=1, max_length=500, examples=["Забыл тетрадь"])]


class GiveRemark(Input):
    student_id: UUID
    kind: RemarkKind
    text: RemarkText


class GiveRemarkToChild(Input):
    """Outside of lessons; `day` is the school's today where it is left out."""

    kind: RemarkKind
    text: RemarkText
    day: date | None = None


class RemarkAnswer(Output):
    """That a guardian has seen a remark; `text` null: and said nothing."""

    name: str
    acknowledged_at: datetime
    text: str | None
    answered_at: datetime | None


class Remark(Output):
    """`subject` is null for one that was given outside of lessons.

    `acknowledgedAt` and `answer` are the caller's own, as a guardian. `answers` are all guardians', and only for the
    author, the class teacher and the deputy.
    """

    id: UUID
    student_id: UUID
    lesson_id: UUID | None
    subject: str | None
    day: date
    kind: RemarkKind
    text: str
    author: str
    given_at: datetime
    acknowledged_at: datetime | None = None
    answer: str | None = None
    answers: list[RemarkAnswer] = []


class AcknowledgeRemark(Input):
    """That one has seen it; the text, if there is one, is said once."""

    text: RemarkText | None = None


class RemarkAcknowledged(Output):
    acknowledged_at: datetime
    answer: str | None


class WeekBehaviour(Output):
    week: date
    value: Behaviour
    comment: str | None


class Remarks(Output):
    """Newest first; what was taken back is left out. `behaviour` is of the weeks that the range touches."""

    first_day: date
    last_day: date
    items: list[Remark]
    behaviour: list[WeekBehaviour]


class SetBehaviourOf(Input):
    """`version` is the version that the editor saw (0: none); `value` null removes it."""

    student_id: UUID
    value: Behaviour | None
    comment: ShortText | None = None
    version: Annotated[int, Meta(ge=0)] | None = None


class SetBehaviour(Input):
    entries: Annotated[list[SetBehaviourOf], Meta(min_length=1, max_length=60)]


class StudentBehaviour(Output):
    student_id: UUID
    family_name: str
    given_name: str
    value: Behaviour | None
    comment: str | None
    version: int


class ClassBehaviour(Output):
    """`week` is its Monday."""

    class_id: UUID
    week: date
    students: list[StudentBehaviour]
