"""Which days and lessons an absence notice covers, and how it may change. Pure (DOMAIN.md section 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.attendance import ChangeNotice, NoticeDay

LONGEST = 31

# Lessons by number; None stands for the whole day, whatever lessons it has or will get.
Lessons = frozenset[int] | None


@dataclass(frozen=True)
class Limits:
    """How far from today a notice may begin and end, in days, by the school's setting."""

    back: int
    ahead: int


@dataclass(frozen=True)
class Cover:
    """What becomes of one day: `state` as on the wire, and which lessons are covered now. `whole`: all of the day."""

    day: date
    state: str
    numbers: tuple[int, ...]
    whole: bool = False

    @property
    def as_wire(self) -> NoticeDay:
        return NoticeDay(day=self.day, state=self.state, lessons=len(self.numbers), numbers=list(self.numbers))  # type: ignore[arg-type]


def range_problems(first: date, last: date, today: date, limits: Limits) -> dict[str, str]:
    """What is wrong with the days of a notice, by JSON pointer."""
    problems: dict[str, str] = {}
    if last < first:
        problems["/lastDay"] = "ends-before-it-begins"
    elif (last - first).days >= LONGEST:
        problems["/lastDay"] = "too-long"
    if first < today - timedelta(days=limits.back):
        problems["/firstDay"] = "in-the-past"
    if first > today + timedelta(days=limits.ahead):
        problems["/firstDay"] = "too-far"
    elif last > today + timedelta(days=limits.ahead):
        problems.setdefault("/lastDay", "too-far")
    return problems


def change_problem(wish: ChangeNotice, first: date, last: date, today: date, limits: Limits) -> str | None:
    """What is wrong with another last day. What is over stays as it was: a notice ends yesterday at the earliest, and
    is made longer by days for which one could still be filed; by today however long it is, for whoever is asked at
    07:10 answers by one tap."""
    if not isinstance(wish.last_day, date) or wish.last_day == last:
        return None
    if wish.last_day < first:
        return "ends-before-it-begins"
    if wish.last_day < (extended_from(last, today, limits) if wish.last_day > last else today - timedelta(days=1)):
        return "in-the-past"
    if last < wish.last_day and wish.last_day > today + timedelta(days=limits.ahead):
        return "too-far"
    return "too-long" if wish.last_day != today and (wish.last_day - first).days >= LONGEST else None


def extended_from(last: date, today: date, limits: Limits) -> date:
    """The first day that a notice may cover beyond its last one. Between the two may lie the holidays, after which a
    child is expected back; whatever else lies there nobody has excused in time."""
    return max(last + timedelta(days=1), today - timedelta(days=limits.back))


def cover(
    days: Sequence[date],
    wished: Lessons,
    lessons: Mapping[date, Sequence[int]],
    taken: Mapping[date, Sequence[Lessons]],
) -> list[Cover]:
    """What becomes of each day: covered, already covered by other notices, or without lessons.

    Args:
        wished: lessons by number, of each day.
        lessons: the child's lessons of days that have some.
        taken: what other notices cover already.
    """
    return [_cover_day(day, wished, lessons.get(day, ()), taken.get(day, ())) for day in days]


def _cover_day(day: date, wished: Lessons, lessons: Sequence[int], taken: Sequence[Lessons]) -> Cover:
    numbers = sorted(set(lessons) if wished is None else set(lessons) & wished)
    if not numbers:
        # A day that is covered as a whole stays so, also where its lessons have gone meanwhile.
        return Cover(day, "already-covered" if None in taken else "no-lessons", ())
    covered = set(lessons) if None in taken else {number for part in taken if part is not None for number in part}
    left = tuple(number for number in numbers if number not in covered)
    if not left:
        return Cover(day, "already-covered", tuple(numbers))
    return Cover(day, "covered", left, whole=wished is None and not taken)
