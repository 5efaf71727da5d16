"""The right to a whole school, by the role that somebody holds there today."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import NotFound


@dataclass(frozen=True)
class SchoolAccess:
    """A school where the acting account holds a role."""

    school_id: UUID
    timezone: str
    today: date


_SCHOOL = text("""
    SELECT s.id AS school_id, s.timezone, day.today FROM school s
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE s.id = :school AND EXISTS (SELECT FROM school_role r
            WHERE r.account_id = :account AND r.school_id = s.id
              AND (r.role = ANY (:roles) OR cast(:roles AS text[]) IS NULL)
              AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity'))
""")
MANAGERS = ("deputy", "administrator")
LEADERS = ("deputy", "director")
HEADS = ("deputy", "director", "administrator")


async def school_to_manage(
    session: AsyncSession, account_id: UUID, school_id: UUID, now: datetime, roles: tuple[str, ...] | None = MANAGERS
) -> SchoolAccess:
    """The school, for who holds one of the roles there; None stands for any. Raises NotFound for others."""
    values = {"account": account_id, "school": school_id, "now": now, "roles": None if roles is None else list(roles)}
    row = (await session.execute(_SCHOOL, values)).mappings().first()
    if row is None:
        raise NotFound
    return SchoolAccess(**row)


_TIES = text("SELECT DISTINCT school_id FROM school_ties(:account, :now) ORDER BY 1")
_BELONGS = text("SELECT EXISTS (SELECT FROM school_ties(:account, :now) t WHERE t.school_id = :school)")


async def schools_with_ties(session: AsyncSession, account_id: UUID, now: datetime) -> list[UUID]:
    """The schools where somebody works, learns or has a child today."""
    return list((await session.execute(_TIES, {"account": account_id, "now": now})).scalars())


async def require_tie(session: AsyncSession, account_id: UUID, school_id: UUID, now: datetime) -> None:
    """Raises NotFound for who is no parent, student or staff of the school today."""
    values = {"account": account_id, "school": school_id, "now": now}
    if not (await session.execute(_BELONGS, values)).scalar_one():
        raise NotFound
