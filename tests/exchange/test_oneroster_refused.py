"""Bad OneRoster files: every problem with its place, all at once, and nothing written."""

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.core.db import Database
from backend.exchange.oneroster import import_oneroster
from backend.exchange.problems import ImportRefused
from tests.exchange.files import Files, enrollment, everything, packed, small_school, table, version_1_2, zipped

Place = tuple[str, int | None, str | None, str]


def _set(file: str, index: int, **values: str) -> Callable[[Files], None]:
    return lambda files: files[file][index].update(values)


def _drop(file: str, column: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        for row in files[file]:
            del row[column]

    return change


def _add(file: str, **row: str) -> Callable[[Files], None]:
    return lambda files: files[file].append(files[file][-1] | row)


BAD: dict[str, tuple[Callable[[Files], None], Place]] = {
    "an id twice": (_set("users.csv", 2, sourcedId="u1"), ("users.csv", 4, "sourcedId", "duplicate-id")),
    "a missing column": (_drop("users.csv", "familyName"), ("users.csv", 1, "familyName", "missing-column")),
    "a blank value": (_set("users.csv", 1, familyName=" "), ("users.csv", 3, "familyName", "missing-value")),
    "an unknown role": (_set("users.csv", 1, role="pirate"), ("users.csv", 3, "role", "bad-value")),
    "an unknown status": (_set("users.csv", 1, status="maybe"), ("users.csv", 3, "status", "bad-value")),
    "a bad date": (
        _set("demographics.csv", 0, birthDate="09.04.2015"),
        ("demographics.csv", 2, "birthDate", "bad-value"),
    ),
    "no such day": (
        _set("demographics.csv", 0, birthDate="2015-02-30"),
        ("demographics.csv", 2, "birthDate", "bad-value"),
    ),
    "an unknown user": (
        _set("enrollments.csv", 3, userSourcedId="u9"),
        ("enrollments.csv", 5, "userSourcedId", "unknown-reference"),
    ),
    "an unknown class": (
        _set("enrollments.csv", 3, classSourcedId="x"),
        ("enrollments.csv", 5, "classSourcedId", "unknown-reference"),
    ),
    "an unknown agent": (
        _set("users.csv", 2, agentSourcedIds="m1,m7"),
        ("users.csv", 4, "agentSourcedIds", "unknown-reference"),
    ),
    "an unknown school": (
        _set("users.csv", 1, orgSourcedIds="s7"),
        ("users.csv", 3, "orgSourcedIds", "unknown-reference"),
    ),
    "an unknown course": (
        _set("classes.csv", 1, courseSourcedId="x"),
        ("classes.csv", 3, "courseSourcedId", "unknown-reference"),
    ),
    "demographics of nobody": (
        _set("demographics.csv", 0, sourcedId="u9"),
        ("demographics.csv", 2, "sourcedId", "unknown-reference"),
    ),
    "a year backwards": (
        _set("academicSessions.csv", 0, endDate="2026-01-01"),
        ("academicSessions.csv", 2, "endDate", "bad-dates"),
    ),
    "terms in a circle": (
        _set("academicSessions.csv", 1, parentSourcedId="h1"),
        ("academicSessions.csv", 3, "parentSourcedId", "session-circle"),
    ),
    "a homeroom without a name": (
        _set("classes.csv", 0, title="Звёздочки", grades=""),
        ("classes.csv", 2, "title", "bad-class-name"),
    ),
    "one class twice": (
        _add("classes.csv", sourcedId="5aa", title="5 «а»", classType="homeroom"),
        ("classes.csv", 4, "title", "duplicate-class"),
    ),
    "a class of a district": (
        _set("classes.csv", 1, schoolSourcedId="city"),
        ("classes.csv", 3, "schoolSourcedId", "not-a-school"),
    ),
    "another school than the class": (
        _set("enrollments.csv", 4, schoolSourcedId="city"),
        ("enrollments.csv", 6, "schoolSourcedId", "wrong-school"),
    ),
    "a teacher as student": (
        _set("enrollments.csv", 4, userSourcedId="t1"),
        ("enrollments.csv", 6, "userSourcedId", "not-a-student"),
    ),
    "a student as teacher": (
        _set("enrollments.csv", 1, userSourcedId="u1"),
        ("enrollments.csv", 3, "userSourcedId", "not-a-teacher"),
    ),
    "an end before the beginning": (
        _set("enrollments.csv", 4, beginDate="2026-10-01", endDate="2026-09-01"),
        ("enrollments.csv", 6, "endDate", "bad-dates"),
    ),
    "a control character": (
        _set("users.csv", 1, givenName="Ив\x00ан"),
        ("users.csv", 3, "givenName", "control-character"),
    ),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_file_is_refused_with_the_place(database: Database, now: datetime, case: str) -> None:
    change, place = BAD[case]
    files = small_school()
    change(files)
    await _refused(database, now, packed(files), place)


async def test_all_problems_at_once(database: Database, now: datetime) -> None:
    files = small_school()
    for case in ("an unknown role", "a bad date", "an unknown class", "a homeroom without a name", "an unknown agent"):
        BAD[case][0](files)
    with pytest.raises(ImportRefused) as refused:
        await import_oneroster(database, packed(files), now=now)
    places = {(item.file, item.row, item.column, item.code) for item in refused.value.problems}
    assert places >= {
        BAD[case][1] for case in ("an unknown role", "a bad date", "an unknown class", "an unknown agent")
    }


async def test_two_homerooms_at_once(database: Database, now: datetime) -> None:
    files = small_school()
    files["classes.csv"].append(files["classes.csv"][0] | {"sourcedId": "5b", "title": "5Б"})
    files["enrollments.csv"].append(enrollment("e9", "5b", "u1", "student"))
    place = ("enrollments.csv", 7, "classSourcedId", "two-classes-at-once")
    await _refused(database, now, packed(files), place)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("Фамилия".encode("cp1251"), ("users.csv", 1, None, "wrong-encoding")),
        ("sourcedId\r\nx\r\n".encode("utf-16"), ("users.csv", None, None, "wrong-encoding")),
        (b"", ("users.csv", None, None, "empty-file")),
        (b'sourcedId,a\r\n1,"open\r\n', ("users.csv", 1, "familyName", "missing-column")),
    ],
)
async def test_a_file_inside_that_cannot_be_read(database: Database, now: datetime, raw: bytes, place: Place) -> None:
    await _refused(database, now, packed(small_school(), raw={"users.csv": raw}), place)


