"""Reading what people write: SNILS, phones, classes, days, names."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.core import values
from backend.core.values import ClassName, PersonName
from backend.exchange.oneroster.bundle import Record
from backend.exchange.oneroster.structure import grade, subject_name
from backend.exchange.ranges import Range, place
from backend.identity import logins

numbers = st.integers(min_value=1_001_999, max_value=999_999_999).map(lambda number: f"{number:09d}")


@pytest.mark.parametrize("text", ["112-233-445 95", "11223344595", " 112 233 445 95 ", "001-001-998 00"])
def test_a_good_snils(text: str) -> None:
    assert values.snils(text) == "".join(filter(str.isdigit, text))


@pytest.mark.parametrize("text", ["112-233-445 96", "1122334459", "112_233_445 95", "", "abc", "１１２-233-445 95"])
def test_a_bad_snils(text: str) -> None:
    assert values.snils(text) is None


@given(numbers)
def test_exactly_one_check_number_is_right(number: str) -> None:
    good = [check for check in range(100) if values.snils(f"{number}{check:02d}")]
    assert good == [int(values.snils_check(number))]


@given(numbers)
def test_the_check_number_as_the_rule_says_it(number: str) -> None:
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(number))
    while total > 101:
        total %= 101
    assert int(values.snils_check(number)) == (0 if total in (100, 101) else total)


@given(numbers, st.integers(0, 8), st.integers(1, 9))
def test_a_wrong_digit_is_noticed(number: str, place_: int, shift: int) -> None:
    wrong = number[:place_] + str((int(number[place_]) + shift) % 10) + number[place_ + 1 :]
    # 101 gives 00 as 100 does, so these two sums cannot be told apart; every other slip can.
    sums = {_sum(number) % 101 % 100, _sum(wrong) % 101 % 100}
    if len(sums) == 2 and int(wrong) > 1_001_998:
        assert values.snils(wrong + values.snils_check(number)) is None


def _sum(number: str) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8 (916) 123-45-67", "+79161234567"),
        ("+7 916 123 45 67", "+79161234567"),
        ("79161234567", "+79161234567"),
        ("+7 (701) 123-45-67", "+77011234567"),
        ("+375 29 123-45-67", "+375291234567"),
        ("808-697-9374", None),
        ("1-850-469-6265 x717", None),
        ("9161234567", None),
        ("8 116 123 45 67", None),
        ("+7 916 123 45", None),
        ("٨٩١٦١٢٣٤٥٦٧", None),
        ("", None),
    ],
)
def test_phones(text: str, number: str | None) -> None:
    assert values.phone(text) == number


def test_ten_digits_are_a_mobile_in_a_russian_list_only() -> None:
    assert values.phone("916 123-45-67", bare_mobile=True) == "+79161234567"
    assert values.phone("495 123-45-67", bare_mobile=True) is None


@given(
    st.sampled_from(["8", "+7", "7"]),
    st.from_regex(r"[346789][0-9]{9}", fullmatch=True),
    st.lists(st.sampled_from(["", " ", "-", "(", ")", "\u2011"]), min_size=10, max_size=10),
)
def test_every_russian_form_gives_one_number(prefix: str, digits: str, between: list[str]) -> None:
    written = prefix + "".join(mark + digit for mark, digit in zip(between, digits, strict=True))
    assert values.phone(written) == f"+7{digits}"


@given(st.text(max_size=20))
def test_a_phone_is_always_fit_for_the_database(text: str) -> None:
    number = values.phone(text, bare_mobile=True)
    assert number is None or (number.startswith("+") and number[1:].isdigit() and 8 <= len(number) <= 16)
    assert number is None or values.phone(number) == number


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("5А", (5, "А")), ("5-А", (5, "А")), ("5 а", (5, "А")), ("5A", (5, "А")), ("11 «Б»", (11, "Б")),
        ("10В класс", (10, "В")), ("7 класс", (7, "")), ("9", (9, "")), ("3 кл.", (3, "")), ("5D", (5, "D")),
        ("8 — Ё", (8, "Ё")), ("0А", None), ("12А", None), ("А5", None), ("5АБВГ", None), ("", None), ("5А/Б", None),
    ],
)  # fmt: skip
def test_classes(text: str, name: tuple[int, str] | None) -> None:
    assert values.class_name(text) == name


@given(
    st.integers(1, 11),
    st.sampled_from([*"АБВГДЕЁЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ", "ИТ", ""]),
    st.sampled_from(["", " ", "-", " - "]),
    st.booleans(),
)
def test_a_class_is_read_as_it_is_shown(number: int, letter: str, between: str, small: bool) -> None:
    name = ClassName(number, letter)
    written = f"{number}{between if letter else ''}{letter.lower() if small else letter}"
    assert values.class_name(written) == name
    assert values.class_name(str(name)) == name


@example("1 0")
@given(st.text(max_size=12))
def test_any_text_is_a_class_or_is_not(text: str) -> None:
    name = values.class_name(text)
    assert name is None or (1 <= name.grade <= 11 and values.class_name(str(name)) == name)


def test_days() -> None:
    day = date(2015, 4, 9)
    assert [
        values.russian_day(value)
        for value in ("09.04.2015", "9.4.2015", "2015-04-09", datetime(2015, 4, 9, tzinfo=UTC), day)
    ] == [day] * 5
    assert [values.russian_day(value) for value in ("31.02.2015", "04/09/2015", "9.4.15", "", 42)] == [None] * 5
    assert values.iso_day("20150409") is None


def test_names() -> None:
    assert values.person_name(" Алиев  Мамед Гусейн оглы") == PersonName("Алиев", "Мамед", "Гусейн оглы")
    assert values.person_name("Иванова Анна") == PersonName("Иванова", "Анна", None)
    assert values.person_name("Иванова") is None
    assert values.fold(" СЁМИНА\u00a0Алёна ") == "семина алена"


def test_logins_from_names() -> None:
    assert logins.from_name(PersonName("Щёголев", "Юрий")) == "shchegolev.iuriy"
    assert logins.from_name(PersonName("O'Müller", "Zoë")) == "omuller.zoe"
    assert logins.from_name(PersonName("李", "小龍")) == "user"


def test_subjects_of_courses() -> None:
    def course(**raw: str) -> Record:
        return Record("courses.csv", 2, "c", {"title": "Алгебра, 7 класс", **raw})

    assert subject_name(course(subjects="Алгебра")) == "Алгебра"
    assert subject_name(course(subjects="Алгебра, Геометрия")) == "Алгебра, 7 класс"
    assert subject_name(course()) == "Алгебра, 7 класс"


def test_grades() -> None:
    assert [grade(text) for text in ("05", "11", "KG", "PK", "13", "5А")] == [5, 11, 0, None, None, None]


def test_ranges_find_their_own_and_notice_overlaps() -> None:
    first, second = (
        Range("a", "a", date(2026, 9, 1), date(2026, 10, 1)),
        Range("b", "b", date(2026, 9, 5), date(2026, 9, 9)),
    )
    assert place([first, second], {}, {}) == ({"a": None, "b": None}, ["b"])
