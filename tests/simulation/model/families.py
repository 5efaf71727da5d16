"""What is for families as such: meetings, announcements, remarks, the week to sign (DOMAIN.md sections 10 and 12)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tests.simulation.acts import (
    MeetingAnswered,
    MeetingCalled,
    MeetingDropped,
    MeetingMoved,
    Published,
    Remarked,
    Signed,
)
from tests.simulation.expected import Book, written
from tests.simulation.school import TIMEZONE

_REMINDED_BEFORE = (timedelta(hours=24), timedelta(hours=2))


@dataclass
class _Meeting:
    called: MeetingCalled
    starts: datetime
    stands: bool = True
    unwilling: set[UUID] = field(default_factory=set)
    reminders: list[datetime] = field(default_factory=list)


class Families:
    def __init__(self, book: Book) -> None:
        self._book = book
        self._meetings: dict[UUID, _Meeting] = {}
        self._planned: list[Published] = []
        self._signed: set[tuple[UUID, UUID]] = set()

    def call(self, act: MeetingCalled) -> None:
        self._meetings[act.meeting] = _Meeting(act, act.starts, reminders=_reminders(act.at, act.starts))
        self._of_meeting(act.at, act.meeting, "meeting-called", place=act.place)

    def move(self, act: MeetingMoved) -> None:
        meeting = self._meetings[act.meeting]
        before, meeting.starts, meeting.reminders = meeting.starts, act.starts, _reminders(act.at, act.starts)
        self._book.take_back(act.at, ("meeting", act.meeting))
        place, was = meeting.called.place, written(before)
        self._of_meeting(act.at, act.meeting, "meeting-moved", place=place, oldStartsAt=was, change="time")

    def drop(self, act: MeetingDropped) -> None:
        self._meetings[act.meeting].reminders = []
        self._book.take_back(act.at, ("meeting", act.meeting))
        self._of_meeting(act.at, act.meeting, "meeting-cancelled")

    def answer(self, act: MeetingAnswered) -> None:
        if not act.coming:
            self._meetings[act.meeting].unwilling.add(act.account)

    def publish(self, act: Published) -> None:
        self._planned.append(act)

    def remark(self, act: Remarked) -> None:
        child, day = act.child, act.at.date()
        body = {"child": child.name, "subject": act.subject, "day": str(day)}
        self._book.tell(
            act.at, child.parents(day), "praise-given" if act.praise else "remark-given", body,
            item=("remarks", child.id, day), about=("remark", act.remark), child=child.id,
        )  # fmt: skip

    def sign(self, act: Signed) -> None:
        self._signed.add((act.child.id, act.account))

    def due(self, now: datetime) -> None:
        """Meetings that are soon, and announcements that come out."""
        for key, meeting in self._meetings.items():
            for moment in [one for one in meeting.reminders if one <= now]:
                meeting.reminders.remove(moment)
                self._of_meeting(now, key, "meeting-soon", but=meeting.unwilling, place=meeting.called.place)
        for act in [one for one in self._planned if one.out <= now]:
            self._planned.remove(act)
            self._announce(now, act)

    def ask_for_weeks(self, at: datetime) -> None:
        """Friday: each guardian who is told and has not signed."""
        monday = at.date() - timedelta(days=4)
        for child in self._book.school.children:
            body = {"child": child.name, "firstDay": str(monday), "lastDay": str(monday + timedelta(days=6))}
            told = [one for one in child.parents(at.date()) if (child.id, one) not in self._signed]
            item = ("week", child.id, monday)
            self._book.tell(at, told, "week-to-acknowledge", body, item=item, about=item, child=child.id, lane="bulk")

    def _announce(self, at: datetime, act: Published) -> None:
        body = {"title": act.title, "className": act.form.name if act.form else ""}
        item = ("announcement", act.announcement)
        for child in act.form.children if act.form else self._book.school.children:
            told = child.family(at.date()) if act.students else child.parents(at.date())
            self._book.tell(
                at, told, "announcement-published", body, item=item, about=item, child=child.id, lane="bulk"
            )

    def _of_meeting(self, at: datetime, key: UUID, kind: str, *, but: set[UUID] | None = None, **more: str) -> None:
        meeting = self._meetings[key]
        called = meeting.called
        body = {"title": called.title, "className": called.form.name, "timezone": TIMEZONE} | more
        body["startsAt"] = written(meeting.starts)
        item = ("meeting", key)
        for child in called.form.children:
            told = [one for one in child.parents(at.date()) if one not in (but or ())]
            self._book.tell(at, told, kind, body, item=item, about=item, child=child.id)


def _reminders(at: datetime, starts: datetime) -> list[datetime]:
    return [starts - before for before in _REMINDED_BEFORE if starts - before > at]
