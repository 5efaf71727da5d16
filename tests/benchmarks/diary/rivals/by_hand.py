"""The limit: one query by hand, asyncpg and msgspec, on bare ASGI. Nothing of a framework, nothing composed."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.core.db import plain_url
from schemas.diary import (
    DiaryAbsence,
    DiaryDay,
    DiaryHomework,
    DiaryLesson,
    DiaryMark,
    DiaryWeek,
    SubjectAverage,
)
from tests.benchmarks.diary.rivals.bearer import DATABASE, read_token

_PATH = re.compile(r"/v1/children/([0-9a-f-]{36})/week")
_QUERY = """
    WITH door AS MATERIALIZED (
        SELECT c.today, date_trunc('week', asked.day)::date AS first, date_trunc('week', asked.day)::date + 6 AS last,
               coalesce(p.starts, asked.day) AS span_from, coalesce(p.ends, asked.day) AS span_to
          FROM auth_session s JOIN account a ON a.id = s.account_id
          JOIN child_access($2, $3, $4) c ON c.is_self OR c.may_view OR c.leads OR c.directs
          CROSS JOIN LATERAL (SELECT coalesce($5::date, c.today) AS day) AS asked
          LEFT JOIN period p ON p.school_id = c.school_id AND asked.day BETWEEN p.starts AND p.ends
         WHERE s.id = $1 AND s.account_id = $2 AND s.ended_at IS NULL AND a.disabled_at IS NULL
           AND a.password_state = 'set'),
    groups AS MATERIALIZED (
        SELECT group_id, starts, coalesce(ends, 'infinity') AS ends FROM membership WHERE student_id = $3),
    lessons AS MATERIALIZED (
        SELECT l.id, l.day, l.number, l.starts_at, l.ends_at, l.subject_id, s.name AS subject, l.room, l.topic
          FROM door JOIN lesson l ON l.day BETWEEN door.first AND door.last
          JOIN groups g ON g.group_id = l.group_id AND l.day BETWEEN g.starts AND g.ends
          JOIN subject s ON s.id = l.subject_id),
    marks AS MATERIALIZED (
        SELECT DISTINCT ON (m.work_id, m.slot) m.work_id, m.slot, m.value, m.due_on, m.comment, m.set_at, m.day
          FROM door JOIN mark_version m ON m.student_id = $3 AND m.visible_from <= $4
           AND m.day BETWEEN least(door.first, door.span_from) AND greatest(door.last, door.span_to)
         ORDER BY m.work_id, m.slot, m.version DESC)
    SELECT door.today, door.first, door.last,
           (SELECT json_agg(lessons) FROM lessons)::text,
           (SELECT json_agg(json_build_object('lesson_id', w.lesson_id, 'work_id', w.id, 'kind', w.kind,
                        'topic', w.topic, 'slot', m.slot, 'value', m.value, 'due_on', m.due_on,
                        'weight', w.weight, 'comment', m.comment,
                        'set_at', m.set_at))
              FROM marks m JOIN work w ON w.id = m.work_id
             WHERE m.value IS NOT NULL AND m.day BETWEEN door.first AND door.last)::text,
           (SELECT json_agg(a) FROM (SELECT DISTINCT ON (lesson_id) lesson_id, code, minutes FROM attendance_version
                                      WHERE student_id = $3 AND lesson_id IN (SELECT id FROM lessons)
                                      ORDER BY lesson_id, version DESC) a WHERE a.code <> 'present')::text,
           (SELECT json_agg(json_build_object('id', h.id, 'subject_id', h.subject_id, 'subject', s.name,
                        'due_on', h.due_on, 'text', h.body, 'mandatory', h.mandatory, 'minutes', h.minutes))
              FROM homework h JOIN groups g ON g.group_id = h.group_id AND h.due_on BETWEEN g.starts AND g.ends
              JOIN subject s ON s.id = h.subject_id WHERE h.due_on BETWEEN door.first AND door.last)::text,
           (SELECT json_agg(day) FROM absence_notice_day WHERE student_id = $3
               AND day BETWEEN door.first AND door.last)::text,
           (SELECT json_agg(json_build_array(w.subject_id, s.name, sums.total, sums.weight, sums.marks))
              FROM (SELECT w.subject_id, count(*) AS marks,
                           sum(CASE WHEN m.value IN ('1', '2', '3', '4', '5') THEN m.value::numeric * w.weight
                                    ELSE 0 END) AS total,
                           sum(CASE WHEN m.value IN ('1', '2', '3', '4', '5') THEN w.weight ELSE 0 END) AS weight
                      FROM marks m JOIN work w ON w.id = m.work_id
                     WHERE m.value IS NOT NULL AND w.counted AND m.day BETWEEN door.span_from AND door.span_to
                     GROUP BY 1) AS sums
              CROSS JOIN LATERAL (SELECT sums.subject_id) w JOIN subject s ON s.id = w.subject_id)::text
      FROM door
