"""The SQL of taking work: fan out, claim, and look at what threads hold now, in one transaction.

Leases use the database's clock; `now` is the injected one (DESIGN.md section 6).
"""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from push.catalogue import Lane
from push.pacing import LONG_LIMIT, LONG_WINDOW, SHORT_LIMIT, SHORT_WINDOW
from push.policy import Rule, ThreadAlert, Wishes
from push.statements import Statement
from push.threads import ClaimedTray, SummaryEntry, look

LEASE = timedelta(seconds=45)
_FIRST_REVISION = datetime(2020, 1, 1, tzinfo=UTC)

# A row without an alert asks to look at a thread again: also at summaries that tell of it.
# An array is made once. What stands behind IN may be asked anew for each row of the table, whatever its LIMIT says, if
# the plan was made when the table was empty. OFFSET 0 has the same use, here and below: each row is looked up for what
# was taken, for PostgreSQL takes a LIMIT that it is not told yet for a tenth of the table.
_FAN_OUT = Statement("""
    WITH taken AS (
        DELETE FROM fanout WHERE id = ANY (ARRAY(
            SELECT id FROM fanout
             WHERE lane = :lane AND (alert_id IS NOT NULL OR account_id = ANY (cast(:looked_at AS uuid[])))
             ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED))
        RETURNING alert_id, account_id, thread),
    pairs AS (
        SELECT ia.installation_id, taken.account_id, taken.thread, taken.alert_id
          FROM taken JOIN installation_account ia USING (account_id) JOIN installation i ON i.id = ia.installation_id
         WHERE i.target IS NOT NULL AND i.target_lost IS NULL AND i.permission <> 'denied'
           AND taken.alert_id IS NOT NULL),
    wanted AS (
        SELECT installation_id, account_id, thread, array_agg(alert_id) AS alerts FROM pairs GROUP BY 1, 2, 3
        UNION ALL
        (SELECT t.installation_id, t.account_id, t.thread, '{}'::uuid[]
           FROM tray t
          WHERE (t.account_id, t.thread) IN (SELECT account_id, thread FROM taken WHERE alert_id IS NULL)
            AND NOT EXISTS (SELECT FROM pairs p WHERE (p.installation_id, p.account_id, p.thread)
                                                    = (t.installation_id, t.account_id, t.thread))
         UNION
         SELECT s.installation_id, taken.account_id, '~summary', '{}'::uuid[]
           FROM taken CROSS JOIN LATERAL (
                SELECT installation_id FROM summary_item
                 WHERE account_id = taken.account_id AND thread = taken.thread OFFSET 0) AS s)),
    -- Held until the commit: whoever is asked to look again at one of these waits for us (`_BEFORE`).
    told AS (
        SELECT count(pg_advisory_xact_lock_shared(key)) AS locks
          FROM (SELECT hashtextextended(account_id::text, 0) AS key
                  FROM (SELECT DISTINCT account_id FROM pairs ORDER BY 1) AS accounts) AS keys),
    noted AS (
        INSERT INTO dispatch (alert_id, devices, dispatched_at)
        SELECT taken.alert_id, count(pairs.alert_id), :now
          FROM taken LEFT JOIN pairs ON pairs.alert_id = taken.alert_id
         WHERE taken.alert_id IS NOT NULL GROUP BY 1),
    put AS (
        INSERT INTO tray AS t (installation_id, account_id, thread, lane, wanted, pending, due_at, waiting_since)
        SELECT installation_id, account_id, thread, :lane, :revision, alerts, :now, :now FROM wanted ORDER BY 1, 2, 3
        ON CONFLICT (installation_id, account_id, thread) DO UPDATE SET
            wanted = greatest(t.wanted + 1, excluded.wanted),
            pending = t.pending || excluded.pending,
            lane = CASE WHEN t.due_at IS NOT NULL AND t.lane = 'urgent' THEN t.lane ELSE excluded.lane END,
            due_at = CASE WHEN t.attempt > 0 THEN t.due_at ELSE least(t.due_at, excluded.due_at) END,
            waiting_since = coalesce(t.waiting_since, excluded.waiting_since))
    SELECT count(*), (SELECT locks FROM told) FROM taken
""")

# A row that asks for another look finds no tray while the worker that makes it has not committed, although that
# worker has looked already, at what was true before. So such rows wait for whoever tells the same person.
# On the way: until when FCM asks the whole project for patience.
_BEFORE = Statement("""
    SELECT (SELECT max(until) FROM push_pause WHERE scope = 'project' AND until > :now) AS until,
           looks.account_id, pg_advisory_xact_lock(hashtextextended(looks.account_id::text, 0))
      FROM (VALUES (1)) AS one LEFT JOIN (
           SELECT DISTINCT account_id
             FROM (SELECT account_id FROM fanout WHERE lane = :lane AND alert_id IS NULL LIMIT :limit) AS rows
            ORDER BY 1) AS looks ON true
""")

