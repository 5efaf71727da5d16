"""Which columns OneRoster CSV has, and what may stand in them.

From the CSV bindings of 1EdTech, OneRoster 1.1.1 (CSV Tables) and 1.2.1. Columns that are not listed
are kept aside; optional columns may be missing from the header altogether, which real exports do.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from backend.core.values import iso_day

ORGS, SESSIONS, COURSES, CLASSES = "orgs.csv", "academicSessions.csv", "courses.csv", "classes.csv"
USERS, ROLES, PROFILES = "users.csv", "roles.csv", "userProfiles.csv"
ENROLLMENTS, DEMOGRAPHICS, MANIFEST = "enrollments.csv", "demographics.csv", "manifest.csv"

VERSIONS = ("1.1", "1.2")
DELETED = "tobedeleted"

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        required: the header and a value in every row.
        check: whether a value is well formed; blank values are not asked.
        expected: what a good value looks like, for the message.
        refers: the file whose sourcedId the value names; `many`: several, divided by commas.
    """

    name: str
    required: bool = False
    check: Check | None = None
    expected: str = ""
    refers: str | None = None
    many: bool = False


def ids(value: str) -> list[str]:
    """The sourcedIds of a list column, in order, each once."""
    return list(dict.fromkeys(part for part in (item.strip() for item in value.split(",")) if part))


def _one_of(*values: str) -> tuple[Check, str]:
    allowed = frozenset(values)
    # 1.2 lets a sender extend any vocabulary by words that begin with "ext:".
    return (lambda value: value in allowed or value.startswith("ext:")), "one of " + ", ".join(values)


def _enum(name: str, *values: str, required: bool = True) -> Column:
    check, expected = _one_of(*values)
    return Column(name, required, check, expected)


def _day(name: str, *, required: bool = False) -> Column:
    return Column(name, required, lambda value: iso_day(value) is not None, "a date like 2026-09-01")


def _flag(name: str, *, required: bool = False) -> Column:
    return Column(name, required, lambda value: value.lower() in ("true", "false"), "true or false")


def _text(name: str) -> Column:
    return Column(name, required=True)


def _id(name: str, refers: str, *, required: bool = False, many: bool = False) -> Column:
    return Column(name, required, refers=refers, many=many)


_SOURCED_ID = Column("sourcedId", True, lambda value: re.fullmatch(r"\S{1,255}", value) is not None, "an id")
_STATUS = _enum("status", "active", DELETED, required=False)
_USER = (
    _flag("enabledUser"),
    Column("username"),
    _text("givenName"),
    _text("familyName"),
    Column("middleName"),
    Column("email"),
    Column("sms"),
    Column("phone"),
    _id("agentSourcedIds", USERS, many=True),
    Column("grades"),
)
_USER_ROLES = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")
_ORG_ROLES = (
    "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor", "relative",
    "siteAdministrator", "student", "systemAdministrator", "teacher",
)  # fmt: skip

_TABLES: dict[str, tuple[Column, ...]] = {
    ORGS: (
        _text("name"),
        _enum("type", "department", "school", "district", "local", "state", "national"),
        Column("identifier"),
        _id("parentSourcedId", ORGS),
    ),
    SESSIONS: (
        _text("title"),
        _enum("type", "gradingPeriod", "semester", "schoolYear", "term"),
        _day("startDate", required=True),
        _day("endDate", required=True),
        _id("parentSourcedId", SESSIONS),
        Column("schoolYear", False, lambda value: re.fullmatch(r"\d{4}", value) is not None, "a year like 2027"),
    ),
    COURSES: (
        _text("title"),
        _id("schoolYearSourcedId", SESSIONS),
        _id("orgSourcedId", ORGS, required=True),
        Column("subjects"),
    ),
    CLASSES: (
        _text("title"),
        Column("grades"),
        _id("courseSourcedId", COURSES, required=True),
        _enum("classType", "homeroom", "scheduled"),
        _id("schoolSourcedId", ORGS, required=True),
        _id("termSourcedIds", SESSIONS, required=True, many=True),
        Column("subjects"),
    ),
    ENROLLMENTS: (
        _id("classSourcedId", CLASSES, required=True),
        _id("schoolSourcedId", ORGS, required=True),
        _id("userSourcedId", USERS, required=True),
        _enum("role", "administrator", "proctor", "student", "teacher"),
        _flag("primary"),
        _day("beginDate"),
        _day("endDate"),
    ),
    DEMOGRAPHICS: (
        _day("birthDate"),
        _enum("sex", "male", "female", "unspecified", "other", required=False),
    ),
    ROLES: (
        _id("userSourcedId", USERS, required=True),
        _enum("roleType", "primary", "secondary"),
        _enum("role", *_ORG_ROLES),
        _day("beginDate"),
        _day("endDate"),
        _id("orgSourcedId", ORGS, required=True),
    ),
    PROFILES: (_id("userSourcedId", USERS, required=True),),
}

# Never stored: secrets, and what Russian law calls special categories (152-FZ, article 10).
_NEVER_KEPT = frozenset(
    {
        "password", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
        "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
        "hispanicOrLatinoEthnicity", "status", "dateLastModified", "sourcedId",
    }
)  # fmt: skip


def tables(version: str) -> dict[str, tuple[Column, ...]]:
    """The files that are read, with their columns, in the order in which they are reported."""
    users: tuple[Column, ...] = _USER
    if version == "1.1":
        users = (*_USER, _enum("role", *_USER_ROLES), _id("orgSourcedIds", ORGS, required=True, many=True))
    found = {name: (_SOURCED_ID, _STATUS, *columns) for name, columns in _TABLES.items()}
    found[USERS] = (_SOURCED_ID, _STATUS, *users)
    if version == "1.1":
        del found[ROLES], found[PROFILES]
    return found


def kept(raw: dict[str, str], *taken: str) -> dict[str, str]:
    """The cells of a row that are kept aside: not the `taken` ones, which have a column of their own."""
    return {name: value for name, value in raw.items() if name not in taken and name not in _NEVER_KEPT}
