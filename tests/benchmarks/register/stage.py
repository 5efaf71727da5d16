"""The demo school with a class of thirty, its teacher signed in, and a lesson for each save."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from backend.core.clock import school_date, system_clock
from backend.demo.accounts import IVAN_ID, TEACHER
from backend.demo.school import TIMEZONE
from tests.benchmarks.demo import connect_owner, demo_school, insert, sign_in

STUDENTS = 30
_CLASSMATES = """
    SELECT e.* FROM enrolment e JOIN enrolment own ON own.class_id = e.class_id WHERE own.student_id = $1
"""
_LESSON = """
    SELECT l.* FROM lesson l JOIN membership m ON m.group_id = l.group_id
     WHERE m.student_id = $1 AND l.teacher_id = $2 ORDER BY l.day LIMIT 1
"""


@dataclass(frozen=True)
class Journal:
    """Who writes, about whom, and where nothing is written yet."""

    token: str
    students: list[UUID]

    async def lessons(self, count: int) -> list[UUID]:
        """New lessons of the class."""
        connection = await connect_owner()
        try:
            return await _lessons(connection, count)
        finally:
            await connection.close()

    async def works(self, count: int) -> list[UUID]:
        """New works without a mark, each in a new lesson."""
        connection = await connect_owner()
        try:
            return [await _work(connection, lesson) for lesson in await _lessons(connection, count)]
        finally:
            await connection.close()


@contextlib.contextmanager
def register_stage(folder: Path) -> Iterator[Journal]:
    """Runs the servers for as long as the block lasts."""
    with demo_school(folder):
        yield asyncio.run(_prepare())


async def _prepare() -> Journal:
    connection = await connect_owner()
    try:
        students = [row["student_id"] for row in await connection.fetch(_CLASSMATES, IVAN_ID)]
        while len(students) < STUDENTS:
            students.append(await _join(connection, len(students)))
        # So many lessons as are written here no day has.
        await connection.execute("DROP INDEX lesson_place")
        await connection.execute("VACUUM ANALYZE")
        return Journal(await sign_in(connection, TEACHER.id), students)
    finally:
        await connection.close()


async def _join(connection: asyncpg.Connection, number: int) -> UUID:
    """A new student in Ivan's class, with a mother who hears of marks."""
    enrolment = dict(await connection.fetchrow(f"{_CLASSMATES} LIMIT 1", IVAN_ID) or {})
    student, mother = uuid7(), uuid7()
    name = {"family_name": f"Новый-{number}", "given_name": "Мария"}
    account = name | {"id": mother, "login": f"bench.{number}", "created_at": system_clock()}
    await insert(connection, "account", account)
    quiet = {name: system_clock().min.time() for name in ("quiet_from", "quiet_until")}
    await insert(connection, "recipient", {"account_id": mother, "language": "ru"} | quiet)
    await insert(connection, "student", name | {"id": student, "school_id": enrolment["school_id"]})
    await insert(connection, "enrolment", enrolment | {"id": uuid7(), "student_id": student})
    link = {"id": uuid7(), "student_id": student, "account_id": mother, "kind": "mother", "contact_order": 1}
    link |= dict.fromkeys(("may_view", "may_file_absence", "receives_push"), True)
    await insert(connection, "guardianship", link | {name: enrolment[name] for name in ("school_id", "starts")})
    return student


async def _lessons(connection: asyncpg.Connection, count: int) -> list[UUID]:
    """Of the day before yesterday: no old news yet, and nobody sits in them."""
    given = dict(await connection.fetchrow(_LESSON, IVAN_ID, TEACHER.id) or {})
    day = school_date(system_clock(), TIMEZONE) - timedelta(days=2)
    step = day - given["day"]
    given |= {"day": day} | {name: given[name] + step for name in ("starts_at", "ends_at")}
    rows = [given | {"id": uuid7()} for _ in range(count)]
    await connection.copy_records_to_table("lesson", columns=list(given), records=[tuple(row.values()) for row in rows])
    return [row["id"] for row in rows]


async def _work(connection: asyncpg.Connection, lesson_id: UUID) -> UUID:
    work = uuid7()
    await connection.execute(
        "INSERT INTO work (id, lesson_id, school_id, group_id, subject_id, day, kind, weight, counted, created_by,"
        " created_at) SELECT $1, id, school_id, group_id, subject_id, day, 'test', 2, true, teacher_id, now()"
        " FROM lesson WHERE id = $2", work, lesson_id,
    )  # fmt: skip
    return work
