"""What is known of each alert kind: how urgent, on which channel, for how long, how it merges."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from schemas import alerts
from schemas.alerts import AlertBody

Lane = Literal["urgent", "normal", "bulk"]
LANES: tuple[Lane, ...] = ("urgent", "normal", "bulk")


@dataclass(frozen=True)
class Merge:
    """Alerts alike in `by` become one item, with the values of `join` in a row."""

    by: str
    join: str


@dataclass(frozen=True)
class Kind:
    """One alert kind.

    Attributes:
        lifetime: later than this after the fact it is not sent (FCM: 28 days at most).
        rings: also where something of its thread rang a moment ago.
        rings_later: what comes while it must make no sound makes it afterwards (DOMAIN.md section 10, office hours).
    """

    body: type[AlertBody]
    lane: Lane
    channel: str
    lifetime: timedelta
    merge: Merge | None = None
    rings: bool = False
    rings_later: bool = False

    @property
    def name(self) -> str:
        return str(self.body.__struct_config__.tag)


_DAY = timedelta(days=1)

KINDS: dict[type[AlertBody], Kind] = {
    kind.body: kind
    for kind in (
        Kind(alerts.MarkSet, "normal", "marks", 3 * _DAY, Merge(by="subject", join="value")),
        Kind(alerts.MarkCorrected, "normal", "marks", 3 * _DAY),
        Kind(alerts.DotSet, "normal", "marks", 3 * _DAY),
        Kind(alerts.DotDue, "normal", "marks", 2 * _DAY),
        Kind(alerts.DotResolved, "normal", "marks", 3 * _DAY),
        Kind(alerts.FinalsPublished, "normal", "marks", 7 * _DAY),
        Kind(alerts.CorrectionAsked, "normal", "journal", 3 * _DAY),
        Kind(alerts.CorrectionDecided, "normal", "journal", 3 * _DAY),
        Kind(alerts.AbsentWithoutNotice, "urgent", "attendance", _DAY),
        Kind(alerts.RemarkGiven, "normal", "remarks", 3 * _DAY),
        Kind(alerts.PraiseGiven, "normal", "remarks", 3 * _DAY),
        Kind(alerts.AbsenceCorrected, "urgent", "attendance", _DAY),
        Kind(alerts.CameLate, "normal", "attendance", _DAY),
        Kind(alerts.TimetableChanged, "normal", "timetable", 2 * _DAY),
        Kind(alerts.FirstLessonChanged, "urgent", "timetable", _DAY),
        Kind(alerts.HomeworkSet, "normal", "homework", 3 * _DAY),
        Kind(alerts.HomeworkChanged, "normal", "homework", 3 * _DAY),
        Kind(alerts.Tomorrow, "normal", "tomorrow", timedelta(hours=12)),
        Kind(alerts.AbsenceNoticeFiled, "normal", "notices", 3 * _DAY),
        Kind(alerts.AbsenceNoticeChanged, "normal", "notices", 3 * _DAY),
        Kind(alerts.AbsenceNoticeCancelled, "normal", "notices", 3 * _DAY),
        Kind(alerts.AbsenceNoticeDecided, "normal", "notices", 3 * _DAY),
        Kind(alerts.ExpectedBack, "normal", "notices", timedelta(hours=4)),
        Kind(alerts.MeetingCalled, "normal", "meetings", 14 * _DAY),
        Kind(alerts.MeetingMoved, "normal", "meetings", 14 * _DAY),
        Kind(alerts.MeetingCancelled, "normal", "meetings", 14 * _DAY),
        Kind(alerts.MeetingSoon, "normal", "meetings", _DAY),
        Kind(alerts.AnnouncementPublished, "bulk", "announcements", 7 * _DAY),
        Kind(alerts.WeekToAcknowledge, "bulk", "weeks", 3 * _DAY),
        Kind(alerts.RemarkAnswered, "normal", "remarks", 3 * _DAY),
        Kind(alerts.MessageReceived, "normal", "messages", 7 * _DAY, rings_later=True),
        Kind(alerts.UrgentMessage, "urgent", "urgent-messages", 3 * _DAY, rings=True, rings_later=True),
        Kind(alerts.GuardianshipChanged, "normal", "access", 7 * _DAY),
        Kind(alerts.LessonsUnfilled, "normal", "journal", _DAY),
        Kind(alerts.SupportAnswered, "normal", "support", 7 * _DAY),
    )
}

RINGING = frozenset(kind.name for kind in KINDS.values() if kind.rings)
RINGING_LATER = frozenset(kind.name for kind in KINDS.values() if kind.rings_later)
KIND_NAMES = frozenset(kind.name for kind in KINDS.values())
SUMMARY_CHANNEL = "summary"
CHANNELS: tuple[str, ...] = (*dict.fromkeys(kind.channel for kind in KINDS.values()), SUMMARY_CHANNEL)


def kind_of(body: AlertBody) -> Kind:
    return KINDS[type(body)]
