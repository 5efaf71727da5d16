"""What the threads of claimed trays hold now: alerts as they stand, and whether they may still be told."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from push.policy import ThreadAlert, Wishes
from push.statements import Statement
from schemas.alerts import AlertBody, Body

# Threads of our own beside those of the rooms, which never begin with "~".
SUMMARY = "~summary"
CLEAR = "~clear"

# Not before it has been fanned out: whoever showed an alert earlier would sound for it once more afterwards.
_ALERTS = Statement("""
    SELECT a.account_id, a.thread, a.id, a.entity, a.kind, a.child_id, a.body::text, a.target::text,
           a.lane = 'urgent', a.occurred_at, a.expires_at, a.timezone, a.silent_until,
           r.alert_id IS NOT NULL, w.alert_id IS NOT NULL
      FROM unnest(cast(:accounts AS uuid[]), cast(:threads AS text[])) AS k (account_id, thread)
      JOIN alert a ON a.account_id = k.account_id AND a.thread = k.thread
      LEFT JOIN alert_read r ON r.account_id = a.account_id AND r.alert_id = a.id
      LEFT JOIN alert_withdrawn w ON w.alert_id = a.id
     WHERE a.id >= uuid7_floor(now() - interval '29 days') AND NOT a.feed_only
       AND EXISTS (SELECT FROM dispatch d WHERE d.alert_id = a.id)
     ORDER BY a.id
""")

_MAY_BE_TOLD = Statement("SELECT person, child FROM all_that_may_be_told(:persons, :children, :now)")

_UNREAD = Statement("""
    SELECT a.account_id, a.child_id, count(*) FROM alert a
     WHERE a.account_id = ANY (cast(:accounts AS uuid[])) AND a.id >= uuid7_floor(now() - interval '28 days')
       AND NOT EXISTS (SELECT FROM alert_read r WHERE r.account_id = a.account_id AND r.alert_id = a.id)
       AND NOT EXISTS (SELECT FROM alert_withdrawn w WHERE w.alert_id = a.id)
     GROUP BY 1, 2
""")


class SummaryEntry(msgspec.Struct, frozen=True, array_like=True):
    alert_id: UUID
    thread: str
    due_at: datetime


class ClaimedTray(msgspec.Struct, frozen=True):
    """A tray under a lease, with what is known of its device and its person now.

    Attributes:
        doubtful: an earlier lease ran out: whether its message was sent nobody knows.
        summary: what the device's summary tells of this thread (of all threads, in the summary's own tray).
        clears: items that hang on the device's screen and should not: thread -> revision.
        unread: for iOS: how many alerts the person has not read.
    """

    lease: str
    installation_id: UUID
    account_id: UUID
    thread: str
    wanted: int
    sent: int
    pending: list[UUID]
    digest: bytes | None
    attempt: int
    due_at: datetime
    waiting_since: datetime
    loud_at: datetime | None
    platform: str
    target_kind: str | None
    target: str | None
    registered_at: datetime
    key_id: str | None
    key_wrapped: bytes | None
    key_expires_at: datetime | None
    signed_in: bool
    doubtful: bool
    language: str
    wishes: Wishes
    summary: tuple[SummaryEntry, ...] = ()
    clears: dict[str, int] = {}
    unread: int | None = None


async def look(
    session: AsyncSession, trays: list[ClaimedTray], now: datetime
) -> tuple[list[ClaimedTray], dict[tuple[UUID, str], list[ThreadAlert]]]:
    """The trays, those on iOS with their number of unread alerts, and all alerts of their threads as they stand now,
    oldest first.

    An alert about a child whom the person may no longer see counts as withdrawn; the database is asked for that
    (`all_that_may_be_told`), because this engine knows no school.
    """
    keys = dict.fromkeys((tray.account_id, thread) for tray in trays for thread in threads_of(tray))
    asked = {"accounts": [key[0] for key in keys], "threads": [key[1] for key in keys]}
    rows = await _ALERTS.rows(session, asked)
    # iOS alone shows a number on the app's icon, and only we can tell it.
    ios = list({tray.account_id for tray in trays if tray.platform == "ios"})
    counted = await _UNREAD.rows(session, {"accounts": ios}) if ios else []
    pairs = {(row[0], row[5]) for row in rows} | {(row[0], row[1]) for row in counted}
    allowed = await _allowed(session, pairs, now)
    alerts: dict[tuple[UUID, str], list[ThreadAlert]] = {key: [] for key in keys}
    for account, thread, alert_id, entity, kind, child, body, target, *rest, withdrawn in rows:
        hidden = withdrawn or (account, child) not in allowed
        decoded = (known_body(body), _target(target))
        fields: tuple[Any, ...] = (alert_id, thread, entity, kind, child, *decoded, *rest, hidden)
        alerts[account, thread].append(ThreadAlert(*fields))
    return _with_badges(trays, counted, allowed), alerts


def _with_badges(
    trays: list[ClaimedTray], counted: Sequence[asyncpg.Record], allowed: set[tuple[UUID, UUID | None]]
) -> list[ClaimedTray]:
    unread: Counter[UUID] = Counter()
    for account, child, number in counted:
        if (account, child) in allowed:
            unread[account] += number
    return [
        msgspec.structs.replace(tray, unread=unread[tray.account_id]) if tray.platform == "ios" else tray
        for tray in trays
    ]


def threads_of(tray: ClaimedTray) -> list[str]:
    """The threads of alerts that a tray may show."""
    if tray.thread == CLEAR:
        return []
    if tray.thread == SUMMARY:
        return list(dict.fromkeys(entry.thread for entry in tray.summary))
    return [tray.thread]


async def _allowed(
    session: AsyncSession, pairs: set[tuple[UUID, UUID | None]], now: datetime
) -> set[tuple[UUID, UUID | None]]:
    """Of (person, child) those that may be told of, asked now. What is about no child may always be told."""
    about = [(person, child) for person, child in pairs if child is not None]
    free: set[tuple[UUID, UUID | None]] = {pair for pair in pairs if pair[1] is None}
    if not about:
        return free
    values = {"persons": [pair[0] for pair in about], "children": [pair[1] for pair in about], "now": now}
    return free | {(row[0], row[1]) for row in await _MAY_BE_TOLD.rows(session, values)}


@lru_cache(maxsize=512)
def _target(target: str) -> dict[str, object]:
    known = msgspec.json.decode(target)
    return known if isinstance(known, dict) else {}


@lru_cache(maxsize=512)
def known_body(body: str) -> AlertBody | None:
    """The body of an alert from its JSON, or None for a kind that only a newer version knows."""
    try:
        known: AlertBody = msgspec.json.decode(body, type=Body)
    except msgspec.ValidationError:
        return None
    return known
