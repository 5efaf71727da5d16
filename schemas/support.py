"""Requests to support: asked, answered, closed."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from schemas.base import Input, LongText, Output, ShortText, Text
from schemas.files import AttachedFile, FileIds

SupportKind = Literal["sign-in", "wrong-data", "app-error", "question", "wish", "other"]
SupportState = Literal["new", "in-progress", "waiting", "answered", "closed"]
Platform = Literal["android", "ios", "web"]
# Whether answers go to the e-mail: nobody gave one, this server sends no mail, a code must confirm it, yes.
AnswersByMail = Literal["no-address", "not-set-up", "to-confirm", "yes"]
MailAddress = Annotated[Text, Meta(min_length=3, max_length=254, examples=["anna@example.org"])]
PhoneNumber = Annotated[Text, Meta(min_length=5, max_length=40, examples=["+7 912 345-67-89"])]
AppVersion = Annotated[Text, Meta(min_length=1, max_length=50, examples=["1.4.0"])]
# Of somebody whom nobody knows.
EntryText = Annotated[Text, Meta(min_length=1, max_length=2000, examples=["Логин с листа не подходит"])]
RequestNumber = Annotated[str, Meta(max_length=20, pattern=r"^[0-9]{4}-[0-9]{6,12}$(?!\n)", examples=["2026-000123"])]
Code = Annotated[Text, Meta(min_length=1, max_length=20, examples=["k7m2p9xq"])]


class AskSupport(Input):
    """`schoolId` is needed by who has something to do with several schools. Files need a school."""

    kind: SupportKind
    subject: ShortText
    text: LongText
    school_id: UUID | None = None
    email: MailAddress | None = None
    phone: PhoneNumber | None = None
    app_version: AppVersion | None = None
    platform: Platform | None = None
    files: FileIds = []


class AskSupportFromEntry(Input):
    """From somebody who cannot sign in."""

    kind: SupportKind
    subject: ShortText
    text: EntryText
    email: MailAddress
    phone: PhoneNumber | None = None
    app_version: AppVersion | None = None
    platform: Platform | None = None


class SupportAsked(Output):
    """`number` is what to name when one calls."""

    number: str
    answers_by_mail: AnswersByMail


class ConfirmSupportEmail(Input):
    """The number and the code that the mail says."""

    number: RequestNumber
    code: Code


class AddSupportMessage(Input):
    text: LongText
    files: FileIds = []


class AnswerSupport(Input):
    """`version` is that of the request as it was seen. `waiting` and `answered` need a text."""

    state: Literal["in-progress", "waiting", "answered", "closed"]
    version: Annotated[int, Meta(ge=1, le=2_000_000_000)]
    text: LongText | None = None


class SupportChange(Output):
    """What was written, and the state from then on. `by`: who of the school, or who asked; for administrators only."""

    side: Literal["person", "support"]
    state: SupportState
    text: str | None
    by: str | None
    made_at: datetime
    files: list[AttachedFile]


class SupportLine(Output):
    """`person`: who asked; for administrators only."""

    id: UUID
    number: str
    kind: SupportKind
    subject: str
    state: SupportState
    person: str | None
    created_at: datetime
    changed_at: datetime


class SupportRequests(Output):
    """Newest first; `next` goes into `after`."""

    items: list[SupportLine]
    next: UUID | None


class SupportRequest(SupportLine):
    """The first of `changes` is the question itself. `handler`: who answers, the school's administrator or those who
    run this server."""

    school_id: UUID | None
    handler: Literal["school", "operators"]
    version: int
    email: str | None
    phone: str | None
    answers_by_mail: AnswersByMail
    app_version: str | None
    platform: Platform | None
    changes: list[SupportChange]