"""


class _Lesson(msgspec.Struct):
    id: UUID
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    subject_id: UUID
    subject: str
    room: str | None
    topic: str | None


class _Mark(msgspec.Struct):
    lesson_id: UUID
    work_id: UUID
    slot: int
    kind: str
    topic: str | None
    value: str
    due_on: date | None
    weight: Decimal
    comment: str | None
    set_at: datetime


class _Absence(msgspec.Struct):
    lesson_id: UUID
    code: str
    minutes: int | None


class _Homework(msgspec.Struct):
    id: UUID
    subject_id: UUID
    subject: str
    due_on: date
    text: str
    mandatory: bool
    minutes: int | None


_lessons = msgspec.json.Decoder(list[_Lesson])
_marks = msgspec.json.Decoder(list[_Mark])
_absences = msgspec.json.Decoder(list[_Absence])
_homework = msgspec.json.Decoder(list[_Homework])
_days = msgspec.json.Decoder(list[date])
_sums = msgspec.json.Decoder(list[tuple[UUID, str, Decimal, Decimal, int]])
_encoder = msgspec.json.Encoder()

_pool: "asyncpg.Pool[asyncpg.Record] | None" = None


async def app(scope: Any, receive: Any, send: Any) -> None:
    """ASGI: lifespan, `/health/ready` and the week."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["path"] == "/health/ready":
        await _answer(send, 200, b"{}")
    else:
        status, body = await _week(scope)
        await _answer(send, status, body)


async def _live(receive: Any, send: Any) -> None:
    global _pool
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _pool = await asyncpg.create_pool(plain_url(DATABASE), min_size=10, max_size=10)
            await send({"type": "lifespan.startup.complete"})
        else:
            assert _pool is not None
            await _pool.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _week(scope: Any) -> tuple[int, bytes]:
    path = _PATH.fullmatch(scope["path"])
    headers = dict(scope["headers"])
    token = read_token(headers.get(b"authorization", b"").decode())
    if path is None or token is None:
        return 401, b"{}"
    account, session = token
    child = UUID(path[1])
    asked = scope["query_string"].decode().removeprefix("day=")
    day = date.fromisoformat(asked) if asked else None
    assert _pool is not None
    async with _pool.acquire() as connection:
        await connection.execute(
            f"BEGIN READ ONLY; SET LOCAL app.account = '{account}'; SET LOCAL transaction_timeout = 60000"
        )
        try:
            row = await connection.fetchrow(_QUERY, session, account, child, datetime.now(UTC), day)
            await connection.execute("COMMIT")
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
    if row is None:
        return 404, b"{}"
    return 200, _encoder.encode(_body(child, row))


def _body(child: UUID, row: Any) -> DiaryWeek:
    today, first, last, *parts = row
    lessons, marks, absences, homework, notices, sums = (
        decoder.decode(part or b"[]")
        for decoder, part in zip((_lessons, _marks, _absences, _homework, _days, _sums), parts, strict=True)
    )
    marks_of: dict[UUID, list[DiaryMark]] = defaultdict(list)
    for mark in sorted(marks, key=lambda mark: (mark.work_id, mark.slot)):
        marks_of[mark.lesson_id].append(
            DiaryMark(
                work_id=mark.work_id, slot=mark.slot, kind=mark.kind, topic=mark.topic, value=mark.value,
                due_on=mark.due_on, weight=mark.weight,
                comment=mark.comment, set_at=mark.set_at,
            )
        )  # fmt: skip
    absence_of = {row.lesson_id: DiaryAbsence(code=row.code, minutes=row.minutes) for row in absences}
    days = {
        day: DiaryDay(day=day, absence_notice=day in notices, lessons=[], homework=[])
        for day in (first + timedelta(days=number) for number in range(7))
    }
    for lesson in sorted(lessons, key=lambda lesson: (lesson.starts_at, lesson.id)):
        days[lesson.day].lessons.append(
            DiaryLesson(
                id=lesson.id, number=lesson.number, starts_at=lesson.starts_at, ends_at=lesson.ends_at,
                subject_id=lesson.subject_id, subject=lesson.subject, room=lesson.room, topic=lesson.topic,
                marks=marks_of[lesson.id], absence=absence_of.get(lesson.id),
            )
        )  # fmt: skip
    for item in sorted(homework, key=lambda item: item.id):
        days[item.due_on].homework.append(
            DiaryHomework(
                id=item.id, subject_id=item.subject_id, subject=item.subject, text=item.text,
                mandatory=item.mandatory, minutes=item.minutes,
            )
        )  # fmt: skip
    averages = [
        SubjectAverage(
            subject_id=subject_id, subject=subject, marks=count,
            average=(total / weight).quantize(Decimal("0.01"), ROUND_HALF_UP) if weight else None,
        )
        for subject_id, subject, total, weight, count in sorted(sums, key=lambda row: (row[1], row[0]))
    ]  # fmt: skip
    return DiaryWeek(
        child_id=child, first_day=first, last_day=last, today=today, days=list(days.values()), averages=averages
    )
