"""Marks and dots: to parents and student, merged by child and day; dots by child (DOMAIN.md sections 6 and 12)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from tests.simulation.acts import Approved, Asked, Marked, Work
from tests.simulation.expected import Book, is_old
from tests.simulation.school import Child

_DOT = "dot"
_REMINDED_BEFORE = timedelta(days=2)


class Marks:
    """`standing`: value and term by work and child."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._standing: dict[tuple[UUID, UUID], tuple[str | None, date | None]] = {}
        self._places: dict[tuple[UUID, UUID], tuple[Work, Child]] = {}
        self.filled: set[UUID] = set()

    def mark(self, act: Marked) -> None:
        key = (act.work.id, act.child.id)
        old, old_due = self._standing.get(key, (None, None))
        self._standing[key] = (act.value, act.due_on)
        self._places[key] = (act.work, act.child)
        self.filled.add(act.work.lesson.id)
        if (old, old_due) == (act.value, act.due_on):
            return
        if old == _DOT and act.value not in (None, _DOT):
            self._book.take_back(act.at, ("dot", *key))
        if act.value == _DOT:
            self._of_dot(act.at, key, "dot-set", dueOn=str(act.due_on))
        elif old == _DOT and act.value is None:
            self._of_dot(act.at, key, "dot-resolved")
        else:
            self._of_mark(act, None if old == _DOT else old)

    def ask(self, act: Asked) -> None:
        lesson = act.work.lesson
        body = {"subject": lesson.subject, "groupName": lesson.form.name}
        self._book.tell(
            act.at, [self._book.school.deputy], "correction-asked", body, item=("corrections",), about=("asked", act)
        )

    def approve(self, act: Approved) -> None:
        lesson = act.asked.work.lesson
        body = {"subject": lesson.subject, "groupName": lesson.form.name, "approved": True}
        about = ("decided", act.asked)
        self._book.tell(act.at, [act.asked.author], "correction-decided", body, item=about, about=about)
        self.mark(act.mark)

    def midnight(self, at: datetime) -> None:
        """Dots whose term is over disappear."""
        for key, (value, due_on) in list(self._standing.items()):
            if value == _DOT and due_on is not None and due_on < at.date():
                self._standing[key] = (None, None)
                self._of_dot(at, key, "dot-resolved")

    def remind(self, at: datetime) -> None:
        for key, (value, due_on) in self._standing.items():
            if value == _DOT and due_on == at.date() + _REMINDED_BEFORE:
                self._of_dot(at, key, "dot-due", dueOn=str(due_on))

    def _of_dot(self, at: datetime, key: tuple[UUID, UUID], kind: str, **more: str) -> None:
        work, child = self._places[key]
        body = {"child": child.name, "subject": work.lesson.subject, **more}
        self._book.tell(
            at, child.family(at.date()), kind, body, item=("dots", child.id), about=("dot", *key), child=child.id
        )

    def _of_mark(self, act: Marked, old: str | None) -> None:
        lesson, child, today = act.work.lesson, act.child, act.at.date()
        body = {"child": child.name, "subject": lesson.subject, "work": act.work.kind, "day": str(lesson.day)}
        kind, values = "mark-set", {"value": act.value or "removed"}
        if old is not None:
            kind, values = "mark-corrected", values | {"old": old}
        self._book.tell(
            act.at, child.family(today), kind, body | values, item=("marks", child.id, today),
            about=("mark", act.work.id, child.id), child=child.id, feed_only=is_old(today, lesson.day),
        )  # fmt: skip
