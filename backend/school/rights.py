"""The right to see a child, decided on the rows as they are in this transaction (DOMAIN.md section 1).

A foreign id is NotFound everywhere: nobody learns that it exists.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.errors import NotFound


@dataclass(frozen=True)
class ChildAccess:
    """A child as somebody with a right to it may use it.

    Attributes:
        leads: the acting account is the child's class teacher, or the school's deputy director.
    """

    child_id: UUID
    school_id: UUID
    timezone: str
    given_name: str
    today: date
    is_self: bool
    is_guardian: bool
    leads: bool
    may_file_absence: bool


@dataclass(frozen=True)
class ClassAccess:
    """A class that the acting account answers for. `is_class_teacher`: as its class teacher."""

    class_id: UUID
    school_id: UUID
    name: str
    timezone: str
    today: date
    is_class_teacher: bool


@dataclass(frozen=True)
class TaughtGroup:
    """A group in whose subject the acting account may write today."""

    group_id: UUID
    school_id: UUID
    timezone: str
    today: date


_CHILD = text("""
    SELECT * FROM child_access(:account, :child, :now) WHERE is_self OR may_view OR leads OR directs
""")

_CLASS = text("""
    SELECT c.id, c.school_id, c.grade || c.letter AS name, s.timezone,
           coalesce(c.class_teacher_id = :account, false) AS is_class_teacher
      FROM school_class c
      JOIN school s ON s.id = c.school_id
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE c.id = :class_id
       AND ((c.class_teacher_id = :account AND works_at(:account, c.school_id, day.today))
            OR EXISTS (SELECT FROM school_role r
                        WHERE r.account_id = :account AND r.school_id = c.school_id AND r.role = ANY (:roles)
                          AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')))
""")

_CREDENTIALS = text("""
    SELECT subject.id FROM unnest(cast(:subjects AS uuid[])) AS subject (id) WHERE (EXISTS (
        SELECT FROM student st
          JOIN enrolment e ON e.student_id = st.id
          JOIN school_class c ON c.id = e.class_id
          JOIN school s ON s.id = st.school_id
          CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
          LEFT JOIN guardianship g ON g.student_id = st.id AND g.account_id = subject.id
                AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity')
         WHERE (st.account_id = subject.id OR g.account_id IS NOT NULL)
           AND c.class_teacher_id = :account AND works_at(:account, st.school_id, day.today)
           AND st.left_on IS NULL AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')
           AND NOT EXISTS (SELECT FROM guardianship other
                            WHERE other.account_id = subject.id AND other.school_id <> st.school_id
                              AND day.today <= coalesce(other.ends, 'infinity'))
    ) OR EXISTS (
        SELECT FROM school_role mine
          JOIN school s ON s.id = mine.school_id
          CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
         WHERE mine.account_id = :account AND mine.role = 'administrator'
           AND day.today BETWEEN mine.starts AND coalesce(mine.ends, 'infinity')
           AND (EXISTS (SELECT FROM school_role r WHERE r.account_id = subject.id AND r.school_id = mine.school_id
                         AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity'))
             OR EXISTS (SELECT FROM student st WHERE st.account_id = subject.id AND st.school_id = mine.school_id)
             OR EXISTS (SELECT FROM guardianship g WHERE g.account_id = subject.id AND g.school_id = mine.school_id
                         AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity')))
    )) AND NOT EXISTS (
        SELECT FROM school_role r
         WHERE r.account_id = subject.id AND (r.ends IS NULL OR r.ends >= cast(:now AS timestamptz)::date - 1)
           AND NOT EXISTS (SELECT FROM school_role mine WHERE mine.account_id = :account
                            AND mine.school_id = r.school_id AND mine.role = 'administrator'
                            AND (mine.ends IS NULL OR mine.ends >= cast(:now AS timestamptz)::date))
    )
""")

_GROUP = text("""
    SELECT g.school_id, s.timezone FROM study_group g
      JOIN school s ON s.id = g.school_id JOIN subject u ON u.id = :subject_id AND u.school_id = g.school_id
     WHERE g.id = :group_id
""")

_TEACHES = text("""
    SELECT works_at(:account, :school_id, :today) AND EXISTS (
                   SELECT FROM teaching_load l
                    WHERE l.teacher_id = :account AND l.group_id = :group_id AND l.subject_id = :subject_id
                      AND cast(:day AS date) BETWEEN l.starts AND coalesce(l.ends, 'infinity')
                      AND cast(:today AS date) BETWEEN l.starts AND coalesce(l.ends, 'infinity'))
        OR EXISTS (SELECT FROM school_role r
                    WHERE r.account_id = :account AND r.school_id = :school_id AND r.role = 'deputy'
                      AND cast(:today AS date) BETWEEN r.starts AND coalesce(r.ends, 'infinity'))
""")


_SCHOOLS = text("""
    SELECT r.school_id FROM school_role r JOIN school s ON s.id = r.school_id
     WHERE r.account_id = :account AND (r.role = :role OR cast(:role AS text) IS NULL)
       AND (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date BETWEEN r.starts AND coalesce(r.ends, 'infinity')
""")


async def schools_with_role(session: AsyncSession, account_id: UUID, role: str | None, now: datetime) -> list[UUID]:
    """The schools where a person holds a role today; None stands for any role."""
    rows = await session.execute(_SCHOOLS, {"account": account_id, "role": role, "now": now})
    return list(dict.fromkeys(rows.scalars()))


async def require_staff(session: AsyncSession, account_id: UUID, school_id: UUID, now: datetime) -> None:
    """Raises NotFound for who does not work at the school today."""
    if school_id not in await schools_with_role(session, account_id, None, now):
        raise NotFound


async def require_staff_somewhere(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """Raises NotFound for who works at no school today."""
    if not await schools_with_role(session, account_id, None, now):
        raise NotFound


async def child_to_view(session: AsyncSession, account_id: UUID, child_id: UUID, now: datetime) -> ChildAccess:
    """The child, for the student, a guardian who may view, the class teacher, the deputy or the director.

    Raises:
        NotFound: no such child, or no right to it at this moment.
    """
    row = (await session.execute(_CHILD, {"account": account_id, "child": child_id, "now": now})).mappings().first()
    if row is None:
        raise NotFound
    return ChildAccess(
        child_id=child_id,
        school_id=row["school_id"],
        timezone=row["timezone"],
        given_name=row["given_name"],
        today=row["today"],
        is_self=row["is_self"],
        is_guardian=row["may_view"],
        leads=row["leads"],
        may_file_absence=row["may_file_absence"],
    )


async def child_of_guardian(session: AsyncSession, account_id: UUID, child_id: UUID, now: datetime) -> ChildAccess:
    """The child, for a guardian who may view. Raises NotFound for everybody else."""
    child = await child_to_view(session, account_id, child_id, now)
    if not child.is_guardian:
        raise NotFound
    return child


async def child_to_file_for(session: AsyncSession, account_id: UUID, child_id: UUID, now: datetime) -> ChildAccess:
    """The child, for a guardian who may file absences. Raises NotFound for everybody else."""
    child = await child_to_view(session, account_id, child_id, now)
    if not child.may_file_absence:
        raise NotFound
    return child


async def child_to_lead(session: AsyncSession, account_id: UUID, child_id: UUID, now: datetime) -> ChildAccess:
    """The child, for its class teacher or the deputy. Raises NotFound for everybody else."""
    child = await child_to_view(session, account_id, child_id, now)
    if not child.leads:
        raise NotFound
    return child


async def class_to_lead(session: AsyncSession, account_id: UUID, class_id: UUID, now: datetime) -> ClassAccess:
    """The class, for its class teacher, the deputy or the administrator. Raises NotFound for others."""
    return await _class_for(session, account_id, class_id, ["deputy", "administrator"], now)


async def class_to_admit(session: AsyncSession, account_id: UUID, class_id: UUID, now: datetime) -> ClassAccess:
    """The class, for its class teacher or the administrator, who issue passwords. Raises NotFound for others."""
    return await _class_for(session, account_id, class_id, ["administrator"], now)


async def _class_for(
    session: AsyncSession, account_id: UUID, class_id: UUID, roles: list[str], now: datetime
) -> ClassAccess:
    values = {"account": account_id, "class_id": class_id, "roles": roles, "now": now}
    row = (await session.execute(_CLASS, values)).mappings().first()
    if row is None:
        raise NotFound
    return ClassAccess(
        class_id=row["id"],
        school_id=row["school_id"],
        name=row["name"],
        timezone=row["timezone"],
        today=school_date(now, row["timezone"]),
        is_class_teacher=row["is_class_teacher"],
    )


async def may_have_credentials(
    session: AsyncSession, account_id: UUID, subjects: Collection[UUID], now: datetime
) -> set[UUID]:
    """Those of the subjects to whom the account may issue passwords: the class teacher to the students and
    guardians of the own class, the administrator to everybody of the school.

    Whoever works at a school gets one from an administrator of that school only, also when they are a
    parent elsewhere: else a class teacher could take the deputy's place. And a parent with a child at
    another school gets one from an administrator: a class teacher has no business with that child.
    """
    values = {"account": account_id, "subjects": list(subjects), "now": now}
    return set((await session.execute(_CREDENTIALS, values)).scalars())


async def require_credentials_of(session: AsyncSession, account_id: UUID, subject: UUID, now: datetime) -> None:
    """Raises NotFound where `may_have_credentials` does not hold."""
    if not await may_have_credentials(session, account_id, [subject], now):
        raise NotFound


async def group_to_teach(
    session: AsyncSession, account_id: UUID, group_id: UUID, subject_id: UUID, now: datetime
) -> TaughtGroup:
    """The group, for who teaches it the subject today, or the deputy. Raises NotFound for others."""
    row = (await session.execute(_GROUP, {"group_id": group_id, "subject_id": subject_id})).mappings().first()
    if row is None:
        raise NotFound
    today = school_date(now, row["timezone"])
    await require_teaching(
        session, account_id, school_id=row["school_id"], group_id=group_id, subject_id=subject_id, day=today,
        today=today,
    )  # fmt: skip
    return TaughtGroup(group_id, row["school_id"], row["timezone"], today)


async def require_teaching(
    session: AsyncSession,
    account_id: UUID,
    *,
    school_id: UUID,
    group_id: UUID,
    subject_id: UUID,
    day: date,
    today: date,
) -> None:
    """The journal of a day is written by who taught it then and still does, or by the deputy.

    Raises:
        NotFound: neither.
    """
    values = {
        "account": account_id,
        "school_id": school_id,
        "group_id": group_id,
        "subject_id": subject_id,
        "day": day,
        "today": today,
    }
    if not (await session.execute(_TEACHES, values)).scalar_one():
        raise NotFound
