"""What attendance codes mean and when families see them. Pure (DOMAIN.md section 7). Notices: `notice_rules.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.core.clock import seen_from
from schemas.attendance import AttendanceCounters, AttendanceSymbol, MissedDay, SetExcuse

LONGEST_EXCUSE = 62

# Not there, whoever said why.
ABSENT: frozenset[str] = frozenset({"absent", "excused", "unexcused", "ill"})

SYMBOLS = (
    AttendanceSymbol(symbol="Н", code="absent", name="Отсутствовал"),
    AttendanceSymbol(symbol="УП", code="excused", name="По уважительной причине"),
    AttendanceSymbol(symbol="НП", code="unexcused", name="По неуважительной причине"),
    AttendanceSymbol(symbol="Б", code="ill", name="По болезни"),
    AttendanceSymbol(symbol="ОП", code="late", name="Опоздал", counts=False),
    AttendanceSymbol(symbol="ОСВ", code="exempt", name="Освобождён", counts=False),
)
_LOOKALIKES = str.maketrans("ABEKMHOPCTXY", "АВЕКМНОРСТХУ")


@dataclass(frozen=True)
class Fact:
    """What stands about a student in a lesson: version 0 means nothing. `visible_from`: when families see it."""

    version: int = 0
    code: str = "present"
    minutes: int | None = None
    visible_from: datetime | None = None
    symbol: str | None = None


NOTHING = Fact()


def normal_symbol(typed: str) -> str:
    """A symbol as it is stored: capitals, and Cyrillic where a Latin letter looks alike (H is Н)."""
    return typed.strip().upper().translate(_LOOKALIKES)


def symbol_problems(symbols: Sequence[AttendanceSymbol]) -> dict[str, str]:
    """What is wrong with a school's symbols, by JSON pointer: each once, and one for "absent"."""
    seen = [normal_symbol(item.symbol) for item in symbols]
    wrong = {
        f"/symbols/{number}/symbol": "repeated" for number, symbol in enumerate(seen) if seen.index(symbol) != number
    }
    if all(item.code != "absent" for item in symbols):
        wrong["/symbols"] = "absent-needed"
    return wrong


def visible_from(before: Fact, code: str, now: datetime, delay_minutes: int) -> datetime:
    """When families see what is noted now: bad news after the school's delay, so that a slip of the hand frightens
    nobody. What is put right before anybody could see it is seen when the slip would have been; good news at once."""
    if before.visible_from is not None and before.visible_from > now:
        return before.visible_from
    return seen_from(now + timedelta(minutes=delay_minutes) if code in ABSENT else now, now)


def excuse_problems(wish: SetExcuse, today: date) -> dict[str, str]:
    """What is wrong with the days of an excuse, by JSON pointer."""
    wrong: dict[str, str] = {}
    if wish.last_day < wish.first_day:
        wrong["/lastDay"] = "ends-before-it-begins"
    elif (wish.last_day - wish.first_day).days >= LONGEST_EXCUSE:
        wrong["/lastDay"] = "too-long"
    if abs((wish.first_day - today).days) > 366:
        wrong["/firstDay"] = "too-far"
    if wish.reason is not None and wish.state is None:
        wrong["/reason"] = "only-with-a-state"
    return wrong


def counters(lessons: int, days: Sequence[MissedDay]) -> AttendanceCounters:
    """What a range of days adds up to."""
    noted = [lesson for day in days for lesson in day.lessons]
    missed = [lesson for lesson in noted if lesson.code in ABSENT and lesson.counts]
    late = [lesson for lesson in noted if lesson.code == "late"]
    excused = sum(lesson.code in ("excused", "ill") for lesson in missed)
    unexcused = sum(lesson.code == "unexcused" for lesson in missed)
    return AttendanceCounters(
        lessons=lessons, missed=len(missed), excused=excused, unexcused=unexcused,
        unexplained=len(missed) - excused - unexcused, late=len(late),
        late_minutes=sum(lesson.minutes or 0 for lesson in late), whole_days=sum(day.whole for day in days),
    )  # fmt: skip