async def test_wrong_encoding_further_down_names_the_row(database: Database, now: datetime) -> None:
    users = table(small_school()["users.csv"])
    raw = users.encode().replace("Анна".encode(), "Анна".encode("cp1251"))
    await _refused(
        database, now, packed(small_school(), raw={"users.csv": raw}), ("users.csv", 4, None, "wrong-encoding")
    )


async def test_a_quote_that_is_never_closed(database: Database, now: datetime) -> None:
    raw = table(small_school()["users.csv"]).encode() + b'u7,"'
    await _refused(database, now, packed(small_school(), raw={"users.csv": raw}), ("users.csv", 6, None, "broken-row"))


async def test_a_row_of_another_length(database: Database, now: datetime) -> None:
    raw = table(small_school()["users.csv"]).encode() + b"u7,true\r\n"
    place = ("users.csv", 6, None, "wrong-number-of-cells")
    await _refused(database, now, packed(small_school(), raw={"users.csv": raw}), place)


async def test_rows_are_counted_as_an_editor_shows_them(database: Database, now: datetime) -> None:
    files = small_school()
    files["users.csv"][0]["givenName"] = "Мария\nАнна"
    files["users.csv"][1]["role"] = "pirate"
    await _refused(database, now, packed(files), ("users.csv", 4, "role", "bad-value"))


@pytest.mark.parametrize(
    ("manifest", "place"),
    [
        (None, ("manifest.csv", None, None, "missing-file")),
        (b"a,b\r\n", ("manifest.csv", 1, None, "missing-column")),
        (b"propertyName,value\r\noneroster.version,2.0\r\n", ("manifest.csv", 2, "value", "unknown-version")),
        (
            b"propertyName,value\r\noneroster.version,1.1\r\nfile.users,all\r\n",
            ("manifest.csv", 3, "value", "bad-value"),
        ),
        (
            b"propertyName,value\r\noneroster.version,1.1\r\nfile.courses,bulk\r\n",
            ("courses.csv", None, None, "missing-file"),
        ),
    ],
)
async def test_a_bad_manifest(database: Database, now: datetime, manifest: bytes | None, place: Place) -> None:
    await _refused(database, now, zipped({"manifest.csv": manifest} if manifest else {"x.csv": b""}), place)


async def test_roles_of_nobody_in_1_2(database: Database, now: datetime) -> None:
    files = version_1_2(small_school())
    files["roles.csv"][0]["userSourcedId"] = "nobody"
    place = ("roles.csv", 2, "userSourcedId", "unknown-reference")
    await _refused(database, now, packed(files, version="1.2"), place)


async def test_a_thousand_problems_are_shown_and_all_are_counted(database: Database, now: datetime) -> None:
    files = small_school()
    files["enrollments.csv"] = [enrollment(f"x{n}", "5a", "nobody", "student") for n in range(1500)]
    with pytest.raises(ImportRefused) as refused:
        await import_oneroster(database, packed(files), now=now)
    assert (len(refused.value.problems), refused.value.total) == (1000, 1500)


async def _refused(database: Database, now: datetime, file: bytes, place: Place) -> None:
    before = await everything(database)
    with pytest.raises(ImportRefused) as refused:
        await import_oneroster(database, file, now=now)
    assert place in [(item.file, item.row, item.column, item.code) for item in refused.value.problems]
    assert all(item.message for item in refused.value.problems)
    assert await everything(database) == before
