"""The demo school with a full week of six days, and a mother who is signed in."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from backend.core.clock import school_date, system_clock
from backend.demo.accounts import IVAN_ID, MOTHER
from backend.demo.school import TIMEZONE
from tests.benchmarks.demo import connect_owner, demo_school, insert, sign_in

_OF_A_DAY = """
    SELECT l.* FROM lesson l JOIN membership m ON m.group_id = l.group_id WHERE m.student_id = $1 AND l.day = $2
     ORDER BY l.number
"""


@dataclass(frozen=True)
class Week:
    """What is asked for, and by whom."""

    path: str
    token: str


@contextlib.contextmanager
def diary_stage(folder: Path) -> Iterator[Week]:
    """Puts what the API needs into the environment, for as long as the block lasts."""
    with demo_school(folder):
        yield asyncio.run(_prepare())


async def _prepare() -> Week:
    today = school_date(system_clock(), TIMEZONE)
    monday = today - timedelta(days=today.weekday() + 7)
    connection = await connect_owner()
    try:
        await _fill(connection, monday)
        await connection.execute("VACUUM ANALYZE")
        token = await sign_in(connection, MOTHER.id)
    finally:
        await connection.close()
    return Week(f"/v1/children/{IVAN_ID}/week?day={monday}", token)


async def _fill(connection: asyncpg.Connection, monday: date) -> None:
    """Saturday is Friday once more, with a mark, an absence or homework in each lesson; Monday's last lesson moved."""
    step = timedelta(days=1)
    for number, friday in enumerate(await connection.fetch(_OF_A_DAY, IVAN_ID, monday + 4 * step)):
        lesson = dict(friday) | {"id": uuid7(), "day": monday + 5 * step}
        lesson |= {name: friday[name] + step for name in ("starts_at", "ends_at")}
        given = {name: lesson[name] for name in ("school_id", "group_id", "subject_id", "day")}
        author, at = lesson["teacher_id"], lesson["ends_at"]
        await insert(connection, "lesson", lesson)
        if number == 0:
            await _miss(connection, lesson)
            continue
        work = given | {"id": uuid7(), "lesson_id": lesson["id"], "kind": "answer", "topic": "Повторение"}
        work |= {"weight": 2, "counted": True, "created_by": author, "created_at": at}
        await insert(connection, "work", work)
        mark = {"work_id": work["id"], "student_id": IVAN_ID, "slot": 1, "version": 1, "day": lesson["day"]}
        mark |= {
            "school_id": lesson["school_id"],
            "value": str(2 + number % 4),
            "set_by": author,
            "set_at": at,
            "visible_from": at,
        }
        await insert(connection, "mark_version", mark)
        homework = given | {"id": uuid7(), "lesson_id": lesson["id"], "due_on": lesson["day"]}
        del homework["day"]
        homework |= {"body": "§ 12, вопросы 1-4", "mandatory": True, "minutes": 20, "set_by": author, "created_at": at}
        await insert(connection, "homework", homework)
    await _move(connection, monday, monday + 5 * step)


async def _miss(connection: asyncpg.Connection, lesson: dict[str, Any]) -> None:
    """The child was not there, the class teacher knows why, and of the day there is something to say."""
    school, author, at = lesson["school_id"], lesson["teacher_id"], lesson["ends_at"]
    fact = {"lesson_id": lesson["id"], "student_id": IVAN_ID, "version": 1, "school_id": school, "code": "absent"}
    fact |= {"symbol": "Н", "set_by": author, "set_at": at, "visible_from": at}
    await insert(connection, "attendance_version", fact)
    excuse = {"student_id": IVAN_ID, "day": lesson["day"], "version": 1, "school_id": school, "state": "excused"}
    excuse |= {"lessons": [lesson["number"]], "reason": "doctor", "set_by": author, "set_at": at}
    await insert(connection, "excuse_version", excuse)
    remark = {"id": uuid7(), "school_id": school, "student_id": IVAN_ID, "lesson_id": lesson["id"]}
    remark |= {"day": lesson["day"], "kind": "remark", "body": "Опоздал после перемены", "author_id": author}
    await insert(connection, "remark", remark | {"given_at": at})


async def _move(connection: asyncpg.Connection, day: date, to_day: date) -> None:
    """The last lesson of a day is cancelled, for it became the last one of another."""
    lesson, became = [(await connection.fetch(_OF_A_DAY, IVAN_ID, each))[-1] for each in (day, to_day)]
    await connection.execute(
        "UPDATE lesson SET state = 'cancelled', changed = true, moved_to = $2 WHERE id = $1", lesson["id"], became["id"]
    )