# `hold`: until when a due tray must wait after all: its platform or its device is paused, or an Android
# device has had its share of messages. Counted here, so that no batch under way is forgotten.
_CLAIM = Statement("""
    WITH due AS (
        SELECT installation_id, account_id, thread, due_at, lease_by IS NOT NULL AS doubtful FROM tray
         WHERE lane = :lane AND due_at <= :now AND (lease_until IS NULL OR lease_until < now())
         ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED),
    ranked AS (
        SELECT due.*, i.platform, p.until AS platform_pause, d.paused_until,
               d.short_start, d.long_start,
               CASE WHEN d.short_start > cast(:now AS timestamptz) - cast(:short_window AS interval)
                    THEN d.short_count ELSE 0 END AS short_count,
               CASE WHEN d.long_start > cast(:now AS timestamptz) - cast(:long_window AS interval)
                    THEN d.long_count ELSE 0 END AS long_count,
               row_number() OVER (PARTITION BY due.installation_id ORDER BY due.due_at) AS place
          FROM due CROSS JOIN LATERAL (
                    SELECT platform FROM installation WHERE id = due.installation_id OFFSET 0) AS i
               LEFT JOIN push_pause p ON p.scope = i.platform AND p.until > :now
               LEFT JOIN LATERAL (
                    SELECT * FROM device_pace WHERE installation_id = due.installation_id OFFSET 0) AS d ON true),
    held AS (
        SELECT ranked.*, greatest(
                   platform_pause, CASE WHEN paused_until > :now THEN paused_until END,
                   CASE WHEN platform = 'android' AND short_count + place > :short_limit
                        THEN coalesce(short_start, :now) + cast(:short_window AS interval) END,
                   CASE WHEN platform = 'android' AND long_count + place > :long_limit
                        THEN coalesce(long_start, :now) + cast(:long_window AS interval) END) AS hold
          FROM ranked),
    put_off AS (
        UPDATE tray t SET due_at = held.hold FROM held
         WHERE held.hold IS NOT NULL
           AND (t.installation_id, t.account_id, t.thread) = (held.installation_id, held.account_id, held.thread)
        RETURNING 1),
    counted AS (
        INSERT INTO device_pace AS d (installation_id, short_start, short_count, long_start, long_count)
        SELECT installation_id, :now, count(*), :now, count(*) FROM held
         WHERE hold IS NULL AND platform = 'android' GROUP BY 1 ORDER BY 1
        ON CONFLICT (installation_id) DO UPDATE SET
            short_count = CASE WHEN d.short_start > excluded.short_start - cast(:short_window AS interval)
                               THEN d.short_count ELSE 0 END + excluded.short_count,
            short_start = CASE WHEN d.short_start > excluded.short_start - cast(:short_window AS interval)
                               THEN d.short_start ELSE excluded.short_start END,
            long_count = CASE WHEN d.long_start > excluded.long_start - cast(:long_window AS interval)
                              THEN d.long_count ELSE 0 END + excluded.long_count,
            long_start = CASE WHEN d.long_start > excluded.long_start - cast(:long_window AS interval)
                              THEN d.long_start ELSE excluded.long_start END),
    leased AS (
        UPDATE tray t SET lease_by = :lease, lease_until = now() + cast(:lease_for AS interval),
               -- Nothing new is known, but an hour has come: phones drop a revision that they have seen.
               wanted = CASE WHEN t.sent >= t.wanted THEN t.wanted + 1 ELSE t.wanted END
          FROM held JOIN installation i ON i.id = held.installation_id
                    LEFT JOIN installation_account ia
                           ON ia.installation_id = held.installation_id AND ia.account_id = held.account_id
                    LEFT JOIN recipient r ON r.account_id = held.account_id
         WHERE held.hold IS NULL
           AND (t.installation_id, t.account_id, t.thread) = (held.installation_id, held.account_id, held.thread)
        RETURNING t.installation_id, t.account_id, t.thread, t.wanted, t.sent, t.pending, t.digest, t.attempt,
                  t.due_at, t.waiting_since, t.loud_at, i.platform, i.target_kind,
                  CASE WHEN i.permission <> 'denied' THEN i.target END AS target, i.registered_at,
                  i.key_id, i.key_wrapped, i.key_expires_at, ia.account_id IS NOT NULL AS signed_in,
                  held.doubtful OR t.maybe_shown AS doubtful,
                  coalesce(r.language, 'ru') AS language, r.quiet_from, r.quiet_until, r.summary_at,
                  r.rules::text AS rules,
                  (SELECT jsonb_agg(jsonb_build_array(s.alert_id, s.thread, s.due_at))::text FROM summary_item s
                    WHERE s.installation_id = t.installation_id AND s.account_id = t.account_id
                      AND t.thread IN (s.thread, '~summary')) AS summary,
                  (SELECT jsonb_object_agg(c.thread, c.revision)::text
                     FROM (SELECT thread, revision FROM clearing
                            WHERE (clearing.installation_id, clearing.account_id) = (t.installation_id, t.account_id)
                            ORDER BY thread LIMIT CASE t.thread WHEN '~clear' THEN 40 ELSE 10 END) c) AS clears)
    SELECT (SELECT count(*) FROM put_off) AS put_off, leased.* FROM (VALUES (1)) AS one LEFT JOIN leased ON true
""")

