"""The whole of a school, or the classes that one leads there, decided on the rows as they are in this transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import NotFound
from backend.school.school_rights import MANAGERS


@dataclass(frozen=True)
class ClassesAccess:
    """For which classes of a school the acting account may speak: bring lists, announce, add events.

    Attributes:
        whole_school: for all; else for `led` only.
        led: the classes of a year that is not over whose class teacher the account is.
    """

    school_id: UUID
    timezone: str
    today: date
    whole_school: bool
    led: frozenset[UUID]

    def holds(self, classes: Collection[UUID]) -> bool:
        """Whether these classes are the account's; without any, the whole school."""
        return self.whole_school or (bool(classes) and self.led.issuperset(classes))


_LISTS = text("""
    SELECT s.timezone, day.today,
           EXISTS (SELECT FROM school_role r
                    WHERE r.account_id = :account AND r.school_id = s.id AND r.role = ANY (:roles)
                      AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')) AS whole_school,
           ARRAY (SELECT c.id FROM school_class c JOIN school_year y ON y.id = c.year_id AND y.ends >= day.today
                   WHERE c.school_id = s.id AND c.class_teacher_id = :account
                     AND works_at(:account, s.id, day.today)) AS led
      FROM school s
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE s.id = :school_id
""")


async def classes_to_speak_for(
    session: AsyncSession, account_id: UUID, school_id: UUID, now: datetime, roles: Collection[str] = MANAGERS
) -> ClassesAccess:
    """What who holds one of the roles, or a class teacher, may speak for. Raises NotFound for others."""
    values = {"account": account_id, "school_id": school_id, "roles": list(roles), "now": now}
    row = (await session.execute(_LISTS, values)).first()
    if row is None or not (row.whole_school or row.led):
        raise NotFound
    return ClassesAccess(school_id, row.timezone, row.today, row.whole_school, frozenset(row.led))
