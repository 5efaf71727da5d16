"""The columns of a Russian class list."""

import re

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
