"""What a school tells its families: announcements, news, and the ribbon of events."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from schemas.base import Input, LongText, Moment, Output, ShortText
from schemas.files import AttachedFile, FileIds
from schemas.school import ClassRef, Role

AnnouncementKind = Literal["announcement", "news"]
AudiencePart = Literal["parents", "students", "staff"]
AnnouncementState = Literal["planned", "shown", "expired"]
EventKind = Literal["competition", "olympiad", "conference", "seminar", "excursion", "other"]
# That it is not empty is a rule with a code of its own.
Audience = Annotated[list[AudiencePart], Meta(max_length=3, extra_json_schema={"minItems": 1})]
ClassIds = Annotated[list[UUID], Meta(max_length=100)]


class PublishAnnouncement(Input):
    """To whom of which classes; without classes of the whole school. News alerts nobody.

    `publishAt` left out: now. `expiresOn`: the last day on which it is shown.
    """

    title: ShortText
    text: LongText
    to: Audience
    class_ids: ClassIds = []
    kind: AnnouncementKind = "announcement"
    publish_at: Moment | None = None
    expires_on: date | None = None
    files: FileIds = []


class ChangeAnnouncement(Input):
    """What is left out stays. `files`: all that it is to have, its own or newly uploaded ones.

    `notify`: whom it is for is told once more, if something has changed.
    """

    title: ShortText | UnsetType = UNSET
    text: LongText | UnsetType = UNSET
    expires_on: date | UnsetType | None = UNSET
    files: FileIds | UnsetType = UNSET
    notify: bool = False


class Announcement(Output):
    """`classes` empty: the whole school. `changedAt` null: it stands as it was published."""

    id: UUID
    school_id: UUID
    school: str
    kind: AnnouncementKind
    title: str
    text: str
    author: str
    classes: list[ClassRef]
    published_at: datetime
    changed_at: datetime | None
    expires_on: date | None
    files: list[AttachedFile]


class Announcements(Output):
    """Newest first. `next` goes into `after`."""

    items: list[Announcement]
    next: str | None


class ManagedAnnouncement(Announcement):
    """For who publishes. `told`: how many people were alerted, `readBy`: how many of them have read it."""

    to: list[AudiencePart]
    state: AnnouncementState
    told: int
    read_by: int


class ManagedAnnouncements(Output):
    """Newest first, planned ones before. `next` goes into `after`."""

    items: list[ManagedAnnouncement]
    next: str | None


class SetEvent(Input):
    """An event as it is to be, both days included. Without classes it is the whole school's.

    `contactId`: somebody of the staff to whom one can write.
    """

    kind: EventKind
    title: ShortText
    first_day: date
    last_day: date
    text: LongText | None = None
    place: ShortText | None = None
    subject_id: UUID | None = None
    class_ids: ClassIds = []
    contact_id: UUID | None = None


class EventContact(Output):
    account_id: UUID
    name: str
    roles: list[Role]


class SchoolEvent(Output):
    """`classes` empty: the whole school. `contact` is null also where the person no longer works there."""

    id: UUID
    school_id: UUID
    kind: EventKind
    title: str
    first_day: date
    last_day: date
    text: str | None
    place: str | None
    subject_id: UUID | None
    subject: str | None
    classes: list[ClassRef]
    contact: EventContact | None


class SchoolEvents(Output):
    """In order of their days."""

    first_day: date
    last_day: date
    items: list[SchoolEvent]
