"""The columns of a Russian class list, and a template of it."""

import io
import re

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from backend.core.values import fold

PARENTS = (1, 2)

FAMILY, GIVEN, PATRONYMIC, BIRTH, CLASS = "Фамилия", "Имя", "Отчество", "Дата рождения", "Класс"
LOGIN, PHONE, EMAIL, SNILS, TEACHER = "Логин", "Телефон", "E-mail", "СНИЛС", "Классный руководитель"
REQUIRED = (FAMILY, GIVEN, CLASS)


def parent(number: int) -> str:
    return f"Родитель {number}"


def of_parent(what: str, number: int) -> str:
    """«Телефон родителя 1» and the like."""
    return f"{what} родителя {number}"


COLUMNS = (
    FAMILY, GIVEN, PATRONYMIC, BIRTH, CLASS, LOGIN, PHONE, EMAIL, SNILS,
    *(name for n in PARENTS for name in (parent(n), *(of_parent(what, n) for what in (PHONE, EMAIL, SNILS)))),
    TEACHER,
)  # fmt: skip
"""The headers as the template writes them; `canonical` is tolerant of how people write them."""

_MAIL = re.compile(r"^(электроннаяпочта|элпочта|почта|email)")


def _key(header: str) -> str:
    plain = re.sub(r"[^\w]", "", fold(header)).replace("_", "")
    return _MAIL.sub("email", plain)


_BY_KEY = {_key(name): name for name in COLUMNS}


def canonical(header: str) -> str | None:
    """The column meant by a header: case, spaces, hyphens, dots and ё/е make no difference."""
    return _BY_KEY.get(_key(header))


def template() -> bytes:
    """An XLSX with the headers, to be filled in by the school; an example of each is its header's comment."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = "Список класса"
    sheet.append(list(COLUMNS))
    example = {
        FAMILY: "Образцов",
        GIVEN: "Иван",
        PATRONYMIC: "Петрович",
        BIRTH: "09.04.2015",
        CLASS: "5А",
        parent(1): "Образцова Мария Сергеевна",
        of_parent(PHONE, 1): "+7 900 000-00-00",
    }
    for cell, name in zip(sheet[1], COLUMNS, strict=True):
        cell.font = Font(bold=True)
        if name in example:
            cell.comment = Comment(f"Например: {example[name]}", "My Diary")
    for index, name in enumerate(COLUMNS):
        sheet.column_dimensions[get_column_letter(index + 1)].width = max(12, len(name) + 2)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
