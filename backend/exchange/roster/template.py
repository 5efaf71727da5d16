"""The workbook that a school fills in: empty, with a sheet beside it that shows how."""

import io
from typing import TYPE_CHECKING

from backend.exchange.roster.columns import (
    BIRTH,
    CLASS,
    COLUMNS,
    EMAIL,
    FAMILY,
    GIVEN,
    LOGIN,
    PATRONYMIC,
    PHONE,
    REQUIRED,
    SNILS,
    TEACHER,
    of_parent,
    parent,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# The SNILS is the one that explanations of its check digits use.
_EXAMPLE = {
    FAMILY: "Образцов", GIVEN: "Иван", PATRONYMIC: "Петрович", BIRTH: "09.04.2015", CLASS: "5А",
    LOGIN: "obraztsov.ivan", PHONE: "+7 900 000-00-00", EMAIL: "ivan@example.ru", SNILS: "112-233-445 95",
    parent(1): "Образцова Мария Сергеевна", of_parent(PHONE, 1): "+7 900 000-00-01",
    of_parent(EMAIL, 1): "maria@example.ru", parent(2): "Образцов Пётр Иванович", TEACHER: "Учителева Анна Ивановна",
}  # fmt: skip
_NOTES = (
    "Это образец, он не загружается: список заполняют на первом листе.",
    f"Обязательны: {', '.join(REQUIRED)}. Остальное можно оставить пустым.",
    "Логин нужен, только если он уже есть: новым ученикам и родителям система придумает его сама.",
    "Один человек с двумя детьми узнаётся по СНИЛС; без СНИЛС у него будет два логина.",
)
_TEXT, _DAY = "@", "DD.MM.YYYY"


def template() -> bytes:
    """An XLSX whose first sheet holds the headers and nobody; only that sheet is read."""
    # Here, so that an API process carries it only once somebody has asked for a workbook.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = "Список класса"
    _lay_out(sheet)
    example = book.create_sheet("Образец")
    _lay_out(example)
    example.append([_EXAMPLE.get(name) for name in COLUMNS])
    for row, note in enumerate(_NOTES, 4):
        example.cell(row, 1, note).font = Font(italic=True)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _lay_out(sheet: "Worksheet") -> None:
    """Headers that stay in sight; columns as wide as their names, of a form that Excel does not spoil."""
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append(list(COLUMNS))
    sheet.freeze_panes = "A2"
    for index, name in enumerate(COLUMNS, 1):
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = max(14, len(name) + 3, len(_EXAMPLE.get(name, "")) + 3)
        # As text, or a phone loses its plus and a SNILS its leading zeros.
        column.number_format = _DAY if name == BIRTH else _TEXT
        header = sheet.cell(1, index)
        header.font = Font(bold=True)
        header.fill = PatternFill("solid", fgColor="FFE699" if name in REQUIRED else "F2F2F2")
