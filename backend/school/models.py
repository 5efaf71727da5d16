"""The school: its year, its classes and groups, who teaches, who learns, who stands behind a child."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from push.columns import binary, json, smallint, timestamp


class School(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    short_name: str
    full_name: str
    timezone: str
    address: str | None = None
    phone: str | None = None
    created_at: datetime = timestamp()
    further_phones: list[str] = Field(default=[], sa_type=ARRAY(Text))
    email: str | None = None
    site: str | None = None
    hours: str | None = None


class SchoolContact(SQLModel, table=True):
    """Whom to turn to at a school, as its own page names them; not an account."""

    __tablename__ = "school_contact"

    school_id: UUID = Field(primary_key=True)
    position: int = smallint(primary_key=True)
    name: str
    role: str
    phone: str | None = None


class SchoolRole(SQLModel, table=True):
    __tablename__ = "school_role"

    account_id: UUID = Field(primary_key=True)
    school_id: UUID = Field(primary_key=True)
    role: str = Field(primary_key=True)
    starts: date
    ends: date | None = None


class SchoolYear(SQLModel, table=True):
    __tablename__ = "school_year"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    name: str
    starts: date
    ends: date


class Period(SQLModel, table=True):
    """A quarter, trimester or half-year."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    year_id: UUID
    name: str
    starts: date
    ends: date


class Subject(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    school_id: UUID
    name: str


class SchoolClass(SQLModel, table=True):
    """A class of one year: grade and letter (5А). `profile`: what it learns in depth, from grade 10."""

    __tablename__ = "school_class"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    year_id: UUID
    grade: int = smallint()
    letter: str
    class_teacher_id: UUID | None = None
    shift: int = smallint(default=1)
    days_a_week: int = smallint(default=5)
    profile: str | None = None


class StudyGroup(SQLModel, table=True):
    """Whom a lesson is given to: a whole class, a part of one, or students of several."""

    __tablename__ = "study_group"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    year_id: UUID
    class_id: UUID | None = None
    whole_class: bool
    name: str


class Student(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    school_id: UUID
    account_id: UUID | None = None
    family_name: str
    given_name: str
    patronymic: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    grade: int | None = smallint(default=None)
    attach_code: bytes | None = binary(default=None)
    attach_code_until: datetime | None = timestamp(default=None)
    left_on: date | None = None


class Enrolment(SQLModel, table=True):
    """A student in a class, both days included. One class at a time."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    student_id: UUID
    class_id: UUID
    starts: date
    ends: date | None = None


class GroupMember(SQLModel, table=True):
    """A student in a group that is not a whole class."""

    __tablename__ = "group_member"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    student_id: UUID
    group_id: UUID
    starts: date
    ends: date | None = None


class Membership(SQLModel, table=True):
    """The view over Enrolment and GroupMember: who belongs to which group when. Read-only."""

    group_id: UUID = Field(primary_key=True)
    student_id: UUID = Field(primary_key=True)
    starts: date = Field(primary_key=True)
    ends: date | None
    school_id: UUID


class TeachingLoad(SQLModel, table=True):
    """Who teaches what to whom from when to when: the right to write in that journal."""

    __tablename__ = "teaching_load"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    teacher_id: UUID
    subject_id: UUID
    group_id: UUID
    starts: date
    ends: date | None = None


class Guardianship(SQLModel, table=True):
    """The link between an adult and a child, with what it allows. No link, no child."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    student_id: UUID
    account_id: UUID
    kind: str
    may_view: bool
    may_file_absence: bool
    receives_push: bool
    contact_order: int = smallint()
    starts: date
    ends: date | None = None


class Rollover(SQLModel, table=True):
    """That a year was rolled over into the next one. `made`: what it made and what stood before, to take it back."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    from_year_id: UUID
    to_year_id: UUID
    made: dict[str, Any] = json()
    made_by: UUID
    made_at: datetime = timestamp()
    undone_by: UUID | None = None
    undone_at: datetime | None = timestamp(default=None)
