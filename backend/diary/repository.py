"""A child's days in one statement: the right to them, and the rooms' published reads composed as JSON.

Composed once, when the process starts, and run on the driver itself: building it anew for each request took longer
than PostgreSQL needs to answer (docs/decisions/0015-diary-read.md).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import Date, DateTime, Select, Text, Uuid, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from backend.attendance.repository import codes_of_child, notice_days_of_child
from backend.core.reads import Read
from backend.homework.repository import homework_of_child
from backend.journal.repository import marks_of_child, sums_of_child
from backend.timetable.repository import lessons_of_child
from schemas.attendance import AttendanceCode
from schemas.journal import MarkValue, WorkKind


class LessonRow(msgspec.Struct):
    id: UUID
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    subject_id: UUID
    subject: str
    room: str | None
    topic: str | None


class MarkRow(msgspec.Struct):
    lesson_id: UUID
    work_id: UUID
    slot: int
    kind: WorkKind
    topic: str | None
    value: MarkValue
    due_on: date | None
    weight: Decimal
    comment: str | None
    set_at: datetime


class AbsenceRow(msgspec.Struct):
    lesson_id: UUID
    code: AttendanceCode
    minutes: int | None


class HomeworkRow(msgspec.Struct):
    id: UUID
    subject_id: UUID
    subject: str
    due_on: date
    text: str
    mandatory: bool
    minutes: int | None


class SumRow(msgspec.Struct):
    subject_id: UUID
    subject: str
    total: Decimal
    weight: Decimal
    marks: int


class NoticeRow(msgspec.Struct):
    day: date


class Days(msgspec.Struct):
    """What the statement answers of the days."""

    lessons: list[LessonRow]
    marks: list[MarkRow]
    absences: list[AbsenceRow]
    homework: list[HomeworkRow]
    notices: list[NoticeRow]
    sums: list[SumRow] = []


class Door(msgspec.Struct, frozen=True):
    """What stands before a child's days.

    Attributes:
        password_state: of the account, or None: the session has ended.
        today: the school's; None: no such child, or no right to it.
        rights: everything that the caller may do with the child, as text.
        version: changes with what is shown of the child, its groups and its school.
    """

    password_state: str | None
    today: date | None
    first: date | None
    last: date | None
    rights: str | None
    version: str | None


# $1 session, $2 account, $3 child, $4 now, $5 a day or null, $6 whether the day's week is asked for.
_DOOR = """
    SELECT a.password_state, c.today, days.first, days.last, p.starts AS period_from, p.ends AS period_to,
           concat_ws(',', c.is_self, c.may_view, c.may_file_absence, c.leads, c.directs) AS rights,
           (SELECT md5(string_agg(v.entity::text || v.number, ',' ORDER BY v.entity)) FROM version v
             WHERE v.entity = ANY (ARRAY[$3, c.school_id]
                                   || ARRAY(SELECT m.group_id FROM membership m WHERE m.student_id = $3))) AS version
      FROM auth_session s
      JOIN account a ON a.id = s.account_id
      LEFT JOIN child_access($2::uuid, $3::uuid, $4::timestamptz) AS c
             ON c.is_self OR c.may_view OR c.leads OR c.directs
      LEFT JOIN LATERAL (SELECT coalesce($5::date, c.today) AS day) AS asked ON true
      LEFT JOIN LATERAL (SELECT date_trunc('week', asked.day)::date AS monday) AS week ON $6::boolean
      LEFT JOIN LATERAL (SELECT coalesce(week.monday, asked.day) AS first, coalesce(week.monday + 6, asked.day) AS last
                        ) AS days ON true
      LEFT JOIN period p ON p.school_id = c.school_id AND asked.day BETWEEN p.starts AND p.ends
     WHERE s.id = $1 AND s.account_id = $2 AND s.ended_at IS NULL AND a.disabled_at IS NULL
"""


def _compose(*, week: bool) -> str:
    """The door and, for whoever may pass it, the days as JSON."""
    child = literal_column("$3", Uuid)
    first, last = (literal_column(f"(SELECT {name} FROM door)", Date) for name in ("first", "last"))
    now = literal_column("$4", DateTime(timezone=True))
    lessons = lessons_of_child(child, first, last)
    taught: Select[UUID] = select(lessons.subquery().c.id)
    reads: dict[str, Read | Select[Any]] = {
        "lessons": lessons,
        "marks": marks_of_child(child, first, last, now),
        "absences": codes_of_child(child, taught),
        "homework": homework_of_child(child, first, last),
        "notices": notice_days_of_child(child, first, last),
    }
    if week:
        # Averages are of the period; where a day belongs to none, of the days shown.
        span = [
            literal_column(f"(SELECT coalesce({name}, {shown}) FROM door)", Date)
            for name, shown in (("period_from", "first"), ("period_to", "last"))
        ]
        reads["sums"] = sums_of_child(child, span[0], span[1], now)
    parts = [part for name, read in reads.items() for part in (name, _rows(read))]
    statement = select(cast(func.json_build_object(*parts), Text))
    days = statement.compile(
        dialect=dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    return f"WITH door AS MATERIALIZED ({_DOOR}) SELECT door.*, CASE WHEN today IS NOT NULL THEN ({days}) END FROM door"


def _rows(read: "Read | Select[Any]") -> Any:
    """A read as one JSON array."""
    rows = read.subquery()
    array = func.json_agg(func.row_to_json(rows.table_valued()))
    return select(func.coalesce(array, func.json_build_array())).scalar_subquery()


_DAY, _WEEK = _compose(week=False), _compose(week=True)
_decoder = msgspec.json.Decoder(Days)

Asked = tuple[UUID, UUID, UUID, datetime, date | None, bool]


async def door(driver: asyncpg.Connection, asked: Asked) -> Door:
    """Only what stands before the days: enough to say that nothing has changed."""
    return _door(await driver.fetchrow(_DOOR, *asked))


async def days(driver: asyncpg.Connection, asked: Asked) -> tuple[Door, Days | None]:
    """The door, and the days if it is open, in one round trip."""
    row = await driver.fetchrow(_WEEK if asked[-1] else _DAY, *asked)
    return _door(row), _decoder.decode(row[-1]) if row is not None and row[-1] is not None else None


def _door(row: asyncpg.Record | None) -> Door:
    if row is None:
        return Door(None, None, None, None, None, None)
    return Door(row[0], row[1], row[2], row[3], row[6], row[7])
