"""What marks count and how, and what may still be changed. Pure (DOMAIN.md section 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from backend.core.clock import seen_from
from backend.journal.averages import Sums
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
HEAVIEST = Decimal(10)
NUMBERS = frozenset("12345")
DOT: MarkValue = "dot"
# A debt may be paid until the end of the next period at the latest.
LONGEST_DOT = timedelta(days=120)
PUBLISHED_WITHIN = timedelta(days=60)


@dataclass(frozen=True)
class Standing:
    """A mark as it stands: version 0 means that there has been none.

    Attributes:
        set_on: the school's date when a mark that is no dot was first set here, or None where there has been none.
        visible_from: when families see this version.
        set_by: who set this version.
    """

    version: int
    value: MarkValue | None
    comment: str | None
    due_on: date | None = None
    set_on: date | None = None
    visible_from: datetime | None = None
    set_by: UUID | None = None


@dataclass(frozen=True)
class Dot:
    """A dot that stands."""

    work_id: UUID
    student_id: UUID
    slot: int
    version: int
    due_on: date


NO_MARK = Standing(version=0, value=None, comment=None)


def average(marks: Iterable[tuple[str, Decimal]]) -> Decimal | None:
    """Sum(mark x weight) / sum(weight) over (mark, weight). What is not a number (pass, a dot ...) stays out."""
    counted = (Sums(Decimal(value) * weight, weight) for value, weight in marks if value in NUMBERS)
    return sum(counted, Sums()).average


def weight_of(kind: WorkKind, own: Mapping[str, Decimal]) -> Decimal:
    """What a type of work counts at a school that has set weights of its own."""
    return own.get(kind, WEIGHTS[kind])


def weight_problems(weights: Mapping[WorkKind, Decimal]) -> dict[str, str]:
    """What is wrong with weights, by JSON pointer."""
    cents = Decimal("0.01")
    return {
        f"/weights/{kind}": "out-of-range"
        for kind, weight in weights.items()
        if not (weight.is_finite() and 0 < weight <= HEAVIEST and weight == weight.quantize(cents))
    }


def is_published_too_late(publish_at: datetime | None, now: datetime) -> bool:
    return publish_at is not None and publish_at > now + PUBLISHED_WITHIN


def changes(standing: Standing, wish: SetMark) -> bool:
    """Whether the wish is a new version: saving the same again is no event."""
    return (standing.value, standing.comment, standing.due_on) != (wish.value, wish.comment, wish.due_on)


def is_stale(standing: Standing, wish: SetMark) -> bool:
    """Whether the editor saw another version than the one that stands."""
    return wish.version is not None and wish.version != standing.version


def dot_problem(wish: SetMark, today: date) -> str | None:
    """What is wrong with a dot's term, or with a term where there is no dot."""
    if wish.value != DOT:
        return "only-for-dots" if wish.due_on is not None else None
    if wish.due_on is None:
        return "required"
    if wish.due_on < today:
        return "in-the-past"
    return "too-far" if wish.due_on > today + LONGEST_DOT else None


def needs_approval(standing: Standing, today: date) -> bool:
    """Whether the correction window is over: what was set on an earlier school day is corrected, or set anew after it
    was removed, with the deputy's approval only. A dot may be turned into a mark at any time: that is what it is
    for."""
    return standing.value != DOT and standing.set_on is not None and standing.set_on < today


def visible_from(standing: Standing, now: datetime, delay_minutes: int, publish_at: datetime | None) -> datetime:
    """When families see what is set now: after the school's delay, and not before the work is published.

    What is put right before anybody could see it is seen when the slip would have been: the slip never is. What may be
    seen at once is a minute older than it is, for a reader whose clock is behind.
    """
    if standing.visible_from is not None and standing.visible_from > now:
        return standing.visible_from
    return seen_from(max(now + timedelta(minutes=delay_minutes), publish_at or now), now)


def is_published_too_early(publish_at: datetime | None, day: date) -> bool:
    """Before the lesson's day, with a day of grace for the zone that the moment is written in."""
    return publish_at is not None and publish_at.date() < day - timedelta(days=1)
