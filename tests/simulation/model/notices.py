"""Absence notices: to the class teacher and the other guardian, the decision to the filer, and the question in the
morning (DOMAIN.md sections 8 and 12)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tests.simulation.acts import Cancelled, Decided, Extended, Filed
from tests.simulation.expected import Book
from tests.simulation.school import Child


@dataclass
class _Notice:
    filed: Filed
    last: date
    stands: bool = True

    def covers(self, day: date, number: int | None) -> bool:
        lessons = self.filed.lessons
        return self.stands and self.filed.first <= day <= self.last and (not lessons or number in lessons)


class Notices:
    def __init__(self, book: Book) -> None:
        self._book = book
        self._notices: dict[UUID, _Notice] = {}

    def covers(self, child: Child, day: date, number: int) -> bool:
        return any(one.filed.child == child and one.covers(day, number) for one in self._notices.values())

    def file(self, act: Filed) -> None:
        self._notices[act.notice] = _Notice(act, act.last)
        self._of_filing(act.at, act.notice, "absence-notice-filed")

    def extend(self, act: Extended) -> None:
        self._notices[act.notice].last = act.last
        self._book.take_back(act.at, ("question", act.notice))
        self._of_filing(act.at, act.notice, "absence-notice-changed")

    def cancel(self, act: Cancelled) -> None:
        self._notices[act.notice].stands = False
        self._of_filing(act.at, act.notice, "absence-notice-cancelled")

    def decide(self, act: Decided) -> None:
        notice = self._notices[act.notice]
        notice.stands = act.accepted
        child = notice.filed.child
        body = self._days(notice) | {"accepted": act.accepted}
        about = ("decision", act.notice)
        self._book.tell(
            act.at, [notice.filed.filer], "absence-notice-decided", body, item=about, about=about, child=child.id
        )

    def ask(self, at: datetime) -> None:
        """Whose notice of whole days ended on the last school day, and of whom nobody said otherwise."""
        today = at.date()
        for key, notice in self._notices.items():
            child = notice.filed.child
            back = timedelta(days=3 if today.weekday() == 0 else 1)
            expected = notice.stands and not notice.filed.lessons and notice.last == today - back
            if today.weekday() >= 5 or not expected or self.covers(child, today, 0):
                continue
            if notice.filed.filer in child.parents(today):
                body = {"child": child.name, "day": str(today)}
                self._book.tell(
                    at, [notice.filed.filer], "expected-back", body, item=("back", child.id), about=("question", key),
                    child=child.id,
                )  # fmt: skip

    def _of_filing(self, at: datetime, key: UUID, kind: str) -> None:
        notice = self._notices[key]
        filed = notice.filed
        body = self._days(notice) | {
            "className": filed.form.name,
            "lessons": ", ".join(str(number) for number in filed.lessons),
        }
        told = [filed.form.teacher, *(one for one in filed.child.parents(at.date()) if one != filed.filer)]
        self._book.tell(
            at, told, kind, body, item=("notice", filed.child.id), about=("notice", key), child=filed.child.id
        )

    def _days(self, notice: _Notice) -> dict[str, str]:
        filed = notice.filed
        return {"child": filed.child.name, "firstDay": str(filed.first), "lastDay": str(notice.last)}
