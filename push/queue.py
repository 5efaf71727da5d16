"""The SQL of delivery: fan out, claim, settle. Each is one statement, so that a crash leaves no half of it.

Leases use the database's clock; `now` is the injected one (DESIGN.md section 6).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from push.catalogue import Lane
from push.policy import ThreadAlert
from schemas.alerts import AlertBody, Body

LEASE_SECONDS = 60

_FAN_OUT = text("""
    WITH taken AS (
        DELETE FROM fanout WHERE id IN (
            SELECT id FROM fanout WHERE lane = :lane ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING alert_id, account_id, thread),
    raised AS (
        SELECT i.id AS installation_id, account_id, thread,
               coalesce(array_agg(alert_id) FILTER (WHERE alert_id IS NOT NULL), '{}') AS alerts
          FROM taken JOIN installation_account USING (account_id) JOIN installation i ON i.id = installation_id
         WHERE i.target IS NOT NULL AND i.target_lost IS NULL AND i.permission <> 'denied' AND alert_id IS NOT NULL
         GROUP BY 1, 2, 3
        UNION ALL
        SELECT t.installation_id, t.account_id, t.thread, '{}'
          FROM tray t WHERE (t.account_id, t.thread) IN (SELECT account_id, thread FROM taken WHERE alert_id IS NULL)),
    wanted AS (
        SELECT installation_id, account_id, thread,
               array(SELECT unnest FROM raised r2, unnest(r2.alerts)
                      WHERE (r2.installation_id, r2.account_id, r2.thread)
                          = (r.installation_id, r.account_id, r.thread)) AS alerts
          FROM raised r GROUP BY 1, 2, 3),
    put AS (
        INSERT INTO tray AS t (installation_id, account_id, thread, lane, wanted, pending, due_at, waiting_since)
        SELECT installation_id, account_id, thread, :lane, 1, alerts, :now, :now FROM wanted ORDER BY 1, 2, 3
        ON CONFLICT (installation_id, account_id, thread) DO UPDATE SET
            wanted = t.wanted + 1,
            pending = t.pending || excluded.pending,
            lane = CASE WHEN t.due_at IS NOT NULL AND t.lane = 'urgent' THEN t.lane ELSE excluded.lane END,
            due_at = CASE WHEN t.attempt > 0 THEN t.due_at ELSE least(t.due_at, excluded.due_at) END,
            waiting_since = coalesce(t.waiting_since, excluded.waiting_since))
    SELECT count(*) FROM taken
""")

_CLAIM = text("""
    WITH due AS (
        SELECT installation_id, account_id, thread FROM tray
         WHERE lane = :lane AND due_at <= :now AND (lease_until IS NULL OR lease_until < now())
         ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    UPDATE tray t SET lease_by = :worker, lease_until = now() + make_interval(secs => :lease)
      FROM due JOIN installation i ON i.id = due.installation_id
               LEFT JOIN installation_account ia
                      ON ia.installation_id = due.installation_id AND ia.account_id = due.account_id
               LEFT JOIN recipient r ON r.account_id = due.account_id
     WHERE (t.installation_id, t.account_id, t.thread) = (due.installation_id, due.account_id, due.thread)
    RETURNING t.installation_id, t.account_id, t.thread, t.wanted, t.sent, t.pending, t.digest, t.attempt,
              t.waiting_since, t.loud_at, i.platform, i.target_kind, i.target, i.target_lost, i.registered_at,
              i.key_id, i.key_wrapped, i.key_expires_at, ia.account_id IS NOT NULL AS signed_in,
              coalesce(r.language, 'ru') AS language
""")

_ALERTS = text("""
    SELECT a.account_id, a.thread, a.id, a.entity, a.body, a.target, a.child_id, a.expires_at,
           r.alert_id IS NOT NULL AS read,
           w.alert_id IS NOT NULL OR NOT may_be_told(a.account_id, a.child_id, :now) AS withdrawn
      FROM unnest(cast(:accounts AS uuid[]), cast(:threads AS text[])) AS k (account_id, thread)
      JOIN alert a ON a.account_id = k.account_id AND a.thread = k.thread
      LEFT JOIN alert_read r ON r.account_id = a.account_id AND r.alert_id = a.id
      LEFT JOIN alert_withdrawn w ON w.alert_id = a.id
     WHERE a.id >= uuid7_floor(now() - interval '29 days')
     ORDER BY a.id
""")

_SETTLE = text("""
    WITH s AS (
        SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS s (
            installation_id uuid, account_id uuid, thread text, revision integer, sent boolean, digest text,
            covered uuid[], attempt integer, retry_at timestamptz, loud_at timestamptz, registered_at timestamptz,
            lost text)),
    trays AS (
        UPDATE tray t SET
            sent = CASE WHEN s.sent THEN greatest(t.sent, s.revision) ELSE t.sent END,
            digest = CASE WHEN s.digest IS NULL THEN t.digest ELSE decode(s.digest, 'hex') END,
            pending = array(SELECT id FROM unnest(t.pending) AS id WHERE id <> ALL (s.covered)),
            attempt = s.attempt,
            loud_at = coalesce(s.loud_at, t.loud_at),
            due_at = CASE WHEN s.retry_at IS NOT NULL THEN s.retry_at
                          WHEN t.wanted > s.revision THEN :now END,
            waiting_since = CASE WHEN s.retry_at IS NOT NULL THEN t.waiting_since
                                 WHEN t.wanted > s.revision THEN :now END,
            lease_by = NULL, lease_until = NULL
          FROM s
         WHERE (t.installation_id, t.account_id, t.thread) = (s.installation_id, s.account_id, s.thread)
           AND t.lease_by = :worker),
    targets AS (
        UPDATE installation i SET target = NULL, target_kind = NULL, target_lost = s.lost
          FROM s WHERE i.id = s.installation_id AND s.lost IS NOT NULL AND i.registered_at <= s.registered_at)
    INSERT INTO delivery (alert_id, installation_id, account_id, outcome, revision, message_name, code, settled_at)
    SELECT d.alert_id, d.installation_id, d.account_id, d.outcome, d.revision, d.message_name, d.code, :now
      FROM jsonb_to_recordset(cast(:deliveries AS jsonb)) AS d (
            alert_id uuid, installation_id uuid, account_id uuid, outcome text, revision integer,
            message_name text, code text)
    ON CONFLICT (alert_id, installation_id) DO NOTHING
""")

_GIVE_BACK = text("UPDATE tray SET lease_by = NULL, lease_until = NULL WHERE lease_by = :worker")


class ClaimedTray(msgspec.Struct, frozen=True):
    """A tray under this worker's lease, with what is known of its device now."""

    installation_id: UUID
    account_id: UUID
    thread: str
    wanted: int
    sent: int
    pending: list[UUID]
    digest: bytes | None
    attempt: int
    waiting_since: datetime
    loud_at: datetime | None
    platform: str
    target_kind: str | None
    target: str | None
    target_lost: str | None
    registered_at: datetime
    key_id: str | None
    key_wrapped: bytes | None
    key_expires_at: datetime | None
    signed_in: bool
    language: str


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one claimed revision. `ends`: alert -> (outcome, FCM's name, code)."""

    tray: ClaimedTray
    ends: dict[UUID, tuple[str, str | None, str | None]]
    sent: bool = False
    digest: bytes | None = None
    attempt: int = 0
    retry_at: datetime | None = None
    loud_at: datetime | None = None
    lost: str | None = None


async def fan_out(session: AsyncSession, lane: Lane, now: datetime, limit: int) -> int:
    """Takes queued alerts and raises the wanted revision of each tray concerned. Returns how many it took."""
    result = await session.execute(_FAN_OUT, {"lane": lane, "now": now, "limit": limit})
    return int(result.scalar_one())


async def claim(session: AsyncSession, lane: Lane, worker: str, now: datetime, limit: int) -> list[ClaimedTray]:
    """Leases due trays to the worker; two workers never hold one tray."""
    values = {"lane": lane, "worker": worker, "now": now, "limit": limit, "lease": LEASE_SECONDS}
    rows = await session.execute(_CLAIM, values)
    return [ClaimedTray(**row) for row in rows.mappings()]


async def alerts_of(
    session: AsyncSession, trays: Sequence[ClaimedTray], now: datetime
) -> dict[tuple[UUID, str], list[tuple[ThreadAlert, UUID | None]]]:
    """All alerts of the trays' threads as they stand now, oldest first, each with its child.

    One about a child whom the person may no longer see counts as withdrawn; the database is asked for that
    (`may_be_told`), because this engine knows no school.
    """
    keys = list(dict.fromkeys((tray.account_id, tray.thread) for tray in trays))
    values = {"accounts": [key[0] for key in keys], "threads": [key[1] for key in keys], "now": now}
    rows = await session.execute(_ALERTS, values)
    found: dict[tuple[UUID, str], list[tuple[ThreadAlert, UUID | None]]] = {key: [] for key in keys}
    for row in rows.mappings():
        alert = ThreadAlert(
            id=row["id"],
            entity=row["entity"],
            body=known_body(row["body"]),
            target=row["target"],
            expires_at=row["expires_at"],
            read=row["read"],
            withdrawn=row["withdrawn"],
        )
        found[row["account_id"], row["thread"]].append((alert, row["child_id"]))
    return found


def known_body(body: dict[str, Any]) -> AlertBody | None:
    """The body of an alert, or None for a kind that only a newer version knows."""
    try:
        known: AlertBody = msgspec.convert(body, Body)
    except msgspec.ValidationError:
        return None
    return known


async def settle(session: AsyncSession, worker: str, settlements: Sequence[Settlement], now: datetime) -> None:
    """Writes down what became of revisions, of their alerts and of targets, in one statement."""
    rows: list[dict[str, Any]] = []
    deliveries: list[dict[str, Any]] = []
    for settlement in settlements:
        tray = settlement.tray
        rows.append(
            {
                "installation_id": tray.installation_id,
                "account_id": tray.account_id,
                "thread": tray.thread,
                "revision": tray.wanted,
                "sent": settlement.sent,
                "digest": settlement.digest.hex() if settlement.digest is not None else None,
                "covered": list(settlement.ends),
                "attempt": settlement.attempt,
                "retry_at": settlement.retry_at,
                "loud_at": settlement.loud_at,
                "registered_at": tray.registered_at,
                "lost": settlement.lost,
            }
        )
        deliveries.extend(
            {
                "alert_id": alert_id,
                "installation_id": tray.installation_id,
                "account_id": tray.account_id,
                "outcome": outcome,
                "revision": tray.wanted,
                "message_name": name,
                "code": code,
            }
            for alert_id, (outcome, name, code) in settlement.ends.items()
        )
    values = {"worker": worker, "now": now, "rows": _json(rows), "deliveries": _json(deliveries)}
    await session.execute(_SETTLE, values)


async def give_back(session: AsyncSession, worker: str) -> None:
    """Ends this worker's leases, so that another need not wait for them to run out."""
    await session.execute(_GIVE_BACK, {"worker": worker})


def _json(rows: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
