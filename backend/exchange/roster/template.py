"""The workbook of a class list to fill in."""

from backend.exchange.roster.columns import (
    BIRTH,
    CLASS,
    CLASS_LIST,
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
from backend.exchange.templates import Template

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
_TEMPLATE = Template("Список класса", CLASS_LIST, [_EXAMPLE], _NOTES, days=frozenset({BIRTH}))


def template() -> bytes:
    """The workbook of a class list: its first sheet holds the headers and nobody."""
    return _TEMPLATE.workbook()
