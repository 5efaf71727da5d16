"""Rows of a timetable to lessons of a school: names become the groups, subjects and teachers that they mean. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.core.values import fold
from backend.exchange.problems import Problems
from backend.exchange.roster.matching import find_teacher
from backend.exchange.tables import Row
from backend.exchange.timetable.columns import GROUP, NUMBER, REQUIRED, ROOM, SUBJECT, TEACHER, weekday
from backend.exchange.timetable.columns import WEEKDAY as DAY
from backend.identity.roster import KnownAccount
from schemas.timetable import PlannedLesson

_LATEST = 12
_LONGEST_ROOM = 50


@dataclass(frozen=True)
class Names:
    """What a school calls its groups and subjects, folded, and who works there."""

    groups: Mapping[str, Sequence[UUID]]
    subjects: Mapping[str, UUID]
    staff: Sequence[KnownAccount]


def read_lessons(rows: Sequence[Row], file: str, names: Names, problems: Problems) -> list[PlannedLesson]:
    """The lessons that the rows mean; what is wrong goes to `problems`."""
    found = []
    first: dict[tuple[UUID, int, int], int] = {}
    for row in rows:
        lesson = _Reading(row, file, names, problems).lesson()
        if lesson is None:
            continue
        place = (lesson.group_id, lesson.weekday, lesson.number)
        if first.setdefault(place, row.number) != row.number:
            message = f"Row {first[place]} gives the group another lesson there."
            problems.add(file, row.number, NUMBER, "place-taken", message)
        found.append(lesson)
    return found


class _Reading:
    """One row."""

    def __init__(self, row: Row, file: str, names: Names, problems: Problems) -> None:
        self._row, self._file, self._names, self._problems = row, file, names, problems

    def lesson(self) -> PlannedLesson | None:
        missing = [column for column in REQUIRED if not self._text(column)]
        for column in missing:
            self._wrong(column, "missing-value", "The cell must not be blank.")
        if missing:
            return None
        group, subject, teacher = self._group(), self._subject(), self._teacher()
        day, number = weekday(self._text(DAY)), self._number()
        if day is None:
            self._wrong(DAY, "bad-weekday", "A weekday is written like Пн or понедельник, up to Saturday.")
        room = self._text(ROOM) or None
        if room is not None and len(room) > _LONGEST_ROOM:
            self._wrong(ROOM, "too-long", "The cell is too long.")
        if group is None or subject is None or teacher is None or day is None or number is None:
            return None
        return PlannedLesson(
            group_id=group, subject_id=subject, teacher_id=teacher, weekday=day, number=number, room=room
        )

    def _group(self) -> UUID | None:
        found = self._names.groups.get(fold(self._text(GROUP)), ())
        if len(found) == 1:
            return found[0]
        code = "ambiguous-group" if found else "unknown-group"
        self._wrong(GROUP, code, "The year has several groups of this name." if found else "No such class or group.")
        return None

    def _subject(self) -> UUID | None:
        found = self._names.subjects.get(fold(self._text(SUBJECT)))
        if found is None:
            self._wrong(SUBJECT, "unknown-subject", "The school has no such subject.")
        return found

    def _teacher(self) -> UUID | None:
        place = (self._file, self._row.number, TEACHER)
        found = find_teacher(self._text(TEACHER), self._names.staff, place, self._problems)
        return found.id if found else None

    def _number(self) -> int | None:
        text = self._text(NUMBER)
        if text.isascii() and text.isdigit() and int(text) <= _LATEST:
            return int(text)
        self._wrong(NUMBER, "bad-number", f"The number of a lesson is 0 to {_LATEST}.")
        return None

    def _text(self, column: str) -> str:
        cell = self._row.cells.get(column)
        return "" if cell is None else str(cell)

    def _wrong(self, column: str, code: str, message: str) -> None:
        self._problems.add(self._file, self._row.number, column, code, message)
