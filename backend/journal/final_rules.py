"""How a final is proposed. Pure (DOMAIN.md section 6).

Homework and classwork are averaged apart; if they differ, classwork wins. The winner is compared with the tests: equal
is final, different and the tests win. "Equal" is after rounding; a missing part is left out. An average of exactly a
half never decides alone.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from backend.journal.averages import Sums
from schemas.finals import FinalValue, Part, PartAverage, Proposal, Step
from schemas.journal import WorkKind

PARTS: dict[WorkKind, Part] = {
    "homework": "homework",
    "answer": "classwork",
    "classwork": "classwork",
    "laboratory": "classwork",
    "practice": "classwork",
    "test": "tests",
    "control-work": "tests",
}
_VALUES: tuple[FinalValue, ...] = ("1", "2", "3", "4", "5")
_HALF = Decimal("0.50")


def propose(parts: Mapping[Part, Sums]) -> Proposal:
    """The proposal from what each part adds up to."""
    averages: dict[Part, PartAverage] = {part: _average(part, parts.get(part, Sums())) for part in _ORDER}
    steps: list[Step] = []
    winner = _compare(averages["classwork"], averages["homework"], averages["classwork"], steps)
    winner = _compare(winner, averages["tests"], averages["tests"], steps)
    shown = list(averages.values())
    if winner is None or winner.average is None or winner.rounded is None:
        return Proposal(value=None, between=[], parts=shown, steps=steps)
    agreed = any(step.equal and winner.part in step.compared for step in steps)
    if winner.average % 1 == _HALF and not agreed:
        both = [_VALUES[winner.rounded - 2], _VALUES[winner.rounded - 1]]
        return Proposal(value=None, between=both, parts=shown, steps=steps)
    return Proposal(value=_VALUES[winner.rounded - 1], between=[], parts=shown, steps=steps)


_ORDER: tuple[Part, ...] = ("homework", "classwork", "tests")


def _average(part: Part, sums: Sums) -> PartAverage:
    average = sums.average
    rounded = None if average is None else int(average.quantize(Decimal(1), ROUND_HALF_UP))
    return PartAverage(part=part, average=average, rounded=rounded, marks=sums.marks)


def _compare(
    first: PartAverage | None, second: PartAverage, stronger: PartAverage, steps: list[Step]
) -> PartAverage | None:
    """The one that counts on: the only one there is, either of two that are equal, else the stronger."""
    if first is None or first.rounded is None:
        return second if second.rounded is not None else None
    if second.rounded is None:
        return first
    equal = first.rounded == second.rounded
    wins = first if equal else stronger
    steps.append(Step(compared=[first.part, second.part], equal=equal, wins=wins.part))
    return wins
