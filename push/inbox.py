"""The inbox: every alert of a person, whether a phone heard of it or not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from push.models import Alert, AlertRead, AlertWithdrawn
from push.threads import known_body
from push.wording import Texts
from push.wording.renderer import Shown, render
from schemas.push import Changes, Inbox, InboxAlert, Unread, UnreadOfChild

PAGE = 50
FULL_SYNC = timedelta(days=28)
# No request's transaction lasts longer: the database ends it (backend/core/db.py).
TRANSACTION_LIMIT = timedelta(seconds=60)
OVERLAP = 2 * TRANSACTION_LIMIT

# The database's clock: reads and withdrawals are noted by it, and ids come from machines that keep it.
_CLOCK = text("SELECT clock_timestamp()")
CHANGES = """
    SELECT a.id, a.kind, a.child_id, a.body, a.target, a.occurred_at,
           r.alert_id IS NOT NULL AS read, w.alert_id IS NOT NULL AS withdrawn
      FROM alert a
      LEFT JOIN alert_read r ON r.account_id = a.account_id AND r.alert_id = a.id
      LEFT JOIN alert_withdrawn w ON w.alert_id = a.id
     WHERE a.account_id = :account AND a.id > :after AND a.id >= uuid7_floor(:oldest)
       AND (a.child_id IS NULL OR a.child_id = ANY (:children))
       AND (a.id BETWEEN uuid7_floor(:start) AND uuid7_floor(cast(:until AS timestamptz) + interval '1 millisecond')
            OR r.recorded_at BETWEEN :start AND :until OR w.recorded_at BETWEEN :start AND :until)
     ORDER BY a.id LIMIT :limit
