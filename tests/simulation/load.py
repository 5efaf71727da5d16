"""Writes the school down as the owner of the database, by COPY."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from uuid_utils.compat import uuid7

from backend.core.db import plain_url
from backend.core.settings import Settings
from push.devices import DeviceKeys
from tests.simulation.school import BELLS, MONDAY, TIMEZONE, Child, Form, Lesson, School, planned

_SINCE, _UNTIL = date(2026, 9, 1), date(2027, 5, 31)
# Lessons on dates are made of this week and the next.
_PLANNED_UNTIL = MONDAY + timedelta(days=13)
_LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)
_PLATFORMS = ("android", "android", "ios", "android", "android", "ios", "android", "web", "android", "ios")
_LESSONS = "SELECT id, group_id, day, number, subject_id, teacher_id FROM lesson"

Row = dict[str, Any]


async def load(settings: Settings, school: School) -> None:
    """All that a school has before the first night of the week: people, classes, plan, phones."""
    connection = await asyncpg.connect(plain_url(settings.owner_database_url))
    try:
        for table, rows in _tables(settings, school):
            columns, records = list(rows[0]), [tuple(row.values()) for row in rows]
            await connection.copy_records_to_table(table, columns=columns, records=records)
            # Not the others: of a table that is known to be empty PostgreSQL makes plans that stay bad for a while.
            await connection.execute(f"ANALYZE {table}")
    finally:
        await connection.close()


async def read_lessons(settings: Settings, school: School) -> None:
    """The lessons on dates that the first night has made of the plan."""
    forms = {form.group: form for form in school.forms}
    subjects = {subject: name for name, subject in school.subjects.items()}
    connection = await asyncpg.connect(plain_url(settings.owner_database_url))
    try:
        for row in await connection.fetch(_LESSONS):
            place = (row["group_id"], row["day"], row["number"])
            subject = subjects[row["subject_id"]]
            school.lessons[place] = Lesson(row["id"], forms[place[0]], *place[1:], subject, row["teacher_id"])
    finally:
        await connection.close()


def _tables(settings: Settings, school: School) -> Iterable[tuple[str, list[Row]]]:
    """Each after those that it refers to."""
    here: Row = {"school_id": school.id}
    span: Row = {"starts": _SINCE}
    quarter = {"name": "2 четверть", "starts": date(2026, 11, 1), "ends": date(2026, 12, 31)}
    staff = [*((one, "teacher") for one in school.teachers), (school.deputy, "deputy"), (school.director, "director")]
    accounts = [*(account for account, _ in staff), *school.phones]
    yield "account", [_account(account) for account in accounts]
    yield "recipient", [_recipient(account, school) for account in accounts]
    yield "school", [{"id": school.id, "short_name": "Школа", "full_name": "Школа", "timezone": TIMEZONE,
                      "created_at": _LONG_AGO}]  # fmt: skip
    yield "school_year", [{"id": school.year, **here, "name": "2026/2027", "starts": _SINCE, "ends": _UNTIL}]
    yield "subject", [{"id": subject, **here, "name": name} for name, subject in school.subjects.items()]
    yield "school_role", [{"account_id": account, **here, "role": role, **span} for account, role in staff]
    yield "period", [{"id": uuid7(), **here, "year_id": school.year, **quarter}]
    yield "bell", [{**here, "shift": 1, "weekday": 0, "number": number, "starts": starts, "ends": ends}
                   for number, (starts, ends) in BELLS.items()]  # fmt: skip
    yield "school_class", [
        {"id": form.id, **here, "year_id": school.year, "grade": form.grade, "letter": form.letter,
         "class_teacher_id": form.teacher} for form in school.forms
    ]  # fmt: skip
    yield (
        "study_group",
        [
            {
                "id": form.group,
                **here,
                "year_id": school.year,
                "class_id": form.id,
                "whole_class": True,
                "name": form.name,
            }
            for form in school.forms
        ],
    )
    yield (
        "student",
        [
            {"id": child.id, **here, "account_id": child.account, "family_name": "Петров", "given_name": child.name}
            for child in school.children
        ],
    )
    yield "enrolment", [
        {"id": uuid7(), **here, "student_id": child.id, "class_id": form.id, **span}
        for form in school.forms for child in form.children
    ]  # fmt: skip
    yield "guardianship", [link for child in school.children for link in _links(child, here | span)]
    yield "weekly_lesson", [lesson for form in school.forms for lesson in _plan(school, form)]
    yield "teaching_load", list(_loads(school))
    yield from _phones(settings, school)


def _account(account: UUID) -> Row:
    return {"id": account, "login": account.hex, "family_name": "Петров", "given_name": "Анна", "password_hash": "none",
            "password_state": "set", "created_at": _LONG_AGO}  # fmt: skip


def _recipient(account: UUID, school: School) -> Row:
    quiet = (time(), time()) if account in school.restless else (time(21), time(7))
    return {"account_id": account, "language": "ru", "quiet_from": quiet[0], "quiet_until": quiet[1]}


def _links(child: Child, base: Row) -> Iterable[Row]:
    for order, guardian in enumerate(child.guardians, 1):
        yield {
            "id": uuid7(), **base, "student_id": child.id, "account_id": guardian.account, "kind": "parent",
            "may_view": True, "may_file_absence": True, "receives_push": guardian.receives_push,
            "contact_order": order, "ends": guardian.last_day,
        }  # fmt: skip


def _plan(school: School, form: Form) -> Iterable[Row]:
    for weekday in range(1, 6):
        for number, subject, teacher in planned(form.place, weekday):
            yield {
                "id": uuid7(), "school_id": school.id, "group_id": form.group, "subject_id": school.subjects[subject],
                "teacher_id": school.teachers[teacher], "weekday": weekday, "number": number, "room": "12",
                "starts": _SINCE, "ends": _PLANNED_UNTIL,
            }  # fmt: skip


def _loads(school: School) -> Iterable[Row]:
    for form in school.forms:
        taught = {row[1:] for weekday in range(1, 6) for row in planned(form.place, weekday)}
        for subject, teacher in sorted(taught):
            yield {
                "id": uuid7(), "school_id": school.id, "teacher_id": school.teachers[teacher],
                "subject_id": school.subjects[subject], "group_id": form.group, "starts": _SINCE,
            }  # fmt: skip


def _phones(settings: Settings, school: School) -> Iterable[tuple[str, list[Row]]]:
    keys = DeviceKeys(settings.keys.device_keys)
    yield "installation", [
        {
            "id": phone.installation, "platform": _PLATFORMS[place % len(_PLATFORMS)], "app_version": "1.0",
            "locale": "ru-RU", "timezone": TIMEZONE, "permission": "granted", "target_kind": "token",
            "target": phone.token, "registered_at": _LONG_AGO, "key_id": "k1",
            "key_wrapped": keys.wrap(phone.installation, phone.key), "key_expires_at": datetime(2027, 9, 1, tzinfo=UTC),
        }
        for place, phone in enumerate(school.phones.values())
    ]  # fmt: skip
    yield (
        "installation_account",
        [
            {"account_id": account, "installation_id": phone.installation, "session_id": uuid4(), "added_at": _LONG_AGO}
            for account, phone in school.phones.items()
        ],
    )
