"""Single students and their guardians, as the school edits them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.base import Input, Name, Output, Text

Sex = Literal["male", "female"]
GuardianKind = Literal["mother", "father", "guardian", "parent", "other"]
ContactOrder = Annotated[int, Meta(ge=1, le=99, examples=[1])]


class AddStudent(Input):
    """A new student, in the class from `starts` on."""

    family_name: Name
    given_name: Name
    birth_date: date
    sex: Sex
    starts: date
    patronymic: Name | None = None


class ChangeStudent(Input):
    """What is left out stays."""

    family_name: Name | UnsetType = UNSET
    given_name: Name | UnsetType = UNSET
    patronymic: Name | UnsetType | None = UNSET
    birth_date: date | UnsetType | None = UNSET
    sex: Sex | UnsetType | None = UNSET


class TransferStudent(Input):
    """The class that a student is in from a day on."""

    class_id: UUID
    starts: date


class StudentLeaves(Input):
    last_day: date


class StudentCard(Output):
    """`classId`: the class today, else the next one. `leftOn`: the last day at the school."""

    id: UUID
    family_name: str
    given_name: str
    patronymic: str | None
    birth_date: date | None
    sex: Sex | None
    account_id: UUID | None
    login: str | None
    class_id: UUID | None
    class_name: str | None
    left_on: date | None


class StudentCards(Output):
    """In the order of a Russian list. `next` is the cursor of the following page (`after`), null at the end."""

    items: list[StudentCard]
    next: UUID | None


class NewGuardian(Input):
    """A person who has no account yet. Phones are taken as people write them and stored in E.164."""

    family_name: Name
    given_name: Name
    patronymic: Name | None = None
    email: Annotated[Text, Meta(max_length=254, examples=["anna@example.org"])] | None = None
    phone: Annotated[Text, Meta(max_length=40, examples=["8 (912) 345-67-89"])] | None = None


class AddGuardian(Input):
    """Either somebody whom the school knows (`accountId`), or a new person."""

    kind: GuardianKind
    contact_order: ContactOrder
    account_id: UUID | None = None
    person: NewGuardian | None = None
    view: bool = True
    file_absence: bool = True
    receive_push: bool = True


class ChangeGuardianship(Input):
    """What is left out stays. `ends` yesterday ends the link at once."""

    kind: GuardianKind | UnsetType = UNSET
    contact_order: ContactOrder | UnsetType = UNSET
    view: bool | UnsetType = UNSET
    file_absence: bool | UnsetType = UNSET
    receive_push: bool | UnsetType = UNSET
    ends: date | UnsetType | None = UNSET


class Guardian(Output):
    """For the school. `id` is the link's."""

    id: UUID
    account_id: UUID
    login: str
    family_name: str
    given_name: str
    patronymic: str | None
    email: str | None
    phone: str | None
    kind: GuardianKind
    contact_order: int
    view: bool
    file_absence: bool
    receive_push: bool
    starts: date
    ends: date | None


class Guardians(Output):
    items: list[Guardian]
