"""Finals of a year, and the final certification. Pure (DOMAIN.md section 6).

A year's final is the mean of the period finals, rounded half up; exactly a half never decides alone. In the certificate
the year and the exam are averaged, and there a half is rounded up: so the order on certificates says (Ministry of
Education of Russia, order 546 of 2020, section on final marks).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from backend.journal.averages import mean, rounded
from backend.journal.rules import NUMBERS
from schemas.finals import FinalValue, YearKind

_VALUES: tuple[FinalValue, ...] = ("1", "2", "3", "4", "5")
_HALF = Decimal("0.5")


@dataclass(frozen=True)
class YearProposal:
    """`value` is None where nothing counts, or where the teacher decides between `between`."""

    average: Decimal | None
    value: FinalValue | None
    between: list[FinalValue]


def propose_year(kind: YearKind, parts: Sequence[str | None]) -> YearProposal:
    """The proposal from the finals that it is made of; what is no number (н/а, осв, зачёт) is left out."""
    numbers = [Decimal(value) for value in parts if value in NUMBERS]
    exact = None if kind == "exam" else mean(numbers)
    if exact is None:
        return YearProposal(None, None, [])
    nearest = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    if kind == "year" and exact % 1 == _HALF:
        return YearProposal(rounded(exact), None, [_VALUES[nearest - 2], _VALUES[nearest - 1]])
    return YearProposal(rounded(exact), _VALUES[nearest - 1], [])
