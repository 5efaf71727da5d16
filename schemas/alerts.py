"""What an alert says, one Struct a kind. Its tag is the kind's name on the wire and in the database.

Adding one: a Struct here, an entry in `push/catalogue.py`, wording in `push/wording/*.ftl`, an
`outbox.append` in the room, and a test (CONTRIBUTING.md). Fields hold what the text needs and no more.
"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct, field


class AlertBody(Struct, rename="camel", tag_field="kind", kw_only=True, frozen=True):
    """The base of all kinds."""


class MarkSet(AlertBody, tag="mark-set", frozen=True):
    child: str
    subject: str
    value: str
    work: str
    day: date


class MarkCorrected(AlertBody, tag="mark-corrected", frozen=True):
    child: str
    subject: str
    old: str
    value: str
    work: str
    day: date


class DotSet(AlertBody, tag="dot-set", frozen=True):
    child: str
    subject: str
    due_on: date


class DotDue(DotSet, tag="dot-due", frozen=True):
    """Two days before its term."""


class DotResolved(AlertBody, tag="dot-resolved", frozen=True):
    child: str
    subject: str


class FinalsPublished(AlertBody, tag="finals-published", frozen=True):
    child: str
    period: str


class CorrectionAsked(AlertBody, tag="correction-asked", frozen=True):
    subject: str
    group_name: str


class CorrectionDecided(CorrectionAsked, tag="correction-decided", frozen=True):
    approved: bool


class AbsentWithoutNotice(AlertBody, tag="absent-without-notice", frozen=True):
    child: str
    subject: str
    number: int
    day: date


class RemarkGiven(AlertBody, tag="remark-given", frozen=True):
    """`subject` is empty outside of lessons."""

    child: str
    subject: str
    day: date


class PraiseGiven(RemarkGiven, tag="praise-given", frozen=True):
    """The same of what was good."""


class AbsenceCorrected(AbsentWithoutNotice, tag="absence-corrected", frozen=True):
    """At the lesson after all; `minutes` late, or 0."""

    minutes: int


class CameLate(AlertBody, tag="came-late", frozen=True):
    """`minutes` may be 0: nobody has noted them."""

    child: str
    subject: str
    number: int
    day: date
    minutes: int


class TimetableChanged(AlertBody, tag="timetable-changed", frozen=True):
    """`change`: cancelled, restored, teacher, subject, room, moved, remote, in-person, added. `room` may be empty;
    `toDay` and `toNumber` are where a moved lesson is now, else where it was."""

    child: str
    subject: str
    number: int
    day: date
    change: str
    room: str
    to_day: date
    to_number: int


class FirstLessonChanged(TimetableChanged, tag="first-lesson-changed", frozen=True):
    """The same of today's first lesson."""


class HomeworkSet(AlertBody, tag="homework-set", frozen=True):
    child: str
    subject: str
    due_on: date


class HomeworkChanged(HomeworkSet, tag="homework-changed", frozen=True):
    """Another text, date, link or file."""


class Tomorrow(AlertBody, tag="tomorrow", frozen=True):
    """To the student. `first` is the time of the first lesson, empty without one; `changes` of the timetable are
    counted; `undone` are the subjects of homework that is not ticked."""

    day: date
    first: str
    subject: str
    changes: int
    undone: str


class AbsenceNoticeFiled(AlertBody, tag="absence-notice-filed", frozen=True):
    """`lessons`: their numbers, empty for whole days."""

    child: str
    class_name: str
    first_day: date
    last_day: date
    lessons: str = ""


class AbsenceNoticeChanged(AbsenceNoticeFiled, tag="absence-notice-changed", frozen=True):
    """Shortened or extended: the days as they are now."""


class AbsenceNoticeCancelled(AbsenceNoticeFiled, tag="absence-notice-cancelled", frozen=True):
    """The child will come after all."""


class AbsenceNoticeDecided(AlertBody, tag="absence-notice-decided", frozen=True):
    child: str
    first_day: date
    last_day: date
    accepted: bool


class ExpectedBack(AlertBody, tag="expected-back", frozen=True):
    """Is the child at school on `day`? The app extends the notice with one tap."""

    child: str
    day: date


class MeetingCalled(AlertBody, tag="meeting-called", frozen=True):
    """`className` is empty where it is not of one class, `place` where there is only a link."""

    title: str
    class_name: str
    starts_at: datetime
    timezone: str
    place: str


class MeetingMoved(AlertBody, tag="meeting-moved", frozen=True):
    """`change`: time, place, both, or link: the link alone is another one. `className` and `place` may be empty."""

    title: str
    class_name: str
    starts_at: datetime
    old_starts_at: datetime
    timezone: str
    place: str
    change: str


class MeetingCancelled(AlertBody, tag="meeting-cancelled", frozen=True):
    title: str
    class_name: str
    starts_at: datetime
    timezone: str


class MeetingSoon(MeetingCalled, tag="meeting-soon", frozen=True):
    """A day and two hours before."""


class AnnouncementPublished(AlertBody, tag="announcement-published", frozen=True):
    """`class_name` is empty for the whole school, and for more than three classes."""

    title: str
    class_name: str


class WeekToAcknowledge(AlertBody, tag="week-to-acknowledge", frozen=True):
    child: str
    first_day: date
    last_day: date


class RemarkAnswered(AlertBody, tag="remark-answered", frozen=True):
    child: str
    day: date


class MessageReceived(AlertBody, tag="message-received", frozen=True):
    """`writer`: teacher, class-teacher, deputy, staff, parent, student. `subject` is a teacher's, else empty;
    `className` is empty where the child has no class."""

    child: str
    class_name: str
    writer: str
    subject: str


class UrgentMessage(MessageReceived, tag="urgent-message", frozen=True):
    """The same where the school says that it is urgent."""


class GuardianshipChanged(AlertBody, tag="guardianship-changed", frozen=True):
    """To the adult alone. `change`: added, or changed: the link allows something else."""

    child: str
    change: str


class LessonsUnfilled(AlertBody, tag="lessons-unfilled", frozen=True):
    day: date
    lessons: int


class SupportAnswered(AlertBody, tag="support-answered", frozen=True):
    """To who asked. `status`: in-progress, waiting, answered, closed."""

    number: str
    status: str


Body = (
    MarkSet
    | MarkCorrected
    | DotSet
    | DotDue
    | DotResolved
    | FinalsPublished
    | CorrectionAsked
    | CorrectionDecided
    | AbsentWithoutNotice
    | RemarkGiven
    | PraiseGiven
    | AbsenceCorrected
    | CameLate
    | TimetableChanged
    | FirstLessonChanged
    | HomeworkSet
    | HomeworkChanged
    | Tomorrow
    | AbsenceNoticeFiled
    | AbsenceNoticeChanged
    | AbsenceNoticeCancelled
    | AbsenceNoticeDecided
    | ExpectedBack
    | MeetingCalled
    | MeetingMoved
    | MeetingCancelled
    | MeetingSoon
    | AnnouncementPublished
    | WeekToAcknowledge
    | RemarkAnswered
    | MessageReceived
    | UrgentMessage
    | GuardianshipChanged
    | LessonsUnfilled
    | SupportAnswered
)


class Target(Struct, rename="camel", kw_only=True):
    """The deep link: which screen of the app shows what the alert is about (docs/app.md)."""

    screen: str
    child_id: UUID | None = None
    on: date | None = field(name="date", default=None)
    entity_id: UUID | None = None
