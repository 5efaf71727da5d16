"""The SQL of who may write to whom about a child, and of office hours."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.messages.models import OfficeHours

_SIDES = text("""
    SELECT st.school_id, EXISTS (SELECT FROM child_family(st.id, :now) f WHERE f.account_id = :account)
                     AND (EXISTS (SELECT FROM child_staff(st.id, :now) c WHERE c.account_id = :other)
                          OR EXISTS (SELECT FROM event_contacts(st.id, :now) c WHERE c.account_id = :other))
           AS as_family,
           EXISTS (SELECT FROM child_staff(st.id, :now) c WHERE c.account_id = :account)
       AND EXISTS (SELECT FROM child_family(st.id, :now) f WHERE f.account_id = :other) AS as_staff
      FROM student st WHERE st.id = :child AND cast(:account AS uuid) <> :other
""")
_STAFF = text("""
    SELECT a.id AS account_id, concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS name,
           coalesce(array_agg(DISTINCT u.name ORDER BY u.name) FILTER (WHERE u.id IS NOT NULL), '{}') AS subjects,
           bool_or(c.capacity = 'class-teacher') AS class_teacher, bool_or(c.capacity = 'deputy') AS deputy,
           coalesce(o.hours, '[]') AS office_hours
      FROM student st
      CROSS JOIN LATERAL child_staff(st.id, :now) c
      JOIN account a ON a.id = c.account_id
      LEFT JOIN subject u ON u.id = c.subject_id
      LEFT JOIN office_hours o ON o.account_id = a.id AND o.school_id = st.school_id
     WHERE st.id = :child AND a.id <> :account
     GROUP BY a.id, o.hours
     ORDER BY bool_or(c.capacity = 'class-teacher') DESC, bool_and(c.capacity = 'deputy'),
              translate(lower(a.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", lower(a.family_name), a.id
""")
_FAMILIES = text("""
    SELECT st.id AS child_id, st.family_name, st.given_name, st.patronymic, c.grade || c.letter AS class_name,
           coalesce((SELECT json_agg(json_build_object(
                         'accountId', a.id, 'kind', f.kind,
                         'name', concat_ws(' ', a.family_name, a.given_name, a.patronymic))
                         ORDER BY f.kind = 'student' DESC, a.family_name, a.given_name, a.id)
                       FROM child_family(st.id, :now) f JOIN account a ON a.id = f.account_id
                      WHERE a.id <> :account), '[]') AS people
      FROM student st
      JOIN school s ON s.id = st.school_id
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
      LEFT JOIN enrolment e ON e.student_id = st.id AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
      LEFT JOIN school_class c ON c.id = e.class_id
     WHERE (e.class_id = :class_id OR st.id = :child)
       AND EXISTS (SELECT FROM child_staff(st.id, :now) mine WHERE mine.account_id = :account)
     ORDER BY translate(lower(st.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", lower(st.family_name),
              translate(lower(st.given_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", st.id
""")


async def sides(
    session: AsyncSession, account_id: UUID, child_id: UUID, other_id: UUID, now: datetime
) -> tuple[UUID, bool] | None:
    """(the child's school, whether the account is the family's side) of two who may write to each other about a child
    now; None for others."""
    values = {"account": account_id, "child": child_id, "other": other_id, "now": now}
    row = (await session.execute(_SIDES, values)).first()
    return (row.school_id, row.as_family) if row is not None and (row.as_family or row.as_staff) else None


async def staff_of_child(
    session: AsyncSession, account_id: UUID, child_id: UUID, now: datetime
) -> list[dict[str, Any]]:
    """To whom an account of the child's family may write: the class teacher first, who is only a deputy last."""
    values = {"account": account_id, "child": child_id, "now": now}
    return [dict(row) for row in (await session.execute(_STAFF, values)).mappings()]


async def families(
    session: AsyncSession,
    account_id: UUID,
    now: datetime,
    *,
    class_id: UUID | None = None,
    child_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """The families to whom somebody of the staff may write, of a class or of a child; none for others."""
    values = {"account": account_id, "class_id": class_id, "child": child_id, "now": now}
    return [dict(row) for row in (await session.execute(_FAMILIES, values)).mappings()]


async def hours_of(session: AsyncSession, account_id: UUID, school_id: UUID) -> list[dict[str, Any]]:
    row = await session.get(OfficeHours, (account_id, school_id))
    return row.hours if row else []


async def set_hours(session: AsyncSession, account_id: UUID, school_id: UUID, hours: list[dict[str, Any]]) -> None:
    values = {"account_id": account_id, "school_id": school_id, "hours": hours}
    statement = upsert(OfficeHours).values(values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["account_id", "school_id"], set_={"hours": hours})
    )
