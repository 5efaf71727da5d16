"""What a school year must look like, and how its parts may be written. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from backend.core.values import ClassName, class_name, clean, tidy

HIGHEST_GRADE = 11
_DAYS = (date(1990, 1, 1), date(2200, 1, 1))
_LONGEST_YEAR = 400
_OLDEST = date(1900, 1, 1)


class Span(Protocol):
    """Days from one to another, both included."""

    @property
    def name(self) -> str: ...
    @property
    def starts(self) -> date: ...
    @property
    def ends(self) -> date: ...


def year_problems(year: Span) -> dict[str, str]:
    """What is wrong with the days of a school year, by JSON pointer."""
    if not _DAYS[0] <= year.starts <= _DAYS[1]:
        return {"/starts": "bad-day"}
    if year.ends <= year.starts:
        return {"/ends": "ends-before-it-begins"}
    return {"/ends": "too-long"} if (year.ends - year.starts).days > _LONGEST_YEAR else {}


def period_problems(starts: date, ends: date, periods: Sequence[Span]) -> dict[str, str]:
    """What is wrong with the periods of a year: each lies within it, and begins after the one before has ended."""
    wrong: dict[str, str] = {}
    names: set[str] = set()
    last: date | None = None
    for number, period in enumerate(periods):
        pointer = f"/periods/{number}"
        if name := name_problem(period.name):
            wrong[f"{pointer}/name"] = name
        elif tidy(period.name).lower() in names:
            wrong[f"{pointer}/name"] = "repeated"
        names.add(tidy(period.name).lower())
        if not starts <= period.starts <= ends:
            wrong[f"{pointer}/starts"] = "outside-the-year"
        elif last is not None and period.starts <= last:
            wrong[f"{pointer}/starts"] = "overlaps-the-one-before"
        if period.ends < period.starts:
            wrong[f"{pointer}/ends"] = "ends-before-it-begins"
        elif not starts <= period.ends <= ends:
            wrong[f"{pointer}/ends"] = "outside-the-year"
        last = period.ends if last is None else max(last, period.ends)
    return wrong


def span_problems(starts: date, ends: date | None, year: Span, pointer: str = "") -> dict[str, str]:
    """What is wrong with something that holds from a day of a year to another, or without an end."""
    if not year.starts <= starts <= year.ends:
        return {f"{pointer}/starts": "outside-the-year"}
    if ends is not None and ends < starts:
        return {f"{pointer}/ends": "ends-before-it-begins"}
    return {f"{pointer}/ends": "outside-the-year"} if ends is not None and ends > year.ends else {}


def name_problem(text: str) -> str | None:
    """Why a name cannot be stored, or None."""
    if not clean(text):
        return "bad-character"
    return None if tidy(text) else "required"


def name_problems(names: Mapping[str, str | None]) -> dict[str, str]:
    """The same of several names by their JSON pointers; None is a name that is not given."""
    found = {pointer: name_problem(text) for pointer, text in names.items() if text is not None}
    return {pointer: code for pointer, code in found.items() if code}


def class_of(grade: int, letter: str) -> ClassName | None:
    """How a class is called; None for what is no letter."""
    read = class_name(f"{grade}{letter}")
    # A digit alone would be read as part of the grade.
    return read if read is not None and read.grade == grade else None


def is_birth_date(day: date, today: date) -> bool:
    return _OLDEST <= day <= today


def promoted(name: ClassName) -> ClassName | None:
    """What a class is called a year later; None: it leaves."""
    return ClassName(name.grade + 1, name.letter) if name.grade < HIGHEST_GRADE else None
