"""Calendars that phones subscribe to."""

from datetime import datetime
from uuid import UUID

from schemas.base import Input, Output


class CreateCalendarFeed(Input):
    """`childId`: of this child; without it of everything that is one's own: all one's children, the own lessons."""

    child_id: UUID | None = None


class CalendarFeed(Output):
    """`lastReadAt`: when a calendar last asked for it."""

    id: UUID
    child_id: UUID | None
    made_at: datetime
    last_read_at: datetime | None


class NewCalendarFeed(Output):
    """`address` is told here and never again: whoever has it reads the calendar."""

    feed: CalendarFeed
    address: str


class CalendarFeeds(Output):
    items: list[CalendarFeed]
