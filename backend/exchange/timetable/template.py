"""The workbook of a timetable to fill in."""

from backend.exchange.templates import Template
from backend.exchange.timetable.columns import DAY_NAMES, GROUP, NUMBER, ROOM, SUBJECT, TEACHER, TIMETABLE
from backend.exchange.timetable.columns import WEEKDAY as DAY

_EXAMPLE = (
    {GROUP: "5А", DAY: "Пн", NUMBER: "1", SUBJECT: "Математика", TEACHER: "Учителева Анна Ивановна", ROOM: "12"},
    {GROUP: "5А англ. 1", DAY: "Пн", NUMBER: "2", SUBJECT: "Английский язык", TEACHER: "uchitelev.petr", ROOM: "21"},
)
_NOTES = (
    "Это образец, он не загружается: расписание заполняют на первом листе.",
    f"Дни: {', '.join(DAY_NAMES)}. Учитель: полное имя или логин. Кабинет можно не указывать.",
    "Класс, который назван хотя бы раз, задаётся целиком, вместе с его группами.",
)


_TEMPLATE = Template("Расписание", TIMETABLE, _EXAMPLE, _NOTES)


def template() -> bytes:
    """The workbook of a timetable: its first sheet holds the headers and no lesson."""
    return _TEMPLATE.workbook()
