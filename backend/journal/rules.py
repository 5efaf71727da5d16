"""What marks count and how. Pure (DOMAIN.md section 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from schemas.journal import MarkValue, SetMark, WorkKind

# Tests and control works count most, classwork and answers less, homework least.
WEIGHTS: dict[WorkKind, Decimal] = {
    "control-work": Decimal(4),
    "test": Decimal(4),
    "laboratory": Decimal(3),
    "practice": Decimal(3),
    "answer": Decimal(2),
    "classwork": Decimal(2),
    "homework": Decimal(1),
}
NUMBERS = frozenset("12345")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Standing:
    """A mark as it stands: version 0 means that there has been none."""

    version: int
    value: MarkValue | None
    comment: str | None


NO_MARK = Standing(version=0, value=None, comment=None)


def average(marks: Iterable[tuple[str, Decimal]]) -> Decimal | None:
    """Sum(mark x weight) / sum(weight) over (mark, weight). What is not a number (pass, exempt ...) stays out."""
    counted = [(Decimal(value), weight) for value, weight in marks if value in NUMBERS]
    return average_of(
        sum((value * weight for value, weight in counted), Decimal()), sum((w for _, w in counted), Decimal())
    )


def average_of(total: Decimal, weight: Decimal) -> Decimal | None:
    """The average of marks whose mark x weight add up to `total` and whose weights to `weight`: rounded half up to
    two places. No marks is no average."""
    return (total / weight).quantize(_CENT, ROUND_HALF_UP) if weight else None


def changes(standing: Standing, wish: SetMark) -> bool:
    """Whether the wish is a new version: saving the same again is no event."""
    return (standing.value, standing.comment) != (wish.value, wish.comment)


def is_stale(standing: Standing, wish: SetMark) -> bool:
    """Whether the editor saw another version than the one that stands."""
    return wish.version is not None and wish.version != standing.version
