"""Workbooks that schools fill in: empty, with a sheet beside it that shows how."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.exchange.headers import Columns

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_TEXT, _DAY = "@", "DD.MM.YYYY"


@dataclass(frozen=True)
class Template:
    """A workbook to fill in.

    Attributes:
        title: of the sheet that is read.
        examples: rows of the other one, by column.
        days: columns that hold a date.
    """

    title: str
    columns: Columns
    examples: Sequence[Mapping[str, str]]
    notes: Sequence[str]
    days: frozenset[str] = frozenset()

    def workbook(self) -> bytes:
        """An XLSX whose first sheet holds the headers and nothing else; only that sheet is read."""
        # Here, so that an API process carries it only once somebody has asked for a workbook.
        from openpyxl import Workbook
        from openpyxl.styles import Font

        book = Workbook()
        sheet = book.active
        assert sheet is not None  # noqa: S101 - a new workbook has one
        sheet.title = self.title
        self._lay_out(sheet)
        example = book.create_sheet("Образец")
        self._lay_out(example)
        for row in self.examples:
            example.append([row.get(name) for name in self.columns.names])
        for number, note in enumerate(self.notes, len(self.examples) + 3):
            example.cell(number, 1, note).font = Font(italic=True)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def _lay_out(self, sheet: "Worksheet") -> None:
        """Headers that stay in sight; columns as wide as their names, of a form that Excel does not spoil."""
        from openpyxl.styles import Font, PatternFill
        from openpyxl.utils import get_column_letter

        sheet.append(list(self.columns.names))
        sheet.freeze_panes = "A2"
        for index, name in enumerate(self.columns.names, 1):
            column = sheet.column_dimensions[get_column_letter(index)]
            column.width = max(14, len(name) + 3, len(self.examples[0].get(name, "")) + 3)
            # As text, or a phone loses its plus and a SNILS its leading zeros.
            column.number_format = _DAY if name in self.days else _TEXT
            header = sheet.cell(1, index)
            header.font = Font(bold=True)
            header.fill = PatternFill("solid", fgColor="FFE699" if name in self.columns.required else "F2F2F2")
