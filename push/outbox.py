"""Append alerts in the caller's transaction: the fact and "tell these people" commit together or not at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, String, any_, exists, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from push import live
from push.catalogue import kind_of
from push.models import Alert, AlertRead, AlertSeen, Broadcast, Fanout
from schemas.alerts import Body, Target

_WITHDRAW = text("""
    SELECT w.account_id, w.thread, w.lane
      FROM unnest(cast(:threads AS text[]), cast(:entities AS text[])) AS said (thread, entity)
     CROSS JOIN LATERAL withdraw_alerts(said.thread, said.entity, :now) AS w
""")

# One statement, however many they are: rows by themselves cost PostgreSQL three times as much.
_WRITE = text("""
    WITH told AS (
        SELECT * FROM unnest(
            cast(:id AS uuid[]), cast(:school_id AS uuid[]), cast(:account_id AS uuid[]), cast(:child_id AS uuid[]),
            cast(:kind AS text[]), cast(:entity AS text[]), cast(:body AS text[]), cast(:target AS text[]),
            cast(:thread AS text[]), cast(:lane AS text[]), cast(:occurred_at AS timestamptz[]),
            cast(:expires_at AS timestamptz[]), cast(:timezone AS text[]), cast(:silent_until AS timestamptz[]),
            cast(:feed_only AS boolean[]))
            AS told (id, school_id, account_id, child_id, kind, entity, body, target, thread, lane, occurred_at,
                     expires_at, timezone, silent_until, feed_only)),
    kept AS (
        INSERT INTO alert (id, school_id, account_id, child_id, kind, entity, body, target, thread, lane, occurred_at,
                           expires_at, timezone, silent_until, feed_only)
        SELECT id, school_id, account_id, child_id, kind, entity, body::jsonb, target::jsonb, thread, lane,
               occurred_at, expires_at, timezone, silent_until, feed_only FROM told)
    INSERT INTO fanout (alert_id, account_id, thread, lane)
    SELECT id, account_id, thread, lane FROM told WHERE NOT feed_only
""")

WAKE = "push_wake"
CHANNEL = "my-diary:push"
MOST_AT_ONCE = 1_000
# All of a row is read for each chunk of it; and workers share a broadcast by its rows.
MOST_IN_A_BROADCAST = 5_000
ANYBODY = UUID(int=0)
# An account, and the child by whose right it is told, if one is.
Person = tuple[UUID, UUID | None]


class NewAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One fact for one recipient.

    Attributes:
        thread: alerts of one thread are one item on the screen (DOMAIN.md section 12, "merged").
        entity: what it is about within the thread; a newer alert of an entity stands for the older ones.
        timezone: of the school, IANA: the person's quiet hours are meant in it.
        silent_until: it makes no sound before: the student it goes to sits in lessons.
        until: when it is over, where that is before its kind's lifetime: nobody is reminded of what has begun.
        feed_only: the inbox gets it, no phone does (facts older than 3 days, imports).
    """

    school_id: UUID
    account_id: UUID
    child_id: UUID | None
    body: Body
    target: Target
    thread: str
    entity: str
    occurred_at: datetime
    timezone: str
    silent_until: datetime | None = None
    until: datetime | None = None
    feed_only: bool = False


async def append(session: AsyncSession, alerts: Sequence[NewAlert]) -> None:
    """Writes the inbox rows and the rows of the queue, in one statement. The session's transaction decides if they
    happen."""
    if not alerts:
        return
    live.note(session, accounts=(alert.account_id for alert in alerts))
    rows = [_row(alert) for alert in alerts]
    await session.execute(_WRITE, {name: [row[name] for row in rows] for name in rows[0]})
    if not all(alert.feed_only for alert in alerts):
        session.info[WAKE] = True


async def broadcast(session: AsyncSession, alert: NewAlert, people: Sequence[Person]) -> None:
    """Tells people the same. Where they are very many, they become a row for some thousands of them each, and workers
    write their alerts in chunks.

    Args:
        alert: to ANYBODY, of no child.
    """
    if len(people) <= MOST_AT_ONCE:
        await append(session, [for_one(alert, person) for person in people])
        return
    template = msgspec.to_builtins(alert)
    parts = [people[start : start + MOST_IN_A_BROADCAST] for start in range(0, len(people), MOST_IN_A_BROADCAST)]
    await session.execute(insert(Broadcast), [_part(template, alert, part) for part in parts])
    session.info[WAKE] = True


def for_one(alert: NewAlert, person: Person) -> NewAlert:
    """The alert of a broadcast as one of its people gets it."""
    account, child = person
    target = msgspec.structs.replace(alert.target, child_id=child)
    return msgspec.structs.replace(alert, account_id=account, child_id=child, target=target)


def _part(template: dict[str, Any], alert: NewAlert, people: Sequence[Person]) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "alert": template,
        "thread": alert.thread,
        "entity": alert.entity,
        "accounts": [account for account, _ in people],
        "children": [child for _, child in people],
    }


async def look_again(session: AsyncSession, threads: Sequence[tuple[UUID, str, str]]) -> None:
    """Asks for a newer revision of (account, thread, lane) whose alerts were read or withdrawn."""
    if threads:
        rows = [
            {"alert_id": None, "account_id": account_id, "thread": thread, "lane": lane}
            for account_id, thread, lane in threads
        ]
        await session.execute(insert(Fanout), rows)
        live.note(session, accounts=(account_id for account_id, _, _ in threads))
        session.info[WAKE] = True


