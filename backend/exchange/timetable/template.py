"""The workbook of a timetable: empty, with a sheet beside it that shows how."""

import io
from typing import TYPE_CHECKING

from backend.exchange.timetable.columns import DAY_NAMES, GROUP, NAMES, NUMBER, REQUIRED, ROOM, SUBJECT, TEACHER
from backend.exchange.timetable.columns import WEEKDAY as DAY

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_EXAMPLE = (
    {GROUP: "5А", DAY: "Пн", NUMBER: "1", SUBJECT: "Математика", TEACHER: "Учителева Анна Ивановна", ROOM: "12"},
    {GROUP: "5А англ. 1", DAY: "Пн", NUMBER: "2", SUBJECT: "Английский язык", TEACHER: "uchitelev.petr", ROOM: "21"},
)
_NOTES = (
    "Это образец, он не загружается: расписание заполняют на первом листе.",
    f"Дни: {', '.join(DAY_NAMES)}. Учитель: полное имя или логин. Кабинет можно не указывать.",
    "Класс, который назван хотя бы раз, задаётся целиком, вместе с его группами.",
)


def template() -> bytes:
    """An XLSX whose first sheet holds the headers and no lesson; only that sheet is read."""
    # Here, so that an API process carries it only once somebody has asked for a workbook.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = "Расписание"
    _lay_out(sheet)
    example = book.create_sheet("Образец")
    _lay_out(example)
    for row in _EXAMPLE:
        example.append([row.get(name) for name in NAMES])
    for number, note in enumerate(_NOTES, len(_EXAMPLE) + 3):
        example.cell(number, 1, note).font = Font(italic=True)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _lay_out(sheet: "Worksheet") -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append(list(NAMES))
    sheet.freeze_panes = "A2"
    for index, name in enumerate(NAMES, 1):
        sheet.column_dimensions[get_column_letter(index)].width = max(14, len(name) + 3, len(_EXAMPLE[0][name]) + 3)
        header = sheet.cell(1, index)
        header.font = Font(bold=True)
        header.fill = PatternFill("solid", fgColor="FFE699" if name in REQUIRED else "F2F2F2")
