"""The demo school with a full week of six days, and a mother who is signed in."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from uuid_utils.compat import uuid7

from backend import migrations
from backend.core.clock import school_date, system_clock
from backend.core.db import plain_url
from backend.core.settings import read_settings
from backend.demo.accounts import IVAN_ID, MOTHER
from backend.demo.load import load_demo
from backend.demo.school import TIMEZONE
from backend.identity.tokens import issue_access
from backend.local.servers import running_servers
from tests.benchmarks.push.stage import SECRET

_OF_A_DAY = """
    SELECT l.* FROM lesson l JOIN membership m ON m.group_id = l.group_id WHERE m.student_id = $1 AND l.day = $2
"""


@dataclass(frozen=True)
class Week:
    """What is asked for, and by whom."""

    path: str
    token: str


@contextlib.contextmanager
def diary_stage(folder: Path) -> Iterator[Week]:
    """Puts what the API needs into the environment, for as long as the block lasts."""
    with running_servers(folder, durable=True) as servers:
        environment = servers.database(f"bench_{secrets.token_hex(4)}", SECRET) | {"DIARY_SECRET": SECRET}
        os.environ.update(environment)
        settings = read_settings("DATABASE_URL", "DIARY_SECRET")
        asyncio.run(migrations.upgrade(settings.owner_database_url))
        asyncio.run(load_demo(settings))
        yield asyncio.run(_prepare(settings.keys.tokens))


async def _prepare(key: bytes) -> Week:
    today = school_date(system_clock(), TIMEZONE)
    monday = today - timedelta(days=today.weekday() + 7)
    connection = await asyncpg.connect(plain_url(os.environ["OWNER_DATABASE_URL"]))
    try:
        await _fill(connection, monday)
        await connection.execute("VACUUM ANALYZE")
        session = uuid4()
        now = datetime.now(UTC)
        await connection.execute(
            "INSERT INTO auth_session (id, account_id, seed, generation, rotated_at, created_at, device_name)"
            " VALUES ($1, $2, 'seed', 1, $3, $3, 'bench')", session, MOTHER.id, now,
        )  # fmt: skip
    finally:
        await connection.close()
    # Long enough for the whole run.
    token, _ = issue_access(key, MOTHER.id, session, now + timedelta(hours=2))
    return Week(f"/v1/children/{IVAN_ID}/week?day={monday}", token)


async def _fill(connection: asyncpg.Connection, monday: date) -> None:
    """Saturday is Friday once more, with a mark, an absence or homework in each lesson; Monday's last lesson moved."""
    step = timedelta(days=1)
    for number, friday in enumerate(await connection.fetch(_OF_A_DAY, IVAN_ID, monday + 4 * step)):
        lesson = dict(friday) | {"id": uuid7(), "day": monday + 5 * step}
        lesson |= {name: friday[name] + step for name in ("starts_at", "ends_at")}
        given = {name: lesson[name] for name in ("school_id", "group_id", "subject_id", "day")}
        author, at = lesson["teacher_id"], lesson["ends_at"]
        await _insert(connection, "lesson", lesson)
        if number == 0:
            await _miss(connection, lesson)
            continue
        work = given | {"id": uuid7(), "lesson_id": lesson["id"], "kind": "answer", "topic": "Повторение"}
        work |= {"weight": 2, "counted": True, "created_by": author, "created_at": at}
        await _insert(connection, "work", work)
        mark = {"work_id": work["id"], "student_id": IVAN_ID, "slot": 1, "version": 1, "day": lesson["day"]}
        mark |= {
            "school_id": lesson["school_id"],
            "value": str(2 + number % 4),
            "set_by": author,
            "set_at": at,
            "visible_from": at,
        }
        await _insert(connection, "mark_version", mark)
        homework = given | {"id": uuid7(), "lesson_id": lesson["id"], "due_on": lesson["day"]}
        del homework["day"]
        homework |= {"body": "§ 12, вопросы 1-4", "mandatory": True, "minutes": 20, "set_by": author, "created_at": at}
        await _insert(connection, "homework", homework)
    await _move(connection, monday, monday + 5 * step)


async def _miss(connection: asyncpg.Connection, lesson: dict[str, Any]) -> None:
    """The child was not there, the class teacher knows why, and of the day there is something to say."""
    school, author, at = lesson["school_id"], lesson["teacher_id"], lesson["ends_at"]
    fact = {"lesson_id": lesson["id"], "student_id": IVAN_ID, "version": 1, "school_id": school, "code": "absent"}
    fact |= {"symbol": "Н", "set_by": author, "set_at": at, "visible_from": at}
    await _insert(connection, "attendance_version", fact)
    excuse = {"student_id": IVAN_ID, "day": lesson["day"], "version": 1, "school_id": school, "state": "excused"}
    excuse |= {"lessons": [lesson["number"]], "reason": "doctor", "set_by": author, "set_at": at}
    await _insert(connection, "excuse_version", excuse)
    remark = {"id": uuid7(), "school_id": school, "student_id": IVAN_ID, "lesson_id": lesson["id"]}
    remark |= {"day": lesson["day"], "kind": "remark", "body": "Опоздал после перемены", "author_id": author}
    await _insert(connection, "remark", remark | {"given_at": at})


async def _move(connection: asyncpg.Connection, day: date, to_day: date) -> None:
    """The last lesson of a day is cancelled, for it became the last one of another."""
    last = f"{_OF_A_DAY} ORDER BY l.number DESC LIMIT 1"
    lesson, became = [await connection.fetchrow(last, IVAN_ID, each) for each in (day, to_day)]
    await connection.execute(
        "UPDATE lesson SET state = 'cancelled', changed = true, moved_to = $2 WHERE id = $1", lesson["id"], became["id"]
    )


async def _insert(connection: asyncpg.Connection, table: str, row: dict[str, object]) -> None:
    slots = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({slots})", *row.values())