# What waits: what is due, and what has failed and will be tried again, which nobody does for longer than an hour. While
# FCM is away nothing else shows it.
WAITING = """
    SELECT lane, count(*) AS waiting,
           extract(epoch FROM cast(:now AS timestamptz)
                              - min(CASE WHEN attempt > 0 THEN waiting_since ELSE due_at END))::float AS age
      FROM tray WHERE due_at <= cast(:now AS timestamptz) + interval '1 hour' AND (due_at <= :now OR attempt > 0)
     GROUP BY lane
"""
_WAITING = text(WAITING)

_GIVE_BACK = text("UPDATE tray SET lease_until = now() WHERE lease_by LIKE :worker || '/%'")


def revision_at(moment: datetime) -> int:
    """The least revision that a tray wants from this moment on: seconds since 2020.

    A tray that was forgotten, or whose row came back from a backup, thus never goes below what phones have seen.
    """
    return int((moment - _FIRST_REVISION).total_seconds())


class Taken(msgspec.Struct, frozen=True):
    """What one turn of a lane took. `busy`: whether it found anything to do, sent or not."""

    trays: list[ClaimedTray]
    alerts: dict[tuple[UUID, str], list[ThreadAlert]]
    busy: bool
    paused_until: datetime | None = None


_NOTHING = Taken([], {}, busy=False)


async def take(session: AsyncSession, lane: Lane, lease: str, now: datetime, limit: int) -> Taken:
    """Fans queued alerts out, leases at most `limit` due trays, and reads what their threads hold now.

    While FCM asks the whole project for patience, nothing is taken.
    """
    before = await _BEFORE.rows(session, {"lane": lane, "limit": limit, "now": now})
    if (until := before[0][0]) is not None:
        return Taken([], {}, busy=False, paused_until=until)
    values = {
        "lane": lane, "now": now, "limit": limit, "revision": revision_at(now),
        "looked_at": [row[1] for row in before if row[1] is not None],
    }  # fmt: skip
    queued = (await _FAN_OUT.rows(session, values))[0][0]
    trays, put_off = await claim(session, lane, lease, now, limit)
    if not trays:
        return Taken([], {}, busy=True) if queued or put_off else _NOTHING
    return Taken(*await look(session, trays, now), busy=True)


async def claim(
    session: AsyncSession, lane: Lane, lease: str, now: datetime, limit: int
) -> tuple[list[ClaimedTray], int]:
    """Leases due trays; two workers never hold one. Also answers how many had to be put off."""
    values = {
        "lane": lane, "lease": lease, "now": now, "limit": limit, "lease_for": LEASE,
        "short_window": SHORT_WINDOW, "short_limit": SHORT_LIMIT,
        "long_window": LONG_WINDOW, "long_limit": LONG_LIMIT,
    }  # fmt: skip
    rows = await _CLAIM.rows(session, values)
    return [_claimed(row, lease) for row in rows if row[1] is not None], rows[0][0]


async def give_back(session: AsyncSession, worker: str) -> None:
    """Ends this worker's leases, so that another need not wait for them to run out. Whose they were stays: what
    became of their messages was not written down."""
    await session.execute(_GIVE_BACK, {"worker": worker})


async def ages(session: AsyncSession, now: datetime) -> dict[str, float]:
    """How long the oldest tray of each lane has waited since it was due, or first failed, in seconds."""
    return {row.lane: row.age for row in await session.execute(_WAITING, {"now": now})}


def _claimed(row: asyncpg.Record, lease: str) -> ClaimedTray:
    """A row of `_CLAIM`: `put_off`, the fields of a ClaimedTray in their order, and what is decoded here."""
    _, *plain, quiet_from, quiet_until, summary_at, rules, summary, clears = row
    fields: tuple[Any, ...] = (
        lease,
        *plain,
        _wishes(quiet_from, quiet_until, summary_at, rules),
        msgspec.json.decode(summary, type=tuple[SummaryEntry, ...]) if summary else (),
        msgspec.json.decode(clears, type=dict[str, int]) if clears else {},
    )
    return ClaimedTray(*fields)


@lru_cache(maxsize=256)
def _wishes(quiet_from: time | None, quiet_until: time | None, summary_at: time | None, rules: str | None) -> Wishes:
    if quiet_from is None or quiet_until is None or summary_at is None or rules is None:
        return Wishes()  # somebody who has never chosen anything
    try:
        known = tuple(msgspec.json.decode(rules, type=list[Rule]))
    except msgspec.ValidationError:
        # A newer version's rules, or a hand on the database: one person's row must not stop a lane.
        known = ()
    return Wishes(quiet_from, quiet_until, summary_at, known)
