"""What may be announced to whom, and what may be on the ribbon of events. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from uuid import UUID

from backend.core.clock import school_date
from backend.core.errors import Invalid
from backend.core.validation import named_problems
from backend.school.list_rights import ClassesAccess
from schemas.board import AnnouncementState, PublishAnnouncement, SetEvent

FURTHEST = timedelta(days=370)
_LONGEST_EVENT = timedelta(days=120)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
# Beyond it no moment of the product lies, and PostgreSQL takes it.
_LAST_MOMENT = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """The last announcement of a page: the next one begins behind it, also when it is gone by then."""

    published_at: datetime
    id: UUID

    @classmethod
    def read(cls, written: str) -> Self:
        """Raises Invalid for what is no cursor."""
        moment, _, announcement = written.partition(".")
        try:
            if not (moment.isascii() and moment.isdecimal()):
                raise ValueError
            published_at = _EPOCH + int(moment) * _TICK
            cursor = cls(published_at, UUID(announcement))
        except (ValueError, OverflowError):
            raise Invalid({"query:after": "bad-cursor"}) from None
        if published_at > _LAST_MOMENT:
            raise Invalid({"query:after": "bad-cursor"})
        return cursor

    def written(self) -> str:
        return f"{(self.published_at - _EPOCH) // _TICK}.{self.id}"


def announcement_problems(
    wish: PublishAnnouncement, access: ClassesAccess, known: Collection[UUID], now: datetime
) -> dict[str, str]:
    """What is wrong with an announcement, by JSON pointer. `known`: those of its classes that the school has."""
    wrong = class_problems(wish.class_ids, access, known)
    if not wish.to:
        wrong["/to"] = "empty-audience"
    published_at = wish.publish_at or now
    if published_at < now:
        wrong["/publishAt"] = "in-the-past"
    elif published_at > now + FURTHEST:
        wrong["/publishAt"] = "too-far"
    elif expires_too_early(wish.expires_on, published_at, access.timezone):
        wrong["/expiresOn"] = "expires-before-publication"
    return wrong


def expires_too_early(expires_on: date | None, published_at: datetime, timezone: str) -> bool:
    return expires_on is not None and expires_on < school_date(published_at, timezone)


def event_problems(wish: SetEvent, access: ClassesAccess, known: Collection[UUID]) -> dict[str, str]:
    """What is wrong with an event, by JSON pointer. `known`: those of its classes that the school has."""
    wrong = class_problems(wish.class_ids, access, known)
    if abs(wish.first_day - access.today) > FURTHEST:
        wrong["/firstDay"] = "too-far"
    if wish.last_day < wish.first_day:
        wrong["/lastDay"] = "ends-before-it-begins"
    elif wish.last_day - wish.first_day > _LONGEST_EVENT:
        wrong["/lastDay"] = "too-long"
    return wrong


def class_problems(named: Sequence[UUID], access: ClassesAccess, known: Collection[UUID]) -> dict[str, str]:
    """A class teacher speaks for the own classes only, never for the whole school."""
    if not named and not access.whole_school:
        return {"/classIds": "not-your-class"}
    foreign = {
        f"/classIds/{place}": "not-your-class" for place, class_id in enumerate(named) if not access.holds([class_id])
    }
    return foreign | named_problems(named, known, "/classIds", "unknown-class")


def is_over(expires_on: date | None, today: date) -> bool:
    """Whether the last day is past on which an announcement is shown."""
    return expires_on is not None and expires_on < today


def state_of(published_at: datetime, expires_on: date | None, today: date, now: datetime) -> AnnouncementState:
    if published_at > now:
        return "planned"
    return "expired" if is_over(expires_on, today) else "shown"
