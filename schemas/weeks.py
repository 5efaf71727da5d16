"""Weeks that parents look through and sign."""

from datetime import date, datetime
from uuid import UUID

from schemas.base import Output


class SignedWeek(Output):
    """`week` is its Monday; `signedAt` null: the caller has not signed it."""

    week: date
    signed_at: datetime | None


class SignedWeeks(Output):
    """The weeks that can be signed, the current one first."""

    items: list[SignedWeek]


class WeekSigner(Output):
    """A guardian of the child; `signedAt` null: has not signed."""

    account_id: UUID
    name: str
    kind: str
    signed_at: datetime | None


class StudentWeek(Output):
    """`signed`: by somebody."""

    student_id: UUID
    family_name: str
    given_name: str
    signed: bool
    guardians: list[WeekSigner]


class ClassWeek(Output):
    """`week` is its Monday."""

    class_id: UUID
    week: date
    students: list[StudentWeek]
