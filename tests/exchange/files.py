"""Files to import, made in memory: a small OneRoster school and small class lists."""

import csv
import io
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlalchemy import text

from backend.core.db import Database

SAMPLE = Path(__file__).parent / "data" / "oneroster-1.1-sample.zip"

Rows = list[dict[str, str]]
Files = dict[str, Rows]


def small_school() -> Files:
    """One school: class 5А with a class teacher, algebra in a group, two students, one mother."""
    return {
        "orgs.csv": [
            {"sourcedId": "city", "name": "Управление образования", "type": "district", "parentSourcedId": ""},
            {"sourcedId": "s1", "name": "Школа № 1", "type": "school", "parentSourcedId": "city"},
        ],
        "academicSessions.csv": [
            _session("y", "2026/2027", "schoolYear", "2026-09-01", "2027-08-31", ""),
            _session("h1", "1 полугодие", "semester", "2026-09-01", "2026-12-31", "y"),
            _session("h2", "2 полугодие", "semester", "2027-01-01", "2027-05-31", "y"),
        ],
        "courses.csv": [
            {"sourcedId": "alg", "title": "Алгебра, 5 класс", "orgSourcedId": "city", "subjects": "Алгебра"},
            {"sourcedId": "home", "title": "Классный час", "orgSourcedId": "s1", "subjects": ""},
        ],
        "classes.csv": [
            _class("5a", "5А", "home", "homeroom"),
            _class("alg1", "Алгебра 1", "alg", "scheduled"),
        ],
        "users.csv": [
            _user("t1", "teacher", "Petrova", "Мария", "Петрова"),
            _user("u1", "student", "ivanov", "Иван", "Иванов", agentSourcedIds="m1", grades="05"),
            _user("u2", "student", "sidorova", "Анна", "Сидорова", grades="05"),
            _user("m1", "parent", "mama", "Ольга", "Иванова", phone="8 (916) 123-45-67"),
        ],
        "demographics.csv": [
            {"sourcedId": "u1", "birthDate": "2015-04-09", "sex": "male", "asian": "true", "cityOfBirth": "Пермь"},
            {"sourcedId": "u2", "birthDate": "2015-06-01", "sex": "female"},
        ],
        "enrollments.csv": [
            enrollment("e1", "5a", "t1", "teacher", primary="true"),
            enrollment("e2", "alg1", "t1", "teacher", primary="true"),
            enrollment("e3", "5a", "u1", "student"),
            enrollment("e4", "5a", "u2", "student"),
            enrollment("e5", "alg1", "u1", "student"),
        ],
    }


def enrollment(id_: str, class_: str, user: str, role: str, **further: str) -> dict[str, str]:
    row = {"sourcedId": id_, "classSourcedId": class_, "schoolSourcedId": "s1", "userSourcedId": user, "role": role}
    return row | {"primary": "", "beginDate": "", "endDate": ""} | further


def version_1_2(files: Files) -> Files:
    """The same school as OneRoster 1.2 writes it: roles in a file of their own."""
    new = deepcopy(files)
    new["roles.csv"] = [
        {
            "sourcedId": f"r-{user['sourcedId']}", "userSourcedId": user["sourcedId"], "roleType": "primary",
            "role": user["role"], "beginDate": "", "endDate": "", "orgSourcedId": "s1",
        }
        for user in new["users.csv"]
    ]  # fmt: skip
    for user in new["users.csv"]:
        del user["role"], user["orgSourcedIds"]
    new["userProfiles.csv"] = [
        {"sourcedId": "p1", "userSourcedId": "u1", "profileType": "LMS", "username": "iv", "password": "geheim"}
    ]
    return new


def packed(
    files: Files,
    *,
    version: str = "1.1",
    mode: str = "bulk",
    modes: dict[str, str] | None = None,
    encoding: str = "utf-8",
    line_end: str = "\r\n",
    raw: dict[str, bytes] | None = None,
) -> bytes:
    """The ZIP. `modes` overrides the mode of single files, `raw` their bytes."""
    contents = {name: table(rows, line_end=line_end).encode(encoding) for name, rows in files.items()}
    manifest = [{"propertyName": "oneroster.version", "value": version}]
    for name in files:
        value = (modes or {}).get(name, mode)
        manifest.append({"propertyName": f"file.{name.removesuffix('.csv')}", "value": value})
    contents = {"manifest.csv": table(manifest).encode(), **contents, **(raw or {})}
    return zipped(contents)


def zipped(contents: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


def table(rows: Sequence[dict[str, Any]], *, delimiter: str = ",", line_end: str = "\r\n") -> str:
    header = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, restval="", delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def workbook(rows: Sequence[dict[str, Any]], *, above: Sequence[str] = ()) -> bytes:
    """An XLSX of a class list; `above` are title lines over the header."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in above:
        sheet.append([line])
    header = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(header)
    for row in rows:
        sheet.append([row.get(name) for name in header])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


async def rows_of(database: Database, sql: str, **values: object) -> list[Any]:
    """Looks into the database."""
    async with database.transaction() as session:
        return list(await session.execute(text(sql), values))


async def one(database: Database, sql: str, **values: object) -> Any:
    ((value,),) = await rows_of(database, sql, **values)
    return value


async def run(database: Database, sql: str, **values: object) -> None:
    """Does by hand what a school does in the diary."""
    async with database.transaction() as session:
        await session.execute(text(sql), values)


_TABLES = (
    "account", "recipient", "school", "school_year", "period", "subject", "school_class", "study_group",
    "student", "school_role", "enrolment", "group_member", "teaching_load", "guardianship", "external_id",
    "fanout",
)  # fmt: skip


async def everything(database: Database) -> dict[str, list[str]]:
    """All that an import could write, to show that it wrote nothing."""
    found = {}
    for name in _TABLES:
        found[name] = sorted(map(str, await rows_of(database, f"SELECT * FROM {name}")))
    return found


def day(text_: str) -> date:
    return date.fromisoformat(text_)


def _session(id_: str, title: str, kind: str, starts: str, ends: str, parent: str) -> dict[str, str]:
    row = {"sourcedId": id_, "title": title, "type": kind, "startDate": starts, "endDate": ends}
    return row | {"parentSourcedId": parent, "schoolYear": "2027"}


def _class(id_: str, title: str, course: str, kind: str) -> dict[str, str]:
    return {
        "sourcedId": id_, "title": title, "grades": "05", "courseSourcedId": course, "classType": kind,
        "schoolSourcedId": "s1", "termSourcedIds": "h1,h2",
    }  # fmt: skip


def _user(id_: str, role: str, username: str, given: str, family: str, **further: str) -> dict[str, str]:
    row = {
        "sourcedId": id_, "enabledUser": "true", "orgSourcedIds": "s1", "role": role, "username": username,
        "givenName": given, "familyName": family, "middleName": "", "email": "", "phone": "",
        "agentSourcedIds": "", "grades": "",
    }  # fmt: skip
    return row | further
