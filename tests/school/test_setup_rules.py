"""What a school year must look like, and how classes are promoted."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.values import ClassName
from backend.school.setup_rules import class_of, period_problems, promoted, year_problems

STARTS, ENDS = date(2026, 9, 1), date(2027, 5, 31)


@dataclass(frozen=True)
class Days:
    name: str
    starts: date
    ends: date


days = st.dates(min_value=date(2026, 8, 1), max_value=date(2027, 6, 30))
inside = st.dates(min_value=STARTS, max_value=ENDS)
spans = st.lists(st.tuples(days, days), max_size=5)


def named(found: list[tuple[date, date]]) -> list[Days]:
    return [Days(f"{number} четверть", *span) for number, span in enumerate(found, 1)]


@given(spans)
def test_periods_are_accepted_exactly_if_they_lie_within_apart_and_in_order(found: list[tuple[date, date]]) -> None:
    flat = [day for span in found for day in span]
    within = all(STARTS <= day <= ENDS for day in flat)
    each_ends = all(starts <= ends for starts, ends in found)
    apart = all(before[1] < after[0] for before, after in pairwise(found))
    assert (not period_problems(STARTS, ENDS, named(found))) == (within and each_ends and apart)


@given(st.lists(inside, min_size=2, max_size=10, unique=True))
def test_a_year_cut_anywhere_is_fine(cuts: list[date]) -> None:
    ordered = sorted(cuts)
    found = [(first, last - timedelta(days=1)) for first, last in pairwise(ordered)]
    assert period_problems(STARTS, ENDS, named(found)) == {}


def test_every_wrong_period_is_named_at_once() -> None:
    periods = [
        Days("1 четверть", date(2026, 8, 1), date(2026, 10, 31)),
        Days("1  Четверть", date(2026, 10, 31), date(2026, 12, 31)),
        Days(" ", date(2027, 1, 10), date(2027, 1, 9)),
        Days("4", date(2027, 4, 1), date(2027, 6, 1)),
    ]
    assert period_problems(STARTS, ENDS, periods) == {
        "/periods/0/starts": "outside-the-year",
        "/periods/1/name": "repeated",
        "/periods/1/starts": "overlaps-the-one-before",
        "/periods/2/name": "required",
        "/periods/2/ends": "ends-before-it-begins",
        "/periods/3/ends": "outside-the-year",
    }


@pytest.mark.parametrize(
    ("starts", "ends", "wrong"),
    [
        (STARTS, ENDS, {}),
        (STARTS, STARTS, {"/ends": "ends-before-it-begins"}),
        (STARTS, date(2028, 5, 31), {"/ends": "too-long"}),
        (date.min, ENDS, {"/starts": "bad-day"}),
        (date.max, date.max, {"/starts": "bad-day"}),
    ],
)
def test_days_of_a_year(starts: date, ends: date, wrong: dict[str, str]) -> None:
    assert year_problems(Days("2026/2027", starts, ends)) == wrong


letters = st.sampled_from(["", "А", "Б", "Ё", "Я", "D"])
names = st.builds(ClassName, st.integers(min_value=1, max_value=11), letters)


@given(st.sets(names))
def test_promotion_keeps_classes_apart_and_letters_as_they_are(classes: set[ClassName]) -> None:
    after = [new for name in classes if (new := promoted(name)) is not None]
    assert len(set(after)) == len(after)
    assert {(name.grade + 1, name.letter) for name in classes if name.grade < 11} == set(after)
    assert all(class_of(name.grade, name.letter) == name for name in after)


@given(st.integers(min_value=1, max_value=11), st.text(max_size=4))
def test_a_letter_never_changes_the_grade(grade: int, letter: str) -> None:
    name = class_of(grade, letter)
    assert name is None or name.grade == grade


def test_a_latin_letter_is_stored_as_the_cyrillic_one() -> None:
    assert class_of(5, "A") == class_of(5, " а ") == ClassName(5, "А")
    assert class_of(1, "0") is None
