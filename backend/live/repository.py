"""What a stream is asked for, in one statement and a short transaction: a stream holds no connection while it waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from backend.core.reading import Readers
from backend.school.account_repository import VISIBLE
from push.inbox import CHANGES, OVERLAP, InboxRow
from push.statements import Statement

# Of a look. Who was away for so long fetches the rest page by page.
AT_ONCE = 200

# Whether the session lives, what is shown of the open diary and what stands behind it, and the inbox's changes with the
# rights as they are now: one round trip, for an announcement wakes every stream at once.
_LOOK = Statement(f"""
    WITH door AS MATERIALIZED (
        SELECT a.password_state, clock_timestamp() AS until,
               CASE WHEN c.school_id IS NOT NULL THEN shown.entities END AS entities,
               CASE WHEN c.school_id IS NOT NULL THEN (
                   SELECT coalesce(md5(string_agg(v.entity::text || v.number, ',' ORDER BY v.entity)), '')
                     FROM version v WHERE v.entity = ANY (shown.entities)) END AS version
          FROM auth_session s
          JOIN account a ON a.id = s.account_id
          LEFT JOIN child_access(:account, cast(:child AS uuid), :now) AS c
                 ON c.is_self OR c.may_view OR c.leads OR c.directs
          LEFT JOIN LATERAL (
               SELECT ARRAY[cast(:child AS uuid), c.school_id]
                      || ARRAY(SELECT m.group_id FROM membership m WHERE m.student_id = :child) AS entities
               ) AS shown ON true
         WHERE s.id = :session AND s.account_id = :account AND s.ended_at IS NULL AND a.disabled_at IS NULL),
    visible AS MATERIALIZED ({VISIBLE})
    SELECT door.password_state, door.until, door.entities, door.version,
           ARRAY(SELECT id FROM visible) AS children, found.items
      FROM door
     CROSS JOIN LATERAL (
           SELECT coalesce(json_agg(changes), '[]')::text AS items
             FROM ({
    CHANGES.replace(":children", "ARRAY(SELECT id FROM visible)")
    .replace(":start", "coalesce(cast(:start AS timestamptz), door.until - cast(:overlap AS interval))")
    .replace(":until", "door.until")
    .replace(":after", "'00000000-0000-0000-0000-000000000000'")
}) AS changes) AS found
""")
_rows = msgspec.json.Decoder(list[InboxRow])


@dataclass(frozen=True)
class Asked:
    """Who listens, and to what. `child_id`: whose diary is open."""

    account_id: UUID
    session_id: UUID
    child_id: UUID | None


@dataclass(frozen=True)
class Seen:
    """What there is at a moment.

    Attributes:
        password_state: of the account; None: the session has ended.
        until: the database's clock, of which everything before has been seen.
        entities: what the open diary is made of: the child, its groups and school. Empty without a right to it.
        version: another whenever the open diary shows something else; None without a right to it.
        rows: alerts that changed since, oldest first, at most AT_ONCE and one more where there are more.
    """

    password_state: str | None
    until: datetime
    entities: frozenset[UUID]
    version: str | None
    children: Sequence[UUID]
    rows: Sequence[InboxRow]

    @property
    def alive(self) -> bool:
        return self.password_state == "set"

    @property
    def more(self) -> bool:
        return len(self.rows) > AT_ONCE


async def look(readers: Readers, asked: Asked, start: datetime | None, oldest: datetime, now: datetime) -> Seen:
    """Looks at what has changed since `start`, with the rights as they are now.

    Args:
        start: None: nothing has been seen yet.
        oldest: alerts from before this are of no interest, whatever became of them.
    """
    values = {
        "account": asked.account_id, "session": asked.session_id, "child": asked.child_id, "now": now, "start": start,
        "overlap": OVERLAP, "oldest": oldest, "limit": AT_ONCE + 1,
    }  # fmt: skip
    async with readers.transaction(asked.account_id) as driver:
        found = await _LOOK.on(driver, values)
    if not found:
        return Seen(None, now, frozenset(), None, (), ())
    state, until, entities, version, children, items = found[0]
    return Seen(state, until, frozenset(entities or ()), version, children, _rows.decode(items))
