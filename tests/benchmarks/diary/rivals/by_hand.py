"""The limit: one query by hand that answers with the body itself, asyncpg, bare ASGI. Nothing of a framework, nothing
composed, and no row becomes an object."""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from backend.core.db import plain_url
from tests.benchmarks.diary.rivals.bearer import DATABASE, read_token

_PATH = re.compile(r"/v1/children/([0-9a-f-]{36})/week")
_QUERY = """
    WITH door AS MATERIALIZED (
        SELECT c.today, week.first, week.first + 6 AS last,
               coalesce(p.starts, week.first) AS span_from, coalesce(p.ends, week.first + 6) AS span_to
          FROM auth_session s JOIN account a ON a.id = s.account_id
          JOIN child_access($2, $3, $4) c ON c.is_self OR c.may_view OR c.leads OR c.directs
          CROSS JOIN LATERAL (SELECT coalesce($5::date, c.today) AS day) AS asked
          CROSS JOIN LATERAL (SELECT date_trunc('week', asked.day)::date AS first) AS week
          LEFT JOIN period p ON p.school_id = c.school_id AND asked.day BETWEEN p.starts AND p.ends
         WHERE s.id = $1 AND s.account_id = $2 AND s.ended_at IS NULL AND a.disabled_at IS NULL
           AND a.password_state = 'set'),
    groups AS MATERIALIZED (
        SELECT group_id, starts, coalesce(ends, 'infinity') AS ends FROM membership WHERE student_id = $3),
    lessons AS MATERIALIZED (
        SELECT l.*, s.name AS subject
          FROM door JOIN lesson l ON l.day BETWEEN door.first AND door.last
          JOIN groups g ON g.group_id = l.group_id AND l.day BETWEEN g.starts AND g.ends
          JOIN subject s ON s.id = l.subject_id),
    notices AS MATERIALIZED (
        SELECT n.day FROM door
          JOIN absence_notice_day n ON n.student_id = $3 AND n.day BETWEEN door.first AND door.last),
    marks AS MATERIALIZED (
        SELECT m.*, w.lesson_id, w.subject_id, w.kind, w.topic, w.weight, w.counted
          FROM (SELECT DISTINCT ON (m.work_id, m.slot) m.work_id, m.slot, m.value, m.due_on, m.comment, m.set_at, m.day,
                       m.set_by
                  FROM door JOIN mark_version m ON m.student_id = $3 AND m.visible_from <= $4
                   AND m.day BETWEEN least(door.first, door.span_from) AND greatest(door.last, door.span_to)
                 ORDER BY m.work_id, m.slot, m.version DESC) AS m
          JOIN work w ON w.id = m.work_id WHERE m.value IS NOT NULL),
    given AS (
        SELECT m.lesson_id, json_agg(json_build_object(
                   'workId', m.work_id, 'slot', m.slot, 'kind', m.kind, 'topic', m.topic, 'value', m.value,
                   'dueOn', m.due_on, 'weight', m.weight::text, 'comment', m.comment, 'setAt', m.set_at,
                   'setBy', CASE WHEN a.id IS NOT NULL
                                 THEN concat_ws(' ', a.family_name, a.given_name, a.patronymic) END)
                   ORDER BY m.work_id, m.slot) AS items
          FROM door JOIN marks m ON m.day BETWEEN door.first AND door.last LEFT JOIN account a ON a.id = m.set_by
         GROUP BY 1),
    missed AS (
        SELECT n.lesson_id, json_build_object(
                   'symbol', n.symbol, 'minutes', n.minutes,
                   'code', CASE WHEN n.code NOT IN ('absent', 'excused', 'unexcused', 'ill') THEN n.code ELSE coalesce(
                       (SELECT CASE WHEN e.lessons IS NULL OR l.number = ANY (e.lessons) THEN e.state END
                          FROM excuse_version e WHERE e.student_id = $3 AND e.day = l.day
                         ORDER BY e.version DESC LIMIT 1),
                       CASE WHEN n.code = 'absent' AND l.day IN (SELECT day FROM notices) THEN 'excused' END,
                       n.code) END) AS item
          FROM (SELECT DISTINCT ON (lesson_id) lesson_id, code, symbol, minutes FROM attendance_version
                 WHERE student_id = $3 AND visible_from <= $4 AND lesson_id IN (SELECT id FROM lessons)
                 ORDER BY lesson_id, version DESC) AS n
          JOIN lessons l ON l.id = n.lesson_id WHERE n.code <> 'present'),
    taught AS (
        SELECT l.day, json_agg(json_build_object(
                   'id', l.id, 'number', l.number, 'startsAt', l.starts_at, 'endsAt', l.ends_at,
                   'subjectId', l.subject_id, 'subject', l.subject, 'room', l.room, 'topic', l.topic,
                   'state', l.state, 'remote', l.remote, 'movedTo', l.moved_to,
                   'substitution', l.replaces_teacher_id IS NOT NULL OR l.replaces_subject_id IS NOT NULL,
                   'marks', coalesce(given.items, '[]'), 'absence', missed.item) ORDER BY l.starts_at, l.id) AS items
          FROM lessons l LEFT JOIN given ON given.lesson_id = l.id LEFT JOIN missed ON missed.lesson_id = l.id
         GROUP BY 1),
    due AS (
        SELECT h.due_on AS day, json_agg(json_build_object(
                   'id', h.id, 'subjectId', h.subject_id, 'subject', s.name, 'text', h.body,
                   'mandatory', h.mandatory, 'minutes', h.minutes, 'links', h.links, 'editedAt', h.edited_at,
                   'individual', h.individual, 'done', d.homework_id IS NOT NULL, 'files', coalesce(f.items, '[]')
                   ) ORDER BY h.id) AS items
          FROM door JOIN homework h ON h.due_on BETWEEN door.first AND door.last AND h.removed_at IS NULL
          JOIN groups g ON g.group_id = h.group_id AND h.due_on BETWEEN g.starts AND g.ends
          JOIN subject s ON s.id = h.subject_id
          LEFT JOIN homework_done d ON d.homework_id = h.id AND d.student_id = $3
          LEFT JOIN LATERAL (
               SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'mediaType', f.media_type, 'size', f.size)
                          ORDER BY f.position) AS items
                 FROM stored_file f WHERE f.owner_id = h.id AND f.owner_kind = 'homework') AS f ON true
         WHERE NOT h.individual OR EXISTS (SELECT FROM homework_student hs
                                            WHERE hs.homework_id = h.id AND hs.student_id = $3)
         GROUP BY 1),
    said AS (
        SELECT r.day, json_agg(json_build_object('id', r.id, 'kind', r.kind, 'text', r.body, 'subject', s.name)
                   ORDER BY r.id) AS items
          FROM door JOIN remark r ON r.student_id = $3 AND r.day BETWEEN door.first AND door.last
           AND r.taken_back_at IS NULL
          LEFT JOIN lesson l ON l.id = r.lesson_id LEFT JOIN subject s ON s.id = l.subject_id GROUP BY 1),
    sums AS (
        SELECT m.subject_id, s.name AS subject, count(*) AS marks,
               sum(m.value::numeric * m.weight) FILTER (WHERE m.value IN ('1', '2', '3', '4', '5')) AS total,
               sum(m.weight) FILTER (WHERE m.value IN ('1', '2', '3', '4', '5')) AS weight
          FROM door JOIN marks m ON m.counted AND m.day BETWEEN door.span_from AND door.span_to
          JOIN subject s ON s.id = m.subject_id GROUP BY 1, 2)
    SELECT json_build_object(
               'childId', $3, 'firstDay', door.first, 'lastDay', door.last, 'today', door.today,
               'days', (SELECT json_agg(json_build_object(
                                   'day', shown.day, 'absenceNotice', shown.day IN (SELECT day FROM notices),
                                   'lessons', coalesce(taught.items, '[]'), 'homework', coalesce(due.items, '[]'),
                                   'remarks', coalesce(said.items, '[]')) ORDER BY shown.day)
                          FROM (SELECT door.first + number AS day FROM generate_series(0, 6) AS number) AS shown
                          LEFT JOIN taught USING (day) LEFT JOIN due USING (day) LEFT JOIN said USING (day)),
               'averages', coalesce((SELECT json_agg(json_build_object(
                                               'subjectId', subject_id, 'subject', subject, 'marks', marks,
                                               'average', round(total / nullif(weight, 0), 2)::text)
                                               ORDER BY subject, subject_id) FROM sums), '[]'))::text
      FROM door
"""
# Planning anew takes longer than running; and what is set for the connection need not be set for each request.
_SETTINGS = {"plan_cache_mode": "force_generic_plan", "timezone": "UTC"}

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
            _pool = await asyncpg.create_pool(
                plain_url(DATABASE), min_size=10, max_size=10, reset=_keep, server_settings=_SETTINGS
            )
            await send({"type": "lifespan.startup.complete"})
        else:
            assert _pool is not None
            await _pool.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _keep(_: object) -> None:
    """Transactions leave nothing behind, so a connection need not be reset."""


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
            body = await connection.fetchval(_QUERY, session, account, child, datetime.now(UTC), day)
            await connection.execute("COMMIT")
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
    if body is None:
        return 404, b"{}"
    return 200, body.encode()
