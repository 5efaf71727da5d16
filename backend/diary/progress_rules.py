"""What marks add up to: averages, counts, dynamics, the way to a goal, the place in the class. Pure (DOMAIN.md section
6), in Decimal, rounded once, at the end.

The average over all subjects is the mean of the subjects' averages, before rounding: each subject counts the same,
however many marks it has.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from uuid import UUID

from backend.journal.averages import Sums, mean, mean_by_student, mean_of_subjects, rounded
from backend.journal.listing import ListedMark, SubjectSums
from backend.journal.rules import NUMBERS
from schemas import progress as wire
from schemas.journal import WorkKind

FEWEST_RATED = 5
_BUCKETS = tuple(Decimal(bound) for bound in ("0", "2.5", "3", "3.5", "4", "4.5", "5"))


def counts(mark: ListedMark) -> bool:
    """Whether a mark enters the average."""
    return mark.counted and mark.value in NUMBERS


def sum_of(marks: Iterable[ListedMark]) -> Sums:
    """Of the marks that count."""
    return sum((Sums(Decimal(mark.value) * mark.weight, mark.weight, 1) for mark in marks if counts(mark)), Sums())


def by_subject(marks: Iterable[ListedMark]) -> dict[tuple[str, UUID], list[ListedMark]]:
    """The marks of each subject, subjects by name."""
    found: dict[tuple[str, UUID], list[ListedMark]] = defaultdict(list)
    for mark in marks:
        found[mark.subject, mark.subject_id].append(mark)
    return dict(sorted(found.items()))


def overall(sums: Iterable[Sums]) -> Decimal | None:
    """The mean of the subjects' averages; None where no subject has one."""
    return rounded(mean_of_subjects(sums))


def counts_by_value(marks: Iterable[ListedMark]) -> dict[str, int]:
    """How many there are of each value, also of those that do not count."""
    return dict(sorted(Counter(mark.value for mark in marks).items()))


def steps(first: date, last: date, step: wire.Step) -> list[tuple[date, date]]:
    """The weeks (from Monday) or months that some days touch, cut at both ends."""
    found = []
    starts = first
    while starts <= last:
        if step == "week":
            ends = starts + timedelta(days=6 - starts.weekday())
        else:
            ends = (starts.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        found.append((starts, min(ends, last)))
        starts = ends + timedelta(days=1)
    return found


def points(marks: Sequence[ListedMark], spans: Sequence[tuple[date, date]]) -> list[wire.Point]:
    """The average of each span, and of all up to its end."""
    made = []
    running = Sums()
    for starts, ends in spans:
        within = [mark for mark in marks if starts <= mark.day <= ends]
        added = sum_of(within)
        running += added
        made.append(
            wire.Point(
                starts=starts, ends=ends, average=added.average, running=running.average,
                marks=added.marks,
            )
        )  # fmt: skip
    return made


def marks_needed(standing: Sums, goal: Decimal, value: int, weight: Decimal) -> int | None:
    """How many more marks of a value in works of a weight bring the average to the goal; None: no number does."""
    missing = goal * standing.weight - standing.total
    if missing <= 0:
        # Where nothing stands yet, one mark makes an average.
        return 0 if standing.weight else (1 if value >= goal else None)
    gained = (value - goal) * weight
    return int((missing / gained).to_integral_value(ROUND_CEILING)) if gained > 0 else None


def ways(standing: Sums, goal: Decimal, weights: Sequence[tuple[WorkKind, Decimal]]) -> list[wire.WayToGoal]:
    """With fives alone and with fours alone, for each kind of work, heaviest first."""
    ordered = sorted(weights, key=lambda item: (-item[1], item[0]))
    return [
        wire.WayToGoal(kind=kind, weight=weight, value=value, count=marks_needed(standing, goal, value, weight))
        for value in (5, 4)
        for kind, weight in ordered
    ]


def rate(child_id: UUID, sums: Iterable[SubjectSums], period: str) -> wire.Rating | None:
    """The child's place among those of the class who have marks: one more than how many are better, so that equals
    share a place. None where fewer than five have marks: too few to be anonymous."""
    exact = mean_by_student((item.student_id, Sums(item.total, item.weight)) for item in sums)
    if len(exact) < FEWEST_RATED:
        return None
    own = exact.get(child_id)
    return wire.Rating(
        shown=True,
        period=period,
        average=rounded(own),
        place=None if own is None else 1 + sum(other > own for other in exact.values()),
        students=len(exact),
        class_average=rounded(mean(list(exact.values()))),
        spread=[
            wire.Bucket(above=above, up_to=up_to, students=sum(above < mean <= up_to for mean in exact.values()))
            for above, up_to in pairwise(_BUCKETS)
        ],
    )


NO_RATING = wire.Rating(shown=False, period=None, average=None, place=None, students=0, class_average=None, spread=[])
