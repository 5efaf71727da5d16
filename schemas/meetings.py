"""Meetings: of a class, of the school, of single families."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.base import Input, LongText, Moment, Output, ShortText, Text
from schemas.files import AttachedFile, FileIds

# https only; the server says so by a code of its own.
Link = Annotated[Text, Meta(min_length=1, max_length=2000, examples=["https://my-diary.example/5a"])]
MinutesText = Annotated[Text, Meta(min_length=1, max_length=20_000, examples=["Решили: поездка 12 мая."])]
Version = Annotated[int, Meta(ge=1, le=2_000_000_000)]
Invited = Annotated[list[UUID], Meta(min_length=1, max_length=200)]
Audience = Literal["class", "classes", "school", "families"]
When = Literal["coming", "past"]


class CallMeeting(Input):
    """`place` or `link`, or both. `studentIds`: only the families of these students of the class."""

    title: ShortText
    starts_at: Moment
    ends_at: Moment
    place: ShortText | None = None
    link: Link | None = None
    agenda: LongText | None = None
    student_ids: Invited | None = None
    staff_ids: Invited | None = None


class CallSchoolMeeting(CallMeeting):
    """`classIds`: these classes; `studentIds`: only the families of these students; neither: the whole school."""

    class_ids: Invited | None = None


class ChangeMeeting(Input):
    """What is left out stays. `version` is the one that the caller saw."""

    version: Version
    title: ShortText | UnsetType = UNSET
    starts_at: Moment | UnsetType = UNSET
    ends_at: Moment | UnsetType = UNSET
    place: ShortText | UnsetType | None = UNSET
    link: Link | UnsetType | None = UNSET
    agenda: LongText | UnsetType | None = UNSET


class CancelMeeting(Input):
    version: Version
    reason: ShortText


class SetMinutes(Input):
    """Always the whole: files that are not named are let go."""

    version: Version
    text: MinutesText
    files: FileIds = []


class AnswerMeeting(Input):
    coming: bool


class Meeting(Output):
    """`classId`: of a class's meeting. `place` is empty where there is only a link. `coming`: the caller's own answer;
    `mayAnswer`: it is waited for. `leads`: the caller may change it and sees who comes."""

    id: UUID
    school_id: UUID
    class_id: UUID | None
    audience: Audience
    title: str
    place: str
    link: str | None
    agenda: str | None
    starts_at: datetime
    ends_at: datetime
    state: Literal["called", "cancelled"]
    cancel_reason: str | None
    version: int
    coming: bool | None
    may_answer: bool
    leads: bool
    has_minutes: bool


class MeetingDetail(Meeting):
    minutes: str | None
    minutes_at: datetime | None
    files: list[AttachedFile]


class Meetings(Output):
    items: list[Meeting]


class AnswerOfPerson(Output):
    """`children`: of a guardian, those who are invited. `coming`: null where there is no answer yet."""

    account_id: UUID
    name: str
    staff: bool
    children: list[str]
    coming: bool | None
    answered_at: datetime | None


class MeetingAnswers(Output):
    coming: int
    not_coming: int
    silent: int
    people: list[AnswerOfPerson]
