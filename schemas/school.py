"""People and classes of a school."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from schemas.base import Output
from schemas.push import UnreadOfChild

Role = Literal["teacher", "deputy", "administrator", "director", "health-worker"]


class SchoolRef(Output):
    id: UUID
    name: str
    timezone: str


class RoleAt(Output):
    role: Role
    school: SchoolRef


class ChildRights(Output):
    view: bool
    file_absence: bool
    receive_push: bool


class Child(Output):
    id: UUID
    given_name: str
    family_name: str
    class_name: str | None
    school: SchoolRef
    rights: ChildRights


class Me(Output):
    """Who is signed in: roles, children, what has to be done first."""

    id: UUID
    login: str
    family_name: str
    given_name: str
    patronymic: str | None
    language: str
    roles: list[RoleAt]
    children: list[Child]
    student_id: UUID | None
    pending_steps: list[str]
    unread_alerts: int
    unread_by_child: list[UnreadOfChild]


class ClassRef(Output):
    id: UUID
    name: str


class Classes(Output):
    items: list[ClassRef]


class GuardianOfStudent(Output):
    """For the class teacher. Phone numbers and notes of one guardian never reach another.

    `reached`: whether pushes reach the person, without more (PUSH.md section 3, "Truthful delivery").
    """

    account_id: UUID
    login: str
    name: str
    kind: str
    reached: bool


class StudentOfClass(Output):
    id: UUID
    family_name: str
    given_name: str
    patronymic: str | None
    account_id: UUID | None
    login: str | None
    reached: bool
    guardians: list[GuardianOfStudent]


class ClassList(Output):
    id: UUID
    name: str
    on: date
    students: list[StudentOfClass]


class AttachCode(Output):
    """A child's code for one parent to attach the child by."""

    code: str
    valid_until: datetime
