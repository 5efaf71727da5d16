"""What follows from lessons: homework, the evening before, changes of the timetable, lessons that nobody has filled
(DOMAIN.md sections 5, 9 and 12)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tests.simulation.acts import Edited, Given, LessonChanged, TakenBack, Ticked
from tests.simulation.expected import Book
from tests.simulation.school import Child, Form, Lesson

_DAY = timedelta(days=1)
_TOLD_OF = {"text", "due_on", "links", "files"}


class Lessons:
    def __init__(self, book: Book) -> None:
        self._book = book
        self._given: dict[UUID, Given] = {}
        self._ticked: set[tuple[UUID, UUID]] = set()
        self._cancelled: set[UUID] = set()
        self._changed: set[UUID] = set()

    def give(self, act: Given) -> None:
        self._given[act.homework] = act
        self._of_homework(act.at, act, "homework-set")

    def edit(self, act: Edited) -> None:
        if act.fields & _TOLD_OF:
            self._of_homework(act.at, self._given[act.homework], "homework-changed")

    def take_back(self, act: TakenBack) -> None:
        del self._given[act.homework]
        self._book.take_back(act.at, ("homework", act.homework))

    def tick(self, act: Ticked) -> None:
        self._ticked.add((act.homework, act.child.id))

    def change(self, act: LessonChanged) -> None:
        lesson, today = act.lesson, act.at.date()
        first = lesson == self._planned(lesson.form, lesson.day)[0]
        urgent = first and lesson.day == today
        self._changed.add(lesson.id)
        if act.change == "cancelled":
            self._cancelled.add(lesson.id)
        for child in lesson.form.children:
            body = {
                "child": child.name, "subject": lesson.subject, "number": lesson.number, "day": str(lesson.day),
                "change": act.change, "room": act.room, "toDay": str(lesson.day), "toNumber": lesson.number,
            }  # fmt: skip
            self._book.tell(
                act.at, child.family(today), "first-lesson-changed" if urgent else "timetable-changed", body,
                item=("timetable", child.id, lesson.day), about=("change", lesson.id), child=child.id,
                lane="urgent" if urgent else "normal", feed_only=lesson.day > today + _DAY,
            )  # fmt: skip

    def evening(self, at: datetime) -> None:
        """To students: tomorrow's first lesson, how many lessons are changed, what is due and not ticked."""
        tomorrow = at.date() + _DAY
        due: dict[Form, list[Given]] = defaultdict(list)
        for given in self._given.values():
            if given.due_on == tomorrow:
                due[given.lesson.form].append(given)
        for form in self._book.school.forms:
            lessons = self._planned(form, tomorrow)
            changes = sum(lesson.id in self._changed for lesson in self._book.school.day_of(form, tomorrow))
            for child in form.children:
                undone = self._undone(child, due[form])
                if lessons or changes or undone:
                    first = lessons[0] if lessons else None
                    body = {
                        "day": str(tomorrow), "first": f"{first.starts:%H:%M}" if first else "",
                        "subject": first.subject if first else "", "changes": changes, "undone": undone,
                    }  # fmt: skip
                    item = ("tomorrow", child.id)
                    self._book.tell(
                        at, [child.account], "tomorrow", body, item=item, about=(*item, tomorrow), child=child.id
                    )

    def unfilled(self, at: datetime, filled: set[UUID]) -> None:
        """To teachers, once a day: lessons that are over without attendance and marks."""
        lessons = self._book.school.lessons.values()
        over = [lesson for lesson in lessons if lesson.day == at.date() and lesson.ends <= at]
        missing = Counter(one.teacher for one in over if one.id not in filled and one.id not in self._cancelled)
        for teacher, number in missing.items():
            about = ("unfilled", teacher, at.date())
            body = {"day": str(at.date()), "lessons": number}
            self._book.tell(at, [teacher], "lessons-unfilled", body, item=about, about=about)

    def _planned(self, form: Form, day: date) -> list[Lesson]:
        return [one for one in self._book.school.day_of(form, day) if one.id not in self._cancelled]

    def _undone(self, child: Child, due: Sequence[Given]) -> str:
        mine = (one for one in due if not one.children or child in one.children)
        return ", ".join(sorted({one.lesson.subject for one in mine if (one.homework, child.id) not in self._ticked}))

    def _of_homework(self, at: datetime, given: Given, kind: str) -> None:
        for child in given.children or given.lesson.form.children:
            body = {"child": child.name, "subject": given.lesson.subject, "dueOn": str(given.due_on)}
            self._book.tell(
                at, child.family(at.date()), kind, body, item=("homework", child.id, at.date()),
                about=("homework", given.homework), child=child.id,
            )  # fmt: skip
