"""Looks across the files: does every sourcedId lead somewhere, and do the rows agree with each other?"""

from collections.abc import Iterator

from backend.exchange.oneroster.bundle import Bundle, Record
from backend.exchange.oneroster.structure import circular, homeroom_name, root
from backend.exchange.oneroster.tables import (
    CLASSES,
    DEMOGRAPHICS,
    ENROLLMENTS,
    ORGS,
    SESSIONS,
    USERS,
    Column,
    tables,
)
from backend.exchange.problems import Problems


def check_references(bundle: Bundle, problems: Problems) -> None:
    """Adds a problem for every reference that leads nowhere and every row that contradicts another."""
    for file, columns in tables(bundle.version).items():
        for column in columns:
            if column.refers is not None:
                _check_column(bundle, file, column, column.refers, problems)
    for record in bundle[SESSIONS].fresh:
        _check_session(bundle, record, problems)
    for record in bundle[CLASSES].fresh:
        _check_class(bundle, record, problems)
    for record in bundle[ENROLLMENTS].fresh:
        _check_enrollment(bundle, record, problems)
    for record in bundle[DEMOGRAPHICS].fresh:
        if not _leads_somewhere(bundle, USERS, record.id):
            _unknown(record, "sourcedId", record.id, USERS, problems)


def _check_column(bundle: Bundle, file: str, column: Column, target: str, problems: Problems) -> None:
    for record in bundle[file].fresh:
        for external in record.ids(column.name) if column.many else _single(record, column.name):
            if not _leads_somewhere(bundle, target, external):
                _unknown(record, column.name, external, target, problems)


def _single(record: Record, column: str) -> Iterator[str]:
    if value := record.text(column):
        yield value


def _leads_somewhere(bundle: Bundle, file: str, external: str) -> bool:
    # A row that is just being deleted may still be referred to: the referring row then falls away too.
    sheet = bundle[file]
    return external in sheet.records or external in sheet.deleted or not sheet.whole


def _unknown(record: Record, column: str, external: str, target: str, problems: Problems) -> None:
    message = f"“{external[:60]}” is not a sourcedId of {target}."
    problems.add(record.file, record.row, column, "unknown-reference", message)


def _check_session(bundle: Bundle, record: Record, problems: Problems) -> None:
    starts, ends = record.day("startDate"), record.day("endDate")
    if starts is not None and ends is not None and starts >= ends:
        problems.add(record.file, record.row, "endDate", "bad-dates", "endDate must be after startDate.")
    if circular(bundle, record.id):
        message = "The parents of this session lead round in a circle."
        problems.add(record.file, record.row, "parentSourcedId", "session-circle", message)


def _check_class(bundle: Bundle, record: Record, problems: Problems) -> None:
    school = bundle[ORGS].records.get(record.text("schoolSourcedId"))
    if school is not None and school.text("type") != "school":
        message = "A class belongs to an org of type school."
        problems.add(record.file, record.row, "schoolSourcedId", "not-a-school", message)
    if bundle[SESSIONS].whole and all(root(bundle, term) is None for term in record.ids("termSourcedIds")):
        message = "No school year stands above the terms of this class."
        problems.add(record.file, record.row, "termSourcedIds", "no-school-year", message)
    if record.text("classType") == "homeroom" and homeroom_name(record) is None:
        message = "A homeroom's title must say grade 1 to 11 and letter, like 5А, or grades must name one grade."
        problems.add(record.file, record.row, "title", "bad-class-name", message)


def _check_enrollment(bundle: Bundle, record: Record, problems: Problems) -> None:
    starts, ends = record.day("beginDate"), record.day("endDate")
    if starts is not None and ends is not None and starts > ends:
        problems.add(record.file, record.row, "endDate", "bad-dates", "endDate is before beginDate.")
    taught = bundle[CLASSES].records.get(record.text("classSourcedId"))
    if taught is not None and taught.text("schoolSourcedId") != record.text("schoolSourcedId"):
        message = "The class belongs to another school than this row says."
        problems.add(record.file, record.row, "schoolSourcedId", "wrong-school", message)
