"""What a school tells its families: announcements, news, and the ribbon of events."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from push.columns import timestamp


class Announcement(SQLModel, table=True):
    """An announcement, or news, which alerts nobody. `expires_on`: the last day on which it is shown."""

    id: UUID = Field(primary_key=True)
    school_id: UUID
    kind: str
    title: str
    body: str
    to_parents: bool
    to_students: bool
    to_staff: bool
    publish_at: datetime = timestamp()
    expires_on: date | None = None
    author_id: UUID
    created_at: datetime = timestamp()
    changed_at: datetime | None = timestamp(default=None)
    taken_back_by: UUID | None = None
    taken_back_at: datetime | None = timestamp(default=None)


class AnnouncementClass(SQLModel, table=True):
    """A class that an announcement is for; without any it is for the whole school."""

    __tablename__ = "announcement_class"

    announcement_id: UUID = Field(primary_key=True)
    class_id: UUID = Field(primary_key=True)


class AnnouncementDue(SQLModel, table=True):
    """An announcement that nobody has been told of yet."""

    __tablename__ = "announcement_due"

    announcement_id: UUID = Field(primary_key=True)
    school_id: UUID
    due_at: datetime = timestamp()


class SchoolEvent(SQLModel, table=True):
    """Something on the ribbon of events, both days included."""

    __tablename__ = "school_event"

    id: UUID = Field(primary_key=True)
    school_id: UUID
    kind: str
    first_day: date
    last_day: date
    title: str
    body: str | None = None
    place: str | None = None
    subject_id: UUID | None = None
    contact_id: UUID | None = None
    created_by: UUID
    created_at: datetime = timestamp()


class SchoolEventClass(SQLModel, table=True):
    """A class that an event is for; without any it is the whole school's."""

    __tablename__ = "school_event_class"

    event_id: UUID = Field(primary_key=True)
    class_id: UUID = Field(primary_key=True)
