"""The columns of a Russian class list."""

from backend.exchange.headers import Columns

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
"""The headers as the template writes them; `Columns.canonical` is tolerant of how people write them."""


CLASS_LIST = Columns(COLUMNS, REQUIRED, telling=(FAMILY, CLASS))
