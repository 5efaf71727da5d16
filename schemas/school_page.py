"""A school's own page."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, Name, Output, ShortText, Text

Phone = Annotated[Text, Meta(min_length=1, max_length=40, examples=["+7 495 000-00-00"])]
Link = Annotated[Text, Meta(min_length=1, max_length=300, examples=["https://my-diary.example"])]
Email = Annotated[Text, Meta(min_length=1, max_length=254, examples=["school@school.example"])]
Hours = Annotated[Text, Meta(min_length=1, max_length=1000, examples=["пн–пт 8:00–19:00"])]


class ContactOfSchool(Input):
    """Whom to turn to."""

    name: Name
    role: Name
    phone: Phone | None = None


class SetSchoolPage(Input):
    """The page as it is to be: what is left out is removed. `phones`: the first one is the school's main phone."""

    address: ShortText | None = None
    phones: Annotated[list[Phone], Meta(max_length=5)] = []
    email: Email | None = None
    site: Link | None = None
    hours: Hours | None = None
    contacts: Annotated[list[ContactOfSchool], Meta(max_length=30)] = []


class SchoolContact(Output):
    name: str
    role: str
    phone: str | None


class SchoolPage(Output):
    """Phones are E.164."""

    school_id: UUID
    short_name: str
    full_name: str
    address: str | None
    phones: list[str]
    email: str | None
    site: str | None
    hours: str | None
    contacts: list[SchoolContact]
