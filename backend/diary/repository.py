"""A child's days in one statement: the right to them, and the rooms' published reads composed as the page's own JSON.

Composed once, when the process starts, and run on the driver itself: building it anew for each request took longer
than PostgreSQL needs to answer, and so did turning its rows into objects and back into JSON
(docs/decisions/0015-diary-read.md).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import ColumnElement, Date, DateTime, Select, Uuid, column, literal_column, select, table
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from backend.attendance.notice_repository import notice_days_of_child
from backend.attendance.repository import codes_of_child
from backend.core.reading import Reader
from backend.core.reads import Read
from backend.homework.repository import homework_of_child
from backend.journal.remark_repository import remarks_of_child
from backend.journal.repository import marks_of_child, shown_marks, sums_of_marks
from backend.timetable.repository import lessons_of_child


class SumRow(msgspec.Struct):
    subject_id: UUID
    subject: str
    total: Decimal
    weight: Decimal
    marks: int


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


class Days(msgspec.Struct, frozen=True):
    """`items`: the days as `schemas.diary.DiaryDay` writes them."""

    items: msgspec.Raw
    sums: list[SumRow]


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

# Stands before the view of that name for all that follows: the child's groups are looked up once, not by each read.
_GROUPS = "membership AS MATERIALIZED (SELECT * FROM membership WHERE student_id = $3)"

# The days in order, each with its lessons by time, their marks and absences, and the homework due.
_ITEMS = """
    SELECT json_agg(json_build_object(
               'day', shown.day,
               'absenceNotice', EXISTS (SELECT FROM notices n WHERE n.day = shown.day),
               'lessons', coalesce(taught.items, '[]'),
               'homework', coalesce(due.items, '[]'),
               'remarks', coalesce(said.items, '[]')) ORDER BY shown.day)
      FROM (SELECT door.first + number AS day FROM generate_series(0, door.last - door.first) AS number) AS shown
      LEFT JOIN (
           SELECT l.day, json_agg(json_build_object(
                      'id', l.id, 'number', l.number, 'startsAt', l.starts_at, 'endsAt', l.ends_at,
                      'subjectId', l.subject_id, 'subject', l.subject, 'room', l.room, 'topic', l.topic,
                      'state', l.state, 'remote', l.remote, 'substitution', l.substitution, 'movedTo', l.moved_to,
                      'marks', coalesce(given.items, '[]'),
                      'absence', CASE WHEN a.lesson_id IS NOT NULL THEN json_build_object(
                                      'code', a.code, 'symbol', a.symbol, 'minutes', a.minutes) END)
                      ORDER BY l.starts_at, l.id) AS items
             FROM lessons l
             LEFT JOIN absences a ON a.lesson_id = l.id
             LEFT JOIN given ON given.lesson_id = l.id
            GROUP BY l.day) AS taught ON taught.day = shown.day
      LEFT JOIN (
           SELECT h.due_on, json_agg(json_build_object(
                      'id', h.id, 'subjectId', h.subject_id, 'subject', h.subject, 'text', h.text,
                      'mandatory', h.mandatory, 'minutes', h.minutes, 'links', h.links, 'files', h.files,
                      'individual', h.individual, 'done', h.done, 'editedAt', h.edited_at) ORDER BY h.id) AS items
             FROM homework h GROUP BY h.due_on) AS due ON due.due_on = shown.day
      LEFT JOIN (
           SELECT r.day, json_agg(json_build_object('id', r.id, 'kind', r.kind, 'text', r.text, 'subject', r.subject)
                      ORDER BY r.id) AS items
             FROM remarks r GROUP BY r.day) AS said ON said.day = shown.day
"""

# The marks of each lesson.
_GIVEN = """
    SELECT m.lesson_id, json_agg(json_build_object(
               'workId', m.work_id, 'slot', m.slot, 'kind', m.kind, 'topic', m.topic, 'value', m.value,
               'dueOn', m.due_on, 'weight', m.weight::text, 'comment', m.comment, 'setAt', m.set_at,
               'setBy', m.set_by) ORDER BY m.work_id, m.slot) AS items
      FROM shown_marks m GROUP BY m.lesson_id
"""

_SUMS = "SELECT coalesce(json_agg(s), '[]') FROM sums s"


def _compose(*, week: bool) -> str:
    """The door and, for whoever may pass it, the days."""
    child = literal_column("$3", Uuid)
    first, last = (_of_door(name) for name in ("first", "last"))
    now = literal_column("$4", DateTime(timezone=True))
    # Averages are of the period; where a day belongs to none, of the days shown. Its marks and theirs are read once.
    marks = marks_of_child(child, _of_door("least(first, period_from)"), _of_door("greatest(last, period_to)"), now)
    if not week:
        marks = marks_of_child(child, first, last, now)
    read = table("marks", *(column(each.name, each.type) for each in marks.selected_columns))
    reads: dict[str, Read | Select[Any]] = {
        "lessons": lessons_of_child(child, first, last),
        "marks": marks,
        "shown_marks": shown_marks(read, first, last),
        "absences": codes_of_child(child, select(column("id", Uuid)).select_from(table("lessons")), now),
        "homework": homework_of_child(child, first, last),
        "remarks": remarks_of_child(child, first, last),
        "notices": notice_days_of_child(child, first, last),
    }
    if week:
        span = (_of_door(f"coalesce({name})") for name in ("period_from, first", "period_to, last"))
        reads["sums"] = sums_of_marks(read, *span)
    # Materialized: each is made once. Joined in, absences and marks were put together anew for each lesson.
    parts = "".join(f", {name} AS MATERIALIZED ({_sql(read)})" for name, read in reads.items())
    parts += f", given AS MATERIALIZED ({_GIVEN})"
    sums = _SUMS if week else "SELECT '[]'::json"
    return f"""
        WITH {_GROUPS}, door AS MATERIALIZED ({_DOOR}){parts}
        SELECT door.*, CASE WHEN today IS NOT NULL THEN ({_ITEMS})::text END AS items,
               CASE WHEN today IS NOT NULL THEN ({sums})::text END AS sums FROM door
    """


def _of_door(value: str) -> ColumnElement[date]:
    return literal_column(f"(SELECT {value} FROM door)", Date)


def _sql(read: "Read | Select[Any]") -> str:
    return str(read.compile(dialect=dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]


_DAY, _WEEK = _compose(week=False), _compose(week=True)
_sums = msgspec.json.Decoder(list[SumRow])

Asked = tuple[UUID, UUID, UUID, datetime, date | None, bool]


async def door(driver: Reader, asked: Asked) -> Door:
    """Only what stands before the days: enough to say that nothing has changed."""
    return _door(await driver.fetchrow(_DOOR, *asked))


async def days(driver: Reader, asked: Asked) -> tuple[Door, Days | None]:
    """The door, and the days if it is open, in one round trip."""
    row = await driver.fetchrow(_WEEK if asked[-1] else _DAY, *asked)
    if row is None or row["items"] is None:
        return _door(row), None
    return _door(row), Days(items=msgspec.Raw(row["items"].encode()), sums=_sums.decode(row["sums"]))


def _door(row: asyncpg.Record | None) -> Door:
    if row is None:
        return Door(None, None, None, None, None, None)
    return Door(row[0], row[1], row[2], row[3], row[6], row[7])
