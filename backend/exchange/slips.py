"""Slips with somebody's way into the diary, eight on a page of A4, to be cut and handed over."""

import io
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from backend.exchange.wording import texts

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_PAGE_WIDTH, _PAGE_HEIGHT = 595.28, 841.89
_COLUMNS, _ROWS = 2, 4
_WIDTH, _HEIGHT = _PAGE_WIDTH / _COLUMNS, _PAGE_HEIGHT / _ROWS
# Printers leave about five millimetres of the paper's edge white.
_MARGIN = 20
_INNER = _WIDTH - 2 * _MARGIN
_REGULAR, _BOLD = "diary", "diary-bold"
_LABELS = 92
_DAY = "d MMMM y, HH:mm"

# reportlab knows its fonts by name, one table for the whole process.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Slip:
    """One person's slip.

    Attributes:
        children: those of a parent; empty for a student.
        login: None for a child's attach code, which is `secret` then.
    """

    name: str
    children: list[str]
    login: str | None
    secret: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all slips of a class have in common. `app` and `contacts` may be empty."""

    school: str
    class_name: str
    timezone: str
    app: str
    contacts: list[str]
    language: str


def draw(slips: list[Slip], sheet: Sheet) -> bytes:
    """The PDF. Its font is embedded, so it prints alike everywhere."""
    # Here, so that an API process carries it only once somebody has printed.
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    with _one_at_a_time:
        _register_fonts()
        canvas = Canvas(out, pagesize=(_PAGE_WIDTH, _PAGE_HEIGHT), lang=sheet.language)
        canvas.setTitle(_say(sheet, "sheet-title", **{"class": sheet.class_name}))
        canvas.setAuthor(sheet.school)
        for number, slip in enumerate(slips):
            place = number % (_COLUMNS * _ROWS)
            if place == 0:
                if number:
                    canvas.showPage()
                _draw_cuts(canvas)
            row, column = divmod(place, _COLUMNS)
            canvas.saveState()
            canvas.translate(column * _WIDTH, _PAGE_HEIGHT - (row + 1) * _HEIGHT)
            _draw_slip(canvas, slip, sheet)
            canvas.restoreState()
        canvas.save()
    return out.getvalue()


def _draw_cuts(canvas: "Canvas") -> None:
    canvas.setDash(3, 3)
    canvas.setLineWidth(0.5)
    canvas.setStrokeGray(0.6)
    for column in range(1, _COLUMNS):
        canvas.line(column * _WIDTH, 0, column * _WIDTH, _PAGE_HEIGHT)
    for row in range(1, _ROWS):
        canvas.line(0, row * _HEIGHT, _PAGE_WIDTH, row * _HEIGHT)
    canvas.setDash()


def _draw_slip(canvas: "Canvas", slip: Slip, sheet: Sheet) -> None:
    """Draws from the slip's lower left corner on: whose it is from above, the explanations from below."""
    y = _HEIGHT - _MARGIN - 8
    canvas.setFillGray(0.35)
    _fitted(canvas, _say(sheet, "sheet-heading", school=sheet.school, **{"class": sheet.class_name}), y, _REGULAR, 9)
    canvas.setFillGray(0)
    y = _paragraph(canvas, slip.name, y, _BOLD, 14)
    y = _paragraph(canvas, _role(slip, sheet), y - 1, _REGULAR, 9)
    y -= 10
    canvas.setStrokeGray(0.8)
    canvas.line(_MARGIN, y, _WIDTH - _MARGIN, y)
    y -= 3
    for label, value, size in _fields(slip, sheet):
        y -= size + 6
        _fitted(canvas, label, y, _REGULAR, 9, width=_LABELS - 6)
        _fitted(canvas, value, y, _BOLD, size, x=_MARGIN + _LABELS, width=_INNER - _LABELS)
    canvas.setFillGray(0.2)
    lines = [line for text in _explanations(slip, sheet) for line in _split(text, _REGULAR, 8)]
    for number, line in enumerate(reversed(lines)):
        _fitted(canvas, line, _MARGIN + 10 * number, _REGULAR, 8)


def _role(slip: Slip, sheet: Sheet) -> str:
    if slip.login is None:
        return _say(sheet, "sheet-code")
    if slip.children:
        return _say(sheet, "sheet-parent", count=len(slip.children), children=", ".join(slip.children))
    return _say(sheet, "sheet-student")


def _fields(slip: Slip, sheet: Sheet) -> list[tuple[str, str, int]]:
    """(label, value, size)"""
    if slip.login is None:
        return [(_say(sheet, "sheet-attach-code"), slip.secret, 16)]
    return [(_say(sheet, "sheet-login"), slip.login, 13), (_say(sheet, "sheet-password"), slip.secret, 16)]


def _explanations(slip: Slip, sheet: Sheet) -> list[str]:
    until = format_datetime(slip.valid_until, _DAY, tzinfo=ZoneInfo(sheet.timezone), locale=sheet.language)
    found = [_say(sheet, "sheet-first-login" if slip.login else "sheet-attach", until=until)]
    if sheet.app:
        found.append(_say(sheet, "sheet-app", address=sheet.app))
    if sheet.contacts:
        found.append(_say(sheet, "sheet-support", contacts=", ".join(sheet.contacts)))
    return found


def _say(sheet: Sheet, message: str, **values: object) -> str:
    return texts.format(sheet.language, message, values)


def _paragraph(canvas: "Canvas", text: str, y: float, font: str, size: float) -> float:
    """At most two lines below `y`, smaller where they would be three. Returns where the last one stands."""
    while len(lines := _split(text, font, size)) > 2:
        size -= 0.5
    for line in lines:
        y -= size + 3
        _fitted(canvas, line, y, font, size)
    return y


def _split(text: str, font: str, size: float) -> list[str]:
    from reportlab.lib.utils import simpleSplit

    lines: list[str] = simpleSplit(text, font, size, _INNER)
    return lines


def _fitted(
    canvas: "Canvas", text: str, y: float, font: str, size: float, *, x: float = _MARGIN, width: float = _INNER
) -> None:
    """One line, made smaller where it would not fit: a login may have 90 characters."""
    size = min(size, size * width / max(canvas.stringWidth(text, font, size), 1))
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


@cache
def _register_fonts() -> None:
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name, style in ((_REGULAR, "Regular"), (_BOLD, "Bold")):
        with as_file(files("fontpkg_pt_sans") / "files" / f"PT_Sans-Web-{style}.ttf") as path:
            registerFont(TTFont(name, str(path)))
