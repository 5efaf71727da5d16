"""A school's year as the deputy sets it up: periods, subjects, classes, groups, teaching loads, rollover."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.base import Input, Name, Output, Text

Letter = Annotated[Text, Meta(max_length=4, examples=["А"])]


class NewPeriod(Input):
    """A quarter, trimester or half-year, both days included."""

    name: Name
    starts: date
    ends: date


class CreateYear(Input):
    """A year with its periods: within the year, in order, apart."""

    name: Name
    starts: date
    ends: date
    periods: Annotated[list[NewPeriod], Meta(max_length=12)] = []


class PeriodOfYear(NewPeriod):
    """`id` of a period that is there; without one it is new."""

    id: UUID | None = None


class SetPeriods(Input):
    """All periods of a year. Those that are not named are removed."""

    periods: Annotated[list[PeriodOfYear], Meta(max_length=12)]


class YearPeriod(Output):
    id: UUID
    name: str
    starts: date
    ends: date


class SchoolYear(Output):
    id: UUID
    name: str
    starts: date
    ends: date
    periods: list[YearPeriod]


class SchoolYears(Output):
    """Newest first."""

    items: list[SchoolYear]


class NameSubject(Input):
    name: Name


class SchoolSubject(Output):
    id: UUID
    name: str


class SchoolSubjects(Output):
    items: list[SchoolSubject]


class CreateClass(Input):
    """`letter` may be empty where a grade has one class only. A Latin look-alike is stored as the Cyrillic letter."""

    grade: Annotated[int, Meta(ge=1, le=11, examples=[5])]
    letter: Letter
    class_teacher_id: UUID | None = None


class ChangeClass(Input):
    """What is left out stays; `classTeacherId` null leaves the class without a class teacher."""

    letter: Letter | UnsetType = UNSET
    class_teacher_id: UUID | UnsetType | None = UNSET


class YearClass(Output):
    id: UUID
    name: str
    grade: int
    letter: str
    class_teacher_id: UUID | None
    class_teacher: str | None


class YearClasses(Output):
    items: list[YearClass]


class CreateGroup(Input):
    """A part of a class, or with `classId` null a group across classes."""

    name: Name
    class_id: UUID | None = None


class YearGroup(Output):
    """`wholeClass`: its students are the class's, and nobody sets them."""

    id: UUID
    name: str
    class_id: UUID | None
    whole_class: bool


class YearGroups(Output):
    items: list[YearGroup]


class WantedMember(Input):
    """`ends`: the last day; null: without an end."""

    student_id: UUID
    ends: date | None = None


class SetMembers(Input):
    """Who is in the group from `starts` on. Who is not named ends the day before."""

    starts: date
    members: Annotated[list[WantedMember], Meta(max_length=200)]


class MemberOfGroup(Output):
    """One stay of a student in a group, both days included."""

    student_id: UUID
    family_name: str
    given_name: str
    starts: date
    ends: date | None


class MembersOfGroup(Output):
    """All stays, past ones too, in the order of a Russian list."""

    group_id: UUID
    items: list[MemberOfGroup]


class AssignLoad(Input):
    teacher_id: UUID
    subject_id: UUID
    group_id: UUID
    starts: date
    ends: date | None = None


class ChangeLoad(Input):
    """The last day of a load; null: without an end."""

    ends: date | None


class Load(Output):
    id: UUID
    teacher_id: UUID
    teacher: str
    subject_id: UUID
    subject: str
    group_id: UUID
    group: str
    starts: date
    ends: date | None


class Loads(Output):
    items: list[Load]


class RollOver(Input):
    """Promotes the year before `toYearId` into it. `leavers`: students who leave besides those of grade 11."""

    to_year_id: UUID
    leavers: Annotated[list[UUID], Meta(max_length=2000)] = []
    dry_run: bool = True


class ClassRolledOver(Output):
    """What becomes of a class. `becomes` null: the class leaves. `exists`: the class is there already."""

    class_id: UUID
    name: str
    becomes: str | None
    becomes_id: UUID | None
    exists: bool
    class_teacher_id: UUID | None
    promoted: int
    leaving: int


class RolledOver(Output):
    """`id` is null in a dry run."""

    id: UUID | None
    from_year: str
    to_year: str
    promoted: int
    leaving: int
    classes: list[ClassRolledOver]


class RolloverUndone(Output):
    id: UUID
    classes: int
    students: int
