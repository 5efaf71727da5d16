"""What the rows of a bundle mean together: years and their periods, names of subjects and classes. Pure."""

from dataclasses import replace

from backend.core.values import ClassName, class_name, tidy
from backend.exchange.oneroster.bundle import Bundle, Record
from backend.exchange.oneroster.tables import SESSIONS, ids
from backend.exchange.ranges import disjoint

_LEVELS = ("gradingPeriod", "term", "semester")
# Grades before the first: kindergarten counts as 0, earlier ones are kept aside only.
_BEFORE_FIRST = {"KG": 0, "TK": 0}


def root(bundle: Bundle, session_id: str) -> Record | None:
    """The schoolYear above a session, or itself. None where the parents end nowhere or in a circle."""
    passed: set[str] = set()
    record = bundle[SESSIONS].records.get(session_id)
    while record is not None and record.id not in passed:
        if record.text("type") == "schoolYear":
            return record
        passed.add(record.id)
        record = bundle[SESSIONS].records.get(record.text("parentSourcedId"))
    return None


def circular(bundle: Bundle, session_id: str) -> bool:
    """Whether the parents of a session lead back to it."""
    passed: set[str] = set()
    record = bundle[SESSIONS].records.get(session_id)
    while record is not None:
        if record.id in passed:
            return True
        passed.add(record.id)
        record = bundle[SESSIONS].records.get(record.text("parentSourcedId"))
    return False


def complete_years(bundle: Bundle) -> None:
    """Puts a school year above the terms of senders that send none: their common schoolYear column."""
    sessions = bundle[SESSIONS].records
    orphans: dict[str, list[Record]] = {}
    for record in list(sessions.values()):
        dated = record.day("startDate") and record.day("endDate")
        if record.text("type") != "schoolYear" and not record.text("parentSourcedId") and dated:
            orphans.setdefault(record.text("schoolYear") or str(record.must_day("endDate").year), []).append(record)
    for year, terms in orphans.items():
        made = f"schoolYear:{year}"
        raw = {
            "title": f"{int(year) - 1}/{year}",
            "type": "schoolYear",
            "startDate": min(term.text("startDate") for term in terms),
            "endDate": max(term.text("endDate") for term in terms),
        }
        sessions[made] = Record(SESSIONS, terms[0].row, made, raw)
        for term in terms:
            sessions[term.id] = replace(term, raw=term.raw | {"parentSourcedId": made})


def periods(bundle: Bundle, year: Record) -> list[Record]:
    """The sessions below a year that become its periods, in time; empty where no level fits.

    Periods of a year may not overlap. So: the leaves of the tree, if these do not overlap; else the
    finest level (grading periods, terms, semesters) that does not.
    """
    below = [
        record
        for record in bundle[SESSIONS].records.values()
        if record.text("type") != "schoolYear" and (top := root(bundle, record.id)) and top.id == year.id
    ]
    parents = {record.text("parentSourcedId") for record in below}
    candidates = [[record for record in below if record.id not in parents]]
    candidates += [[record for record in below if record.text("type") == level] for level in _LEVELS]
    for chosen in candidates:
        spans = [(record.must_day("startDate"), record.must_day("endDate")) for record in chosen]
        if chosen and disjoint(spans):
            return sorted(chosen, key=lambda record: record.must_day("startDate"))
    return []


def subject_name(course: Record) -> str:
    """`subjects` where it names one, else the title: "Алгебра" of the course "Алгебра, 7 класс"."""
    subjects = ids(course.text("subjects"))
    return tidy(subjects[0] if len(subjects) == 1 else course.text("title"))


def homeroom_name(record: Record) -> ClassName | None:
    """Grade and letter from the title; else the one grade of `grades`, and the whole title as letter."""
    named = class_name(record.text("title"))
    if named is not None:
        return named
    grades = [grade(item) for item in ids(record.text("grades"))]
    if len(grades) == 1 and grades[0] is not None and 1 <= grades[0] <= 11:
        return ClassName(grades[0], f" {tidy(record.text('title'))}")
    return None


def grade(text: str) -> int | None:
    """A grade of the CEDS list that OneRoster uses: 01 to 12, KG; None for others."""
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= 12:
        return int(text)
    return _BEFORE_FIRST.get(text.upper())
