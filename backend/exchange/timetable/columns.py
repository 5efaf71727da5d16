"""The columns of a timetable, and how people write a weekday."""

from backend.core.values import fold
from backend.exchange.headers import Columns

GROUP, WEEKDAY, NUMBER, SUBJECT, TEACHER, ROOM = "Класс или группа", "День", "Урок", "Предмет", "Учитель", "Кабинет"
NAMES = (GROUP, WEEKDAY, NUMBER, SUBJECT, TEACHER, ROOM)
REQUIRED = (GROUP, WEEKDAY, NUMBER, SUBJECT, TEACHER)
TIMETABLE = Columns(NAMES, REQUIRED, telling=(GROUP, SUBJECT))

_DAYS = (
    ("понедельник", "пн"), ("вторник", "вт"), ("среда", "ср"), ("четверг", "чт"), ("пятница", "пт"), ("суббота", "сб"),
)  # fmt: skip
_BY_NAME = {name: number for number, names in enumerate(_DAYS, 1) for name in (*names, str(number))}
DAY_NAMES = tuple(short.capitalize() for _, short in _DAYS)


def weekday(text: str) -> int | None:
    """Пн, понедельник or 1; None for what is no school day."""
    return _BY_NAME.get(fold(text).rstrip("."))
