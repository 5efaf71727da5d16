"""What marks add up to, in Decimal; rounded half up to two places, once, at the end. Pure (DOMAIN.md section 6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Sums:
    """Of some marks: mark x weight, weight, and how many there are."""

    total: Decimal = Decimal()
    weight: Decimal = Decimal()
    marks: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.total + other.total, self.weight + other.weight, self.marks + other.marks)

    @property
    def exact(self) -> Decimal | None:
        """The average before rounding. No marks is no average."""
        return self.total / self.weight if self.weight else None

    @property
    def average(self) -> Decimal | None:
        return rounded(self.exact)


def rounded(exact: Decimal | None) -> Decimal | None:
    return None if exact is None else exact.quantize(_CENT, ROUND_HALF_UP)


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """Before rounding; None of nothing."""
    return sum(values, Decimal()) / len(values) if values else None


def mean_of_subjects(sums: Iterable[Sums]) -> Decimal | None:
    """The average over all subjects, before rounding: each subject counts the same, however many marks it has."""
    return mean([exact for one in sums if (exact := one.exact) is not None])


def mean_by_student(sums: Iterable[tuple[UUID, Sums]]) -> dict[UUID, Decimal]:
    """The same of each student that has one, from (student, sums of a subject)."""
    subjects: dict[UUID, list[Sums]] = defaultdict(list)
    for student_id, of_subject in sums:
        subjects[student_id].append(of_subject)
    means = {student_id: mean_of_subjects(found) for student_id, found in subjects.items()}
    return {student_id: exact for student_id, exact in means.items() if exact is not None}