async def withdraw(session: AsyncSession, thread: str, entity: str, now: datetime) -> None:
    """Takes back what was said of an entity, whoever was told: it leaves the screens, the inbox shows it struck."""
    await withdraw_all(session, [(thread, entity)], now)


async def withdraw_all(session: AsyncSession, said: Sequence[tuple[str, str]], now: datetime) -> None:
    """The same of many (thread, entity), in one statement."""
    values = {"threads": [thread for thread, _ in said], "entities": [entity for _, entity in said], "now": now}
    told = await session.execute(_WITHDRAW, values)
    await look_again(session, [(account_id, thread, lane) for account_id, thread, lane in told])


async def mark_read(session: AsyncSession, account_id: UUID, alert_ids: Sequence[UUID], now: datetime) -> int:
    """Notes alerts of the account as read, and lets its other devices know. Returns how many were unread."""
    own = select(col(Alert.id)).where(col(Alert.account_id) == account_id, col(Alert.id).in_(alert_ids))
    return await _note_read(session, account_id, list((await session.execute(own)).scalars()), now)


async def mark_entities_read(
    session: AsyncSession, account_id: UUID, thread: str, entities: Sequence[str], now: datetime
) -> int:
    """Notes what an account was told of some things in a thread as read: their screen was shown, or it was done
    elsewhere. Returns how many were unread."""
    if not entities:
        return 0
    own = select(col(Alert.id)).where(
        col(Alert.account_id) == account_id,
        col(Alert.thread) == thread,
        # One parameter, however many they are.
        col(Alert.entity) == any_(literal(list(entities), ARRAY(String))),
    )
    return await _note_read(session, account_id, list((await session.execute(own)).scalars()), now)


async def mark_all_read(
    session: AsyncSession, account_id: UUID, until: UUID, child_id: UUID | None, now: datetime
) -> int:
    """Notes every alert of the account up to `until` as read, of one child or of all. Returns how many were unread.

    The screens hear of all of them together: what has to go is gathered into one message a device.
    """
    statement = select(col(Alert.id)).where(
        col(Alert.account_id) == account_id,
        col(Alert.id) <= until,
        col(Alert.id) >= func.uuid7_floor(func.now() - func.make_interval(0, 0, 0, 29)),
        ~exists().where(col(AlertRead.alert_id) == col(Alert.id), col(AlertRead.account_id) == account_id),
    )
    if child_id is not None:
        statement = statement.where(col(Alert.child_id) == child_id)
    return await _note_read(session, account_id, list((await session.execute(statement)).scalars()), now)


async def _note_read(session: AsyncSession, account_id: UUID, own: Sequence[UUID], now: datetime) -> int:
    """The same for alerts that are known to be the account's own."""
    marked = 0
    for start in range(0, len(own), MOST_AT_ONCE):
        some = own[start : start + MOST_AT_ONCE]
        rows = [{"account_id": account_id, "alert_id": alert_id, "read_at": now} for alert_id in some]
        statement = upsert(AlertRead).values(rows).on_conflict_do_nothing().returning(col(AlertRead.alert_id))
        fresh = list((await session.execute(statement)).scalars())
        if fresh:
            threads = select(col(Alert.thread), func.min(col(Alert.lane))).where(col(Alert.id).in_(fresh))
            found = await session.execute(threads.group_by(col(Alert.thread)))
            await look_again(session, [(account_id, thread, lane) for thread, lane in found])
        marked += len(fresh)
    return marked


async def acknowledge(
    session: AsyncSession,
    account_id: UUID,
    installation_id: UUID,
    received: Sequence[UUID],
    opened: Sequence[UUID],
    now: datetime,
) -> None:
    """Notes what reached the app on a device and what the person opened there, which counts as reading.

    Alerts of others change nothing. Said twice, the first word holds.
    """
    own = select(col(Alert.id)).where(col(Alert.account_id) == account_id, col(Alert.id).in_([*received, *opened]))
    mine = set((await session.execute(own)).scalars())
    if not mine:
        return
    touched = mine & set(opened)
    rows = [
        {"alert_id": alert_id, "installation_id": installation_id, "account_id": account_id, "received_at": now,
         "opened_at": now if alert_id in touched else None}
        for alert_id in sorted(mine)
    ]  # fmt: skip
    statement = upsert(AlertSeen).values(rows)
    first = func.coalesce(col(AlertSeen.opened_at), statement.excluded.opened_at)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["alert_id", "installation_id"], set_={"opened_at": first})
    )
    if touched:
        await _note_read(session, account_id, sorted(touched), now)


def _row(alert: NewAlert) -> dict[str, Any]:
    kind = kind_of(alert.body)
    expires_at = alert.occurred_at + kind.lifetime
    return {
        "id": uuid7(),
        "school_id": alert.school_id,
        "account_id": alert.account_id,
        "child_id": alert.child_id,
        "kind": kind.name,
        "entity": alert.entity,
        "body": msgspec.json.encode(alert.body).decode(),
        "target": msgspec.json.encode(alert.target).decode(),
        "thread": alert.thread,
        "lane": kind.lane,
        "occurred_at": alert.occurred_at,
        "expires_at": min(alert.until or expires_at, expires_at),
        "timezone": alert.timezone,
        "silent_until": alert.silent_until,
        "feed_only": alert.feed_only,
    }
