"""Of which classes somebody may bring class lists, decided on the rows as they are in this transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import NotFound


@dataclass(frozen=True)
class ListsAccess:
    """Of which classes the acting account may bring class lists.

    Attributes:
        whole_school: of all; else of `led` only.
        led: the classes of a year that is not over whose class teacher the account is.
    """

    school_id: UUID
    whole_school: bool
    led: frozenset[UUID]


_LISTS = text("""
    SELECT EXISTS (SELECT FROM school_role r
                    WHERE r.account_id = :account AND r.school_id = s.id AND r.role IN ('deputy', 'administrator')
                      AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')) AS whole_school,
           ARRAY (SELECT c.id FROM school_class c JOIN school_year y ON y.id = c.year_id AND y.ends >= day.today
                   WHERE c.school_id = s.id AND c.class_teacher_id = :account
                     AND works_at(:account, s.id, day.today)) AS led
      FROM school s
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE s.id = :school_id
""")


async def class_lists_to_bring(session: AsyncSession, account_id: UUID, school_id: UUID, now: datetime) -> ListsAccess:
    """What the administrator, the deputy or a class teacher may import. Raises NotFound for others."""
    values = {"account": account_id, "school_id": school_id, "now": now}
    row = (await session.execute(_LISTS, values)).first()
    if row is None or not (row.whole_school or row.led):
        raise NotFound
    return ListsAccess(school_id, row.whole_school, frozenset(row.led))
