"""What a stream of server-sent events says; each event's `data` is one of these (docs/app.md)."""

from uuid import UUID

from schemas.base import Output
from schemas.push import InboxAlert


class LiveAlerts(Output):
    """Event `alerts`: what is new, read or withdrawn. Its id, and `next`, are a cursor of listAlertChanges; with `more`
    the rest is to be fetched there, from `next` on. An alert about a child who is not in `children` is to be removed.
    """

    items: list[InboxAlert]
    next: str
    more: bool
    children: list[UUID]


class DiaryChanged(Output):
    """Event `diary`: `version` is another whenever the child's diary shows something else; null: it may not be read any
    more. It comes once at the beginning, too."""

    child_id: UUID
    version: str | None


# What the `data` of one event is, by the event's name.
LiveEvent = LiveAlerts | DiaryChanged
