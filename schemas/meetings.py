"""Meetings of parents."""

from datetime import datetime
from uuid import UUID

from schemas.base import Input, LongText, Moment, Output, ShortText


class CallMeeting(Input):
    title: ShortText
    place: ShortText
    starts_at: Moment
    ends_at: Moment
    agenda: LongText | None = None


class Meeting(Output):
    id: UUID
    class_id: UUID
    title: str
    place: str
    agenda: str | None
    starts_at: datetime
    ends_at: datetime


class Meetings(Output):
    items: list[Meeting]
