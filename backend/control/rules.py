"""What a class teacher looks at every week. Pure (DOMAIN.md section 11; where it is silent, ours)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from backend.journal.averages import Sums, mean, mean_by_student, rounded
from schemas import control as wire

# Three absences in a row.
IN_A_ROW = 3
# A week's average that lies so far below what was before it is a sharp drop; one bad mark alone is none.
DROP = Decimal(1)
FEWEST_MARKS = 2


@dataclass(frozen=True)
class CountedMark:
    """A mark that counts: mark x weight, and weight."""

    student_id: UUID
    student: str
    subject_id: UUID
    subject: str
    day: date
    total: Decimal
    weight: Decimal

    @property
    def sums(self) -> Sums:
        return Sums(self.total, self.weight, 1)


def lacks(row: Mapping[str, Any]) -> list[Any]:
    """What a lesson lacks."""
    return [name for name in ("attendance", "topic", "homework") if row[f"no_{name}"]]


def absent_in_a_row(days: Iterable[Mapping[str, Any]]) -> list[wire.AbsentStudent]:
    """Students whose newest known days are all without a lesson attended, three at least.

    Args:
        days: by student, newest first.
    """
    found = []
    for student_id, of_student in groupby(days, key=lambda row: row["student_id"]):
        missed: list[Mapping[str, Any]] = []
        for row in of_student:
            if row["attended"]:
                break
            missed.append(row)
        if len(missed) >= IN_A_ROW:
            found.append(
                wire.AbsentStudent(
                    student_id=student_id, student=missed[0]["student"], days=len(missed), last_day=missed[0]["day"],
                    unexplained=any(row["unexplained"] for row in missed),
                )
            )  # fmt: skip
    return found


def drops(marks: Sequence[CountedMark], first: date) -> list[wire.Drop]:
    """Subjects in which the marks from `first` on lie far below those before."""
    grouped: dict[tuple[UUID, UUID], list[CountedMark]] = defaultdict(list)
    for mark in marks:
        grouped[mark.student_id, mark.subject_id].append(mark)
    found = []
    for of_subject in grouped.values():
        before = _sums(mark for mark in of_subject if mark.day < first)
        since = _sums(mark for mark in of_subject if mark.day >= first)
        was, now = before.average, since.average
        if min(before.marks, since.marks) < FEWEST_MARKS or was is None or now is None or was - now < DROP:
            continue
        one = of_subject[0]
        found.append(
            wire.Drop(student_id=one.student_id, student=one.student, subject=one.subject, before=was, now=now)
        )
    return found


def mean_of_students(marks: Sequence[CountedMark]) -> Decimal | None:
    """The mean of the students' averages, each the mean of their subjects'; None where nobody has a mark."""
    subjects: dict[tuple[UUID, UUID], Sums] = defaultdict(Sums)
    for mark in marks:
        subjects[mark.student_id, mark.subject_id] += mark.sums
    students = mean_by_student((student_id, sums) for (student_id, _), sums in subjects.items())
    return rounded(mean(list(students.values())))


def _sums(marks: Iterable[CountedMark]) -> Sums:
    return sum((mark.sums for mark in marks), Sums())
