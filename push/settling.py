"""The SQL of writing down what became of revisions: one statement, so that a crash leaves no half of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from push.queue import revision_at
from push.statements import Statement
from push.threads import SUMMARY, ClaimedTray

CLEARED_AFTER = timedelta(seconds=5)
# iOS allows two or three background pushes an hour; browsers tolerate few that show nothing.
CLEARINGS_APART = {
    "android": timedelta(),
    "ios": timedelta(minutes=30),
    "web": timedelta(minutes=30),
}

# It need not reach the disk before we go on: what a crash of the database takes back is sent again, with the
# same revision. (Taking work is another matter: its revisions must not come back lower.)
#
# Whoever lost the lease meanwhile writes nothing: `trays` is what all else hangs on. What was sent then is
# sent again, with the same revision, by whoever holds it.
_SETTLE = Statement("""
    WITH s AS (
        SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS s (
            lease text, installation_id uuid, account_id uuid, thread text, revision integer, sent boolean,
            digest text, covered uuid[], attempt integer, retry_at timestamptz, loud_at timestamptz,
            registered_at timestamptz, lost text, held jsonb, ends jsonb, cleared jsonb,
            clear boolean, clear_at timestamptz, clear_apart interval, paused_until timestamptz,
            ambiguous boolean)),
    judged AS (
        SELECT s.*, s.lost IS NOT NULL AND EXISTS (
                   SELECT FROM installation i WHERE i.id = s.installation_id AND i.target IS NOT NULL
                                                AND i.registered_at > s.registered_at) AS moved FROM s),
    trays AS (
        UPDATE tray t SET
            sent = CASE WHEN s.sent THEN greatest(t.sent, s.revision) ELSE t.sent END,
            digest = CASE WHEN s.digest IS NULL THEN t.digest ELSE decode(s.digest, 'hex') END,
            pending = CASE WHEN s.moved THEN t.pending
                           ELSE array(SELECT id FROM unnest(t.pending) AS id WHERE id <> ALL (s.covered)) END,
            attempt = s.attempt,
            loud_at = coalesce(s.loud_at, t.loud_at),
            sent_at = CASE WHEN s.sent THEN :now ELSE t.sent_at END,
            maybe_shown = CASE WHEN s.sent OR s.clear THEN false ELSE t.maybe_shown OR s.ambiguous END,
            due_at = CASE WHEN s.moved THEN :now WHEN s.attempt > 0 THEN s.retry_at
                          WHEN t.wanted > s.revision THEN :now ELSE s.retry_at END,
            waiting_since = CASE WHEN s.moved OR s.attempt = 1 THEN :now WHEN s.attempt > 1 THEN t.waiting_since
                                 WHEN t.wanted > s.revision THEN :now ELSE s.retry_at END,
            lease_by = NULL, lease_until = NULL
          FROM judged AS s
         WHERE (t.installation_id, t.account_id, t.thread) = (s.installation_id, s.account_id, s.thread)
           AND t.lease_by = s.lease
        RETURNING t.installation_id, t.account_id, t.thread, t.due_at, s.revision, s.registered_at, s.lost, s.held,
                  CASE WHEN s.moved THEN '{}' ELSE s.ends END AS ends, s.cleared, s.clear, s.clear_at,
                  s.clear_apart, s.paused_until),
    targets AS (
        UPDATE installation i SET target = NULL, target_kind = NULL, target_lost = trays.lost
          FROM trays WHERE i.id = trays.installation_id AND trays.lost IS NOT NULL
                       AND i.registered_at <= trays.registered_at),
    carried AS (
        DELETE FROM clearing c USING trays, jsonb_each_text(trays.cleared) AS told (thread, revision)
         WHERE (c.installation_id, c.account_id, c.thread) = (trays.installation_id, trays.account_id, told.thread)
           AND c.revision <= told.revision::integer),
    hanging AS (
        INSERT INTO clearing AS c (installation_id, account_id, thread, revision)
        SELECT installation_id, account_id, thread, revision FROM trays WHERE clear ORDER BY 1, 2, 3
        ON CONFLICT (installation_id, account_id, thread) DO UPDATE SET revision = excluded.revision),
    kept AS (
        INSERT INTO summary_item (installation_id, account_id, alert_id, thread, due_at)
        SELECT installation_id, account_id, held.alert_id::uuid, thread, held.due_at::timestamptz
          FROM trays, jsonb_each_text(trays.held) AS held (alert_id, due_at)
        ON CONFLICT DO NOTHING),
    paces AS (
        INSERT INTO device_pace AS d (installation_id, short_start, short_count, long_start, long_count, paused_until)
        SELECT installation_id, :now, 0, :now, 0, max(paused_until)
          FROM trays WHERE paused_until IS NOT NULL GROUP BY 1 ORDER BY 1
        ON CONFLICT (installation_id) DO UPDATE SET
            paused_until = greatest(d.paused_until, excluded.paused_until)),
    written AS (
        INSERT INTO delivery (alert_id, installation_id, account_id, outcome, revision, message_name, code, settled_at)
        SELECT ended.alert_id::uuid, installation_id, account_id, ended.how ->> 0, trays.revision, ended.how ->> 1,
               ended.how ->> 2, :now
          FROM trays, jsonb_each(trays.ends) AS ended (alert_id, how)
        ON CONFLICT (alert_id, installation_id) DO NOTHING)
    SELECT installation_id, account_id, thread, due_at <= :now AS again FROM trays
     WHERE (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
       AND (due_at <= :now OR clear OR held <> '{}')
""")

# A summary that was told may have told better what still hangs as an item of its own.
_LOOK = Statement("""
    INSERT INTO fanout (alert_id, account_id, thread, lane)
    SELECT NULL, account_id, thread, 'normal' FROM unnest(cast(:accounts AS uuid[]), cast(:threads AS text[]))
        AS told (account_id, thread)
""")

# What settling asks of a device's own trays: to take items off its screen, and to tell held alerts later.
# A statement of its own, because these trays may have been settled by the one above.
_FOLLOW = Statement("""
    WITH s AS (
        SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS s (
            installation_id uuid, account_id uuid, held jsonb, clear boolean, clear_at timestamptz,
            clear_apart interval)),
    wanted AS (
        SELECT installation_id, account_id, '~clear' AS thread, '{}'::uuid[] AS alerts, min(clear_at) AS due_at,
               max(clear_apart) AS apart
          FROM s WHERE clear GROUP BY 1, 2
        UNION ALL
        SELECT installation_id, account_id, '~summary', array_agg(held.alert_id::uuid),
               min(held.due_at::timestamptz), '0'
          FROM s, jsonb_each_text(s.held) AS held (alert_id, due_at) GROUP BY 1, 2)
    INSERT INTO tray AS t (installation_id, account_id, thread, lane, wanted, pending, due_at, waiting_since)
    SELECT installation_id, account_id, thread, 'normal', :revision, alerts,
           greatest(due_at, (SELECT b.sent_at + apart FROM tray b
                              WHERE thread = '~clear' AND (b.installation_id, b.account_id, b.thread)
                                    = (wanted.installation_id, wanted.account_id, wanted.thread))), due_at
      FROM wanted ORDER BY 1, 2, 3
    ON CONFLICT (installation_id, account_id, thread) DO UPDATE SET
        wanted = greatest(t.wanted + 1, excluded.wanted),
        pending = t.pending || excluded.pending,
        due_at = CASE WHEN t.attempt > 0 THEN t.due_at ELSE least(t.due_at, excluded.due_at) END,
        waiting_since = coalesce(t.waiting_since, excluded.waiting_since)
""")

_PAUSE = text("""
    INSERT INTO push_pause AS p (scope, until, code) VALUES (:scope, :until, :code)
    ON CONFLICT (scope) DO UPDATE SET until = greatest(p.until, excluded.until), code = excluded.code
""")


class Pause(msgspec.Struct, frozen=True):
    """FCM asks a scope for patience: `project`, a platform, or `device`."""

    scope: str
    until: datetime
    code: str


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one claimed revision.

    Attributes:
        ends: alert -> (outcome, FCM's name, code).
        held: alerts that moved to the device's summary, and when that is due.
        cleared: what the sent message took off the screen: thread -> revision.
        clear: this thread's item hangs on the screen and should not.
        ambiguous: whether the message arrived nobody knows.
        retry_at: when this tray's turn comes again; with an `attempt`, not before.
    """

    tray: ClaimedTray
    ends: dict[UUID, tuple[str, str | None, str | None]]
    held: dict[UUID, datetime] = {}
    cleared: dict[str, int] = {}
    clear: bool = False
    sent: bool = False
    digest: bytes | None = None
    attempt: int = 0
    retry_at: datetime | None = None
    loud_at: datetime | None = None
    lost: str | None = None
    ambiguous: bool = False
    pause: Pause | None = None


async def settle(
    session: AsyncSession, settlements: Sequence[Settlement], now: datetime, pause: Pause | None = None
) -> bool:
    """Writes down what became of revisions, of their alerts and of targets.

    Args:
        pause: one that no single answer asked for.

    Returns:
        Whether any of the trays wants another revision at once.
    """
    for asked_for in _widest([settlement.pause for settlement in settlements] + [pause]):
        await session.execute(_PAUSE, msgspec.structs.asdict(asked_for))
    # In one order for all workers, that of the fan-out: else two of them could wait for each other.
    rows = [_row(settlement, now) for settlement in sorted(settlements, key=_place)]
    told = {
        (settlement.tray.account_id, entry.thread)
        for settlement in settlements
        if settlement.sent and settlement.tray.thread == SUMMARY
        for entry in settlement.tray.summary
    }
    if told:
        accounts, threads = zip(*sorted(told), strict=True)
        await _LOOK.rows(session, {"accounts": list(accounts), "threads": list(threads)})
    found = await _SETTLE.rows(session, {"rows": _json(rows), "now": now})
    if not found:
        return False
    follow = {(row["installation_id"], row["account_id"], row["thread"]) for row in found}
    asked = [
        row
        for row in rows
        if (row["clear"] or row["held"]) and (row["installation_id"], row["account_id"], row["thread"]) in follow
    ]
    if asked:
        await _FOLLOW.rows(session, {"rows": _json(asked), "revision": revision_at(now)})
    return any(row["again"] for row in found)


def _place(settlement: Settlement) -> tuple[UUID, UUID, str]:
    return settlement.tray.installation_id, settlement.tray.account_id, settlement.tray.thread


def _widest(pauses: Sequence[Pause | None]) -> list[Pause]:
    """The longest pause of each scope, in one order for all workers."""
    longest: dict[str, Pause] = {}
    for pause in pauses:
        if pause is not None and pause.scope != "device":
            longest[pause.scope] = max(longest.get(pause.scope, pause), pause, key=lambda found: found.until)
    return [longest[scope] for scope in sorted(longest)]


def _row(settlement: Settlement, now: datetime) -> dict[str, Any]:
    tray, pause = settlement.tray, settlement.pause
    return {
        "lease": tray.lease,
        "installation_id": tray.installation_id,
        "account_id": tray.account_id,
        "thread": tray.thread,
        "revision": tray.wanted,
        "sent": settlement.sent,
        "digest": settlement.digest.hex() if settlement.digest is not None else None,
        "covered": [*settlement.ends, *settlement.held],
        "attempt": settlement.attempt,
        "retry_at": settlement.retry_at,
        "loud_at": settlement.loud_at,
        "registered_at": tray.registered_at,
        "lost": settlement.lost,
        "ambiguous": settlement.ambiguous or (settlement.tray.doubtful and not settlement.sent),
        "held": settlement.held,
        "ends": settlement.ends,
        "cleared": settlement.cleared,
        "clear": settlement.clear,
        "clear_at": now + CLEARED_AFTER,
        "clear_apart": f"{CLEARINGS_APART[tray.platform].total_seconds()} seconds",
        "paused_until": pause.until if pause is not None and pause.scope == "device" else None,
    }


def _json(rows: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
