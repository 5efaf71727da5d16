"""Who is not at a lesson: to parents, after the school's delay; urgent on the day itself (DOMAIN.md sections 7, 12)."""

from datetime import datetime, timedelta
from uuid import UUID

from tests.simulation.acts import Listed
from tests.simulation.expected import Book, is_old
from tests.simulation.model.notices import Notices
from tests.simulation.school import Child, Lesson

DELAY = timedelta(minutes=5)
_PRESENT = ("present", None)


class Attendance:
    """`known`: what the family of a child has been told of a lesson. `waiting`: from when they may see what stands."""

    def __init__(self, book: Book, notices: Notices) -> None:
        self._book, self._notices = book, notices
        self._stands: dict[tuple[UUID, UUID], tuple[str, int | None]] = {}
        self._known: dict[tuple[UUID, UUID], str] = {}
        self._waiting: dict[tuple[UUID, UUID], tuple[datetime, Lesson, Child]] = {}
        self.checked: set[UUID] = set()
        self._children: dict[UUID, Child] = {child.id: child for child in book.school.children}

    def list(self, act: Listed) -> None:
        """Whoever is not named was there."""
        lesson = act.lesson
        self.checked.add(lesson.id)
        said = {child.id: noted for child, noted in act.noted.items()}
        before = {child for place, child in self._stands if place == lesson.id}
        for child_id in sorted(before | said.keys()):
            key = (lesson.id, child_id)
            new = said.get(child_id, _PRESENT)
            if new == self._stands.get(key, _PRESENT):
                continue
            self._stands[key] = new
            child = self._children[child_id]
            if key in self._waiting:
                continue
            if new[0] == "absent":
                self._waiting[key] = (act.at + DELAY, lesson, child)
            else:
                self._tell(act.at, lesson, child)

    def due(self, now: datetime) -> None:
        """What may be seen by now."""
        for key, (at, lesson, child) in list(self._waiting.items()):
            if at <= now:
                del self._waiting[key]
                self._tell(now, lesson, child)

    def _tell(self, at: datetime, lesson: Lesson, child: Child) -> None:
        key = (lesson.id, child.id)
        code, minutes = self._stands[key]
        if code == "absent" and self._notices.covers(child, lesson.day, lesson.number):
            return
        known = self._known.get(key)
        body = {"child": child.name, "subject": lesson.subject, "number": lesson.number, "day": str(lesson.day)}
        if code == "absent" and known != "absent":
            kind, lane, feed_only = "absent-without-notice", "urgent", lesson.day != at.date()
        elif known == "absent" and code in ("present", "late"):
            kind, lane, feed_only = "absence-corrected", "urgent", lesson.day != at.date()
            body |= {"minutes": minutes or 0}
        elif code == "late" and known != "late":
            kind, lane, feed_only = "came-late", "normal", is_old(at.date(), lesson.day)
            body |= {"minutes": minutes or 0}
        else:
            return
        self._known[key] = code
        self._book.tell(
            at, child.parents(at.date()), kind, body, item=("attendance", child.id, lesson.day),
            about=("lesson", *key), child=child.id, lane=lane, feed_only=feed_only,
        )  # fmt: skip