"""
_CHANGES = text(CHANGES)


_READ_COUNTS = text("SELECT thread, told, has_read FROM alerts_read(cast(:threads AS text[]))")

_FIRST_CURSOR, _LAST_CURSOR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class InboxRow(msgspec.Struct, frozen=True):
    """An alert as the database has it; the columns of CHANGES."""

    id: UUID
    kind: str
    child_id: UUID | None
    body: dict[str, Any]
    target: dict[str, Any]
    occurred_at: datetime
    read: bool
    withdrawn: bool


@dataclass(frozen=True)
class Cursor:
    """Where a sync stands.

    Attributes:
        until: up to when it has seen everything, or will have once its pages are through.
        after: the last alert of the page above; None: the next sync begins at `until`.
    """

    start: datetime
    until: datetime
    after: UUID | None

    def written(self) -> str:
        moments = [str(int(moment.timestamp() * 1000)) for moment in (self.start, self.until)]
        return ".".join([*moments, self.after.hex if self.after else ""])

    @classmethod
    def read(cls, written: str) -> "Cursor":
        """Raises ValueError for what `written` has not made."""
        start, until, after = written.split(".")
        moments = [datetime.fromtimestamp(int(moment) / 1000, UTC) for moment in (start, until)]
        if not _FIRST_CURSOR <= moments[0] <= moments[1] <= _LAST_CURSOR:
            raise ValueError(written)
        return cls(moments[0], moments[1], UUID(after) if after else None)


async def page(
    session: AsyncSession,
    texts: Texts,
    account_id: UUID,
    children: Sequence[UUID],
    language: str,
    before: UUID | None,
) -> Inbox:
    """A page of the feed, newest first.

    Args:
        children: the children whom the account may see now; alerts about others are left out.
        before: the cursor, the id of the last alert of the page above.
    """
    statement = (
        select(
            col(Alert.id),
            col(Alert.kind),
            col(Alert.child_id),
            col(Alert.body),
            col(Alert.target),
            col(Alert.occurred_at),
            col(AlertRead.alert_id).is_not(None).label("read"),
            col(AlertWithdrawn.alert_id).is_not(None).label("withdrawn"),
        )
        .outerjoin(AlertRead, (col(AlertRead.alert_id) == col(Alert.id)) & (col(AlertRead.account_id) == account_id))
        .outerjoin(AlertWithdrawn, col(AlertWithdrawn.alert_id) == col(Alert.id))
        .where(col(Alert.account_id) == account_id, _about(children))
        .order_by(col(Alert.id).desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        statement = statement.where(col(Alert.id) < before)
    rows = (await session.execute(statement)).mappings().all()
    items = [item_of(texts, language, InboxRow(**row)) for row in rows[:PAGE]]
    return Inbox(items=items, next=str(items[-1].id) if len(rows) > PAGE else None)


async def changes(
    session: AsyncSession,
    texts: Texts,
    account_id: UUID,
    children: Sequence[UUID],
    language: str,
    since: Cursor | None,
    now: datetime,
) -> Changes:
    """What is new, read or withdrawn since a cursor; without one, all of the last 28 days.

    Alerts get their ids, and reads their moments, before they are committed: one that commits late lies
    before a cursor that was given out earlier. So every answer looks back an overlap that is longer than any
    transaction may last (`TRANSACTION_LIMIT`), and clients upsert by id (DESIGN.md section 4).
    """
    if since is None or since.after is None:
        until = (await session.execute(_CLOCK)).scalar_one()
        start = until - FULL_SYNC if since is None else since.until - OVERLAP
        window = Cursor(start, until, UUID(int=0))
    else:
        window = since
    values = {
        "account": account_id, "children": list(children), "start": window.start, "until": window.until,
        "after": window.after, "limit": PAGE + 1, "oldest": window.start - FULL_SYNC,
    }  # fmt: skip
    rows = (await session.execute(_CHANGES, values)).mappings().all()
    more = len(rows) > PAGE
    items = [item_of(texts, language, InboxRow(**row)) for row in rows[:PAGE]]
    following = replace(window, after=items[-1].id) if more else Cursor(window.start, window.until, None)
    return Changes(
        items=items,
        next=following.written(),
        more=more,
        children=list(children),
        unread=await unread(session, account_id, children, now),
    )


async def unread(session: AsyncSession, account_id: UUID, children: Sequence[UUID], now: datetime) -> Unread:
    """How many alerts of the last 28 days the person has not read, for each child."""
    read = exists().where(col(AlertRead.alert_id) == col(Alert.id), col(AlertRead.account_id) == account_id)
    withdrawn = exists().where(col(AlertWithdrawn.alert_id) == col(Alert.id))
    statement = select(col(Alert.child_id), func.count()).where(
        col(Alert.account_id) == account_id,
        _about(children),
        col(Alert.id) >= func.uuid7_floor(now - func.make_interval(0, 0, 0, 28)),
        ~read,
        ~withdrawn,
    )
    rows = await session.execute(statement.group_by(col(Alert.child_id)).order_by(col(Alert.child_id)))
    by_child = [UnreadOfChild(child_id=child, unread=count) for child, count in rows]
    return Unread(unread=sum(of.unread for of in by_child), by_child=by_child)


def _about(children: Sequence[UUID]) -> ColumnElement[bool]:
    return or_(col(Alert.child_id).is_(None), col(Alert.child_id).in_(children))


def item_of(texts: Texts, language: str, alert: InboxRow) -> InboxAlert:
    """An alert as the feed shows it, in words."""
    body = known_body(msgspec.json.encode(alert.body).decode())
    if body is None:
        neutral = (texts.format(language, "neutral-title"), texts.format(language, "neutral-body"))
        shown = Shown(title=neutral[0], body=neutral[1])
    else:
        shown = render(texts, language, (body,))
    return InboxAlert(
        id=alert.id,
        kind=alert.kind,
        child_id=alert.child_id,
        title=shown.title,
        text=shown.body,
        body=alert.body,
        target=alert.target,
        occurred_at=alert.occurred_at,
        read=alert.read,
        withdrawn=alert.withdrawn,
    )


async def read_counts(session: AsyncSession, threads: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many people were told in each of some threads, and how many of them have read the newest of it."""
    rows = await session.execute(_READ_COUNTS, {"threads": list(threads)})
    return {row.thread: (row.told, row.has_read) for row in rows}
