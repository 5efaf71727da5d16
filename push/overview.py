"""What an operator asks of the engine: who works, who waits, and how truthful "sent" was (PUSH.md section 3,
"Truthful delivery": accepted by FCM, received by the app, opened)."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from push.queue import WAITING

LATE_AFTER = timedelta(seconds=60)

_SCHOOLS = text("""
    WITH recent AS (SELECT id, school_id, account_id FROM alert WHERE id >= uuid7_floor(:since) AND NOT feed_only),
    devices AS (
        SELECT ia.account_id,
               bool_or(i.target IS NOT NULL AND i.target_lost IS NULL AND i.permission <> 'denied') AS live,
               count(*) FILTER (WHERE i.target_lost IS NOT NULL) AS dead
          FROM installation_account ia JOIN installation i ON i.id = ia.installation_id GROUP BY 1),
    people AS (
        SELECT school_id, count(*) FILTER (WHERE live) AS reached,
               count(*) FILTER (WHERE live IS NOT true) AS unreached,
               coalesce(sum(dead), 0)::bigint AS dead_targets
          FROM (SELECT DISTINCT school_id, account_id FROM recent) AS told LEFT JOIN devices USING (account_id)
         GROUP BY 1),
    ends AS (
        SELECT recent.school_id, count(*) FILTER (WHERE outcome = 'accepted') AS accepted,
               count(*) FILTER (WHERE outcome = 'accepted'
                                  AND d.settled_at > made.at + cast(:late AS interval)) AS late,
               count(*) FILTER (WHERE outcome IN ('gone', 'refused', 'dead')) AS failed
          FROM recent JOIN delivery d ON d.alert_id = recent.id
          CROSS JOIN LATERAL (SELECT to_timestamp(('x' || lpad(left(replace(recent.id::text, '-', ''), 12), 16, '0')
                                                  )::bit(64)::bigint / 1000.0) AS at) AS made
         GROUP BY 1),
    seen AS (
        SELECT recent.school_id, count(*) AS received, count(opened_at) AS opened
          FROM recent JOIN alert_seen s ON s.alert_id = recent.id GROUP BY 1)
    SELECT people.school_id, coalesce(accepted, 0) AS accepted, coalesce(late, 0) AS late,
           coalesce(failed, 0) AS failed, coalesce(received, 0) AS received, coalesce(opened, 0) AS opened,
           reached, unreached, dead_targets
      FROM people LEFT JOIN ends USING (school_id) LEFT JOIN seen USING (school_id)
     ORDER BY people.school_id
""")

_QUEUES = text(f"""
    SELECT lane, coalesce(sum(waiting), 0)::bigint AS waiting, coalesce(max(age), 0)::float AS age FROM (
        SELECT lane, count(*) AS waiting, 0 AS age FROM fanout GROUP BY 1
        UNION ALL
        ({WAITING})) AS waiting
     GROUP BY lane ORDER BY lane
""")
_WORKERS = text("SELECT name FROM push_worker WHERE seen_at > now() - interval '15 seconds' ORDER BY started_at")
_PAUSES = text("SELECT scope, until, code FROM push_pause WHERE until > :now ORDER BY scope")


class SchoolFigures(msgspec.Struct, frozen=True):
    """Of a school's alerts of the last days, each on each device; and of the people who were told."""

    school_id: UUID
    accepted: int
    late: int
    failed: int
    received: int
    opened: int
    reached: int
    unreached: int
    dead_targets: int


class Queue(msgspec.Struct, frozen=True):
    """`age`: seconds since the oldest waiting one was due, or was tried for the first time."""

    lane: str
    waiting: int
    age: float


class Overview(msgspec.Struct, frozen=True):
    workers: list[str]
    pauses: list[tuple[str, datetime, str]]
    queues: list[Queue]
    schools: list[SchoolFigures]


async def overview(session: AsyncSession, now: datetime, days: int) -> Overview:
    """Reads it as the role `diary_push`. `days`: how far back schools are counted."""
    schools = await session.execute(_SCHOOLS, {"since": now - timedelta(days=days), "late": LATE_AFTER})
    return Overview(
        workers=list((await session.execute(_WORKERS)).scalars()),
        pauses=[(row.scope, row.until, row.code) for row in await session.execute(_PAUSES, {"now": now})],
        queues=[Queue(**row) for row in (await session.execute(_QUEUES, {"now": now})).mappings()],
        schools=[SchoolFigures(**row) for row in schools.mappings()],
    )
