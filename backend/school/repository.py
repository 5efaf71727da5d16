"""The SQL of the school, and the reads that it publishes for other rooms."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.clock import school_date
from backend.school.models import (
    Enrolment,
    Guardianship,
    Membership,
    Period,
    School,
    SchoolRole,
    Student,
)


@dataclass(frozen=True)
class Receiver:
    """Somebody who is told about a child."""

    child_id: UUID
    child_name: str
    account_id: UUID
    is_student: bool


_RECEIVERS = text("""
    SELECT st.id AS child_id, st.given_name AS child_name, st.account_id, true AS is_student
      FROM student st WHERE st.id = ANY (:children) AND st.account_id IS NOT NULL AND st.left_on IS NULL
    UNION ALL
    SELECT st.id, st.given_name, g.account_id, false
      FROM student st JOIN guardianship g ON g.student_id = st.id AND g.receives_push AND g.may_view
       AND cast(:today AS date) BETWEEN g.starts AND coalesce(g.ends, 'infinity')
     WHERE st.id = ANY (:children) AND st.left_on IS NULL
    ORDER BY 1, 4, 3
""")


_CLASS_LIST = text("""
    SELECT st.id, st.family_name, st.given_name, st.patronymic, st.account_id, a.login,
           coalesce((SELECT json_agg(json_build_object(
                        'accountId', p.id, 'login', p.login, 'kind', g.kind,
                        'name', concat_ws(' ', p.family_name, p.given_name, p.patronymic))
                        ORDER BY g.contact_order, p.id)
                       FROM guardianship g JOIN account p ON p.id = g.account_id
                      WHERE g.student_id = st.id
                        AND cast(:today AS date) BETWEEN g.starts AND coalesce(g.ends, 'infinity')), '[]') AS guardians
      FROM enrolment e
      JOIN student st ON st.id = e.student_id AND st.left_on IS NULL
      LEFT JOIN account a ON a.id = st.account_id
     WHERE e.class_id = :class_id AND cast(:today AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
     ORDER BY translate(lower(st.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", lower(st.family_name),
              translate(lower(st.given_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", st.id
""")

_CLASS_PEOPLE = text("""
    SELECT CASE WHEN works_at(c.class_teacher_id, c.school_id, :today) THEN c.class_teacher_id END AS class_teacher_id,
           c.grade || c.letter AS name
      FROM enrolment e JOIN school_class c ON c.id = e.class_id
     WHERE e.student_id = :child AND cast(:today AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
""")

_MEMBERS = text("""
    SELECT DISTINCT w.group_id, w.day, m.student_id
      FROM unnest(cast(:groups AS uuid[]), cast(:days AS date[])) AS w (group_id, day)
      JOIN membership m ON m.group_id = w.group_id AND w.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
      JOIN student st ON st.id = m.student_id AND st.left_on IS NULL
""")


def members(group_id: UUID, day: date) -> Select[UUID]:
    """Published read: the students of a group on a day."""
    return (
        select(col(Membership.student_id))
        .join(Student, col(Student.id) == col(Membership.student_id))
        .where(
            col(Membership.group_id) == group_id,
            _holds(Membership.starts, Membership.ends, day),
            col(Student.left_on).is_(None),
        )
        .distinct()
    )


def russian_order(name: Any) -> list[Any]:
    """The order of a Russian list: ё is е, then the rest; independent of the server's locales."""
    folded = func.translate(func.lower(name.collate("pg_c_utf8")), "ё", "е").collate("C")
    return [folded, func.lower(name)]


async def member_ids(session: AsyncSession, group_id: UUID, day: date) -> set[UUID]:
    return set((await session.execute(members(group_id, day))).scalars())


async def members_on(session: AsyncSession, wanted: Collection[tuple[UUID, date]]) -> set[tuple[UUID, date, UUID]]:
    """Published read: (group, day, student) of many groups and days."""
    values = {"groups": [group for group, _ in wanted], "days": [day for _, day in wanted]}
    return {(row.group_id, row.day, row.student_id) for row in await session.execute(_MEMBERS, values)}


async def students_of_group(session: AsyncSession, group_id: UUID, day: date) -> list[Student]:
    """Published read: the students of a group on a day, in the order of a Russian list."""
    order = [
        *russian_order(col(Student.family_name)),
        *russian_order(col(Student.given_name)),
        col(Student.id),
    ]
    statement = select(Student).where(col(Student.id).in_(members(group_id, day))).order_by(*order)
    return list((await session.execute(statement)).scalars())


async def receivers(session: AsyncSession, children: Sequence[UUID], today: date) -> list[Receiver]:
    """Published read: who is told about these children today: themselves, and guardians who receive pushes."""
    if not children:
        return []
    rows = await session.execute(_RECEIVERS, {"children": list(children), "today": today})
    return [Receiver(**row) for row in rows.mappings()]


async def parents_told(session: AsyncSession, children: Sequence[UUID], today: date) -> list[Receiver]:
    """Published read: the guardians among them, for what is not told to students."""
    return [one for one in await receivers(session, children, today) if not one.is_student]


async def staff_with_role(session: AsyncSession, school_id: UUID, role: str, today: date) -> list[UUID]:
    """Published read: who holds a role at a school today."""
    statement = select(col(SchoolRole.account_id)).where(
        col(SchoolRole.school_id) == school_id,
        col(SchoolRole.role) == role,
        _holds(SchoolRole.starts, SchoolRole.ends, today),
    )
    return sorted((await session.execute(statement)).scalars())


async def class_of_child(session: AsyncSession, child_id: UUID, today: date) -> tuple[UUID | None, str] | None:
    """(class teacher, name of the class) of a child today; None for a teacher who has left the school."""
    row = (await session.execute(_CLASS_PEOPLE, {"child": child_id, "today": today})).mappings().first()
    return (row["class_teacher_id"], row["name"]) if row else None


async def students_of_class(session: AsyncSession, class_id: UUID, today: date) -> list[UUID]:
    statement = (
        select(col(Enrolment.student_id))
        .join(Student, col(Student.id) == col(Enrolment.student_id))
        .where(
            col(Enrolment.class_id) == class_id,
            _holds(Enrolment.starts, Enrolment.ends, today),
            col(Student.left_on).is_(None),
        )
    )
    return list((await session.execute(statement)).scalars())


async def class_list(session: AsyncSession, class_id: UUID, today: date) -> list[dict[str, Any]]:
    rows = await session.execute(_CLASS_LIST, {"class_id": class_id, "today": today})
    return [dict(row) for row in rows.mappings()]


async def period_on(session: AsyncSession, school_id: UUID, day: date) -> Period | None:
    """Published read: the quarter, trimester or half-year of a day."""
    statement = select(Period).where(
        col(Period.school_id) == school_id, col(Period.starts) <= day, col(Period.ends) >= day
    )
    return (await session.execute(statement)).scalars().first()


async def student_by_code(session: AsyncSession, code: bytes, now: datetime) -> Student | None:
    statement = (
        select(Student)
        .where(
            col(Student.attach_code) == code,
            col(Student.attach_code_until) > now,
            col(Student.left_on).is_(None),
        )
        .with_for_update()
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def links_of(session: AsyncSession, child_id: UUID, account_id: UUID) -> list[Guardianship]:
    """All links of an adult to a child, ended ones too."""
    statement = select(Guardianship).where(
        col(Guardianship.student_id) == child_id, col(Guardianship.account_id) == account_id
    )
    return list((await session.execute(statement)).scalars())


async def lock_student(session: AsyncSession, child_id: UUID) -> None:
    """Published: use cases about one student that must not cross go one after another."""
    await session.execute(select(col(Student.id)).where(col(Student.id) == child_id).with_for_update(key_share=True))


async def today_at(session: AsyncSession, school_id: UUID, now: datetime) -> date:
    """Today by the school's clock."""
    school = await session.get_one(School, school_id)
    return school_date(now, school.timezone)


async def timezones(session: AsyncSession) -> list[tuple[UUID, str]]:
    """Published read: (school, time zone) of all schools."""
    return [(i, z) for i, z in (await session.execute(select(col(School.id), col(School.timezone))))]


def _holds(starts: Any, ends: Any, day: date) -> Any:
    return (starts <= day) & or_(ends.is_(None), ends >= day)
