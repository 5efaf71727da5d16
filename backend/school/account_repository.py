"""The SQL of what a person is at the schools: whose parent, a student, the holder of roles, the teacher of classes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.school.models import School, SchoolClass, SchoolRole, Student

_ME = text("""
    SELECT st.id, st.given_name, st.family_name, s.id AS school_id, s.short_name, s.timezone,
           (SELECT c.grade || c.letter FROM enrolment e JOIN school_class c ON c.id = e.class_id
             WHERE e.student_id = st.id AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')) AS class_name,
           g.may_view, g.may_file_absence, g.receives_push
      FROM guardianship g
      JOIN student st ON st.id = g.student_id AND st.left_on IS NULL
      JOIN school s ON s.id = st.school_id
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE g.account_id = :account AND g.may_view
       AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity')
     ORDER BY st.birth_date NULLS LAST, st.id
""")
# The children whose diary `:account` may read at `:now`, deputies and directors left out.
VISIBLE = """
    SELECT st.id FROM student st WHERE st.account_id = :account AND st.left_on IS NULL
    UNION
    SELECT g.student_id FROM guardianship g JOIN student st ON st.id = g.student_id AND st.left_on IS NULL
      JOIN school s ON s.id = g.school_id
     WHERE g.account_id = :account AND g.may_view
       AND (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date
           BETWEEN g.starts AND coalesce(g.ends, 'infinity')
    UNION
    SELECT e.student_id FROM school_class c JOIN enrolment e ON e.class_id = c.id JOIN school s ON s.id = c.school_id
     WHERE c.class_teacher_id = :account
       AND works_at(:account, c.school_id, (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date)
       AND (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date
           BETWEEN e.starts AND coalesce(e.ends, 'infinity')
"""
_VISIBLE = text(VISIBLE)


async def visible_children(session: AsyncSession, account_id: UUID, now: datetime) -> list[UUID]:
    """Published read: the children whose diary the account may read now, deputies and directors left out."""
    rows = await session.execute(_VISIBLE, {"account": account_id, "now": now})
    return list(rows.scalars())


async def children_of(session: AsyncSession, account_id: UUID, now: datetime) -> list[dict[str, Any]]:
    rows = await session.execute(_ME, {"account": account_id, "now": now})
    return [dict(row) for row in rows.mappings()]


async def student_of_account(session: AsyncSession, account_id: UUID) -> UUID | None:
    statement = select(col(Student.id)).where(col(Student.account_id) == account_id, col(Student.left_on).is_(None))
    return (await session.execute(statement)).scalar()


async def roles_of(session: AsyncSession, account_id: UUID, now: datetime) -> list[tuple[str, School]]:
    """(role, school) of a person today."""
    today = cast(func.timezone(School.timezone, literal(now)), Date)
    statement = (
        select(col(SchoolRole.role), School)
        .join(School, col(School.id) == col(SchoolRole.school_id))
        .where(
            col(SchoolRole.account_id) == account_id,
            col(SchoolRole.starts) <= today,
            or_(col(SchoolRole.ends).is_(None), col(SchoolRole.ends) >= today),
        )
        .order_by(col(School.short_name), col(SchoolRole.role))
    )
    return [(role, school) for role, school in (await session.execute(statement))]


async def classes_to_lead(session: AsyncSession, account_id: UUID, now: datetime) -> list[tuple[UUID, str]]:
    """(id, name) of the classes that the account answers for."""
    today = cast(func.timezone(School.timezone, literal(now)), Date)
    whole_school = (
        select(SchoolRole)
        .where(
            col(SchoolRole.account_id) == account_id,
            col(SchoolRole.school_id) == col(SchoolClass.school_id),
            col(SchoolRole.role).in_(["deputy", "administrator"]),
            col(SchoolRole.starts) <= today,
            or_(col(SchoolRole.ends).is_(None), col(SchoolRole.ends) >= today),
        )
        .exists()
    )
    statement = (
        select(col(SchoolClass.id), func.concat(SchoolClass.grade, SchoolClass.letter))
        .join(School, col(School.id) == col(SchoolClass.school_id))
        .where(
            or_(
                (col(SchoolClass.class_teacher_id) == account_id)
                & func.works_at(account_id, SchoolClass.school_id, today),
                whole_school,
            )
        )
        .order_by(col(SchoolClass.grade), col(SchoolClass.letter))
    )
    return [(class_id, name) for class_id, name in (await session.execute(statement))]
