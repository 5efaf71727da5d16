"""The SQL of single students and their guardians."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.values import PersonName
from backend.identity.models import Account
from backend.school.models import Enrolment, GroupMember, SchoolClass, SchoolYear, Student, StudyGroup

_CARDS = text("""
    WITH named AS MATERIALIZED (
        SELECT st.*, translate(lower(st.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C" AS family_key,
               lower(st.family_name COLLATE pg_c_utf8) COLLATE "C" AS family_exact,
               translate(lower(st.given_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C" AS given_key,
               ' ' || translate(lower(concat_ws(' ', st.family_name, st.given_name, st.patronymic) COLLATE pg_c_utf8),
                                'ё-', 'е ') COLLATE "C" AS words
          FROM student st WHERE st.school_id = :school AND (st.id = :student OR cast(:student AS uuid) IS NULL))
    SELECT n.id, n.family_name, n.given_name, n.patronymic, n.birth_date, n.sex, n.account_id, a.login, n.left_on,
           now_in.id AS class_id, now_in.name AS class_name
      FROM named n
      LEFT JOIN account a ON a.id = n.account_id
      LEFT JOIN LATERAL (SELECT c.id, c.grade || c.letter AS name
                           FROM enrolment e JOIN school_class c ON c.id = e.class_id
                          WHERE e.student_id = n.id AND cast(:today AS date) <= coalesce(e.ends, 'infinity')
                          ORDER BY e.starts LIMIT 1) AS now_in ON true
     WHERE (:left OR n.left_on IS NULL)
       AND NOT EXISTS (SELECT FROM unnest(cast(:words AS text[])) AS word WHERE position(' ' || word IN n.words) = 0)
       AND (cast(:after AS uuid) IS NULL
            OR (n.family_key, n.family_exact, n.given_key, n.id)
               > (SELECT l.family_key, l.family_exact, l.given_key, l.id FROM named l WHERE l.id = :after))
     ORDER BY n.family_key, n.family_exact, n.given_key, n.id
     LIMIT :size
""")
_NAMESAKES = text("""
    SELECT EXISTS (
        SELECT FROM student st
         WHERE st.school_id = :school AND st.left_on IS NULL AND st.birth_date = :born
           AND (translate(lower(concat_ws(' ', st.family_name, st.given_name, st.patronymic) COLLATE pg_c_utf8),
                          'ё', 'е'))
               = translate(lower(cast(:name AS text) COLLATE pg_c_utf8), 'ё', 'е'))
""")
_GUARDIANS = text("""
    SELECT g.id, g.account_id, a.login, a.family_name, a.given_name, a.patronymic, a.email, a.phone, g.kind,
           g.contact_order, g.may_view AS view, g.may_file_absence AS file_absence, g.receives_push AS receive_push,
           g.starts, g.ends
      FROM guardianship g JOIN account a ON a.id = g.account_id
     WHERE g.student_id = :student AND (g.id = :link OR cast(:today AS date) <= coalesce(g.ends, 'infinity'))
     ORDER BY g.contact_order, g.id
""")

# A class teacher takes parents of the own class only: with a link to a child of the class comes the right to issue a
# password (rights.require_credentials_of), and nobody may make such a right for themselves.
_KNOWN = text("""
    SELECT EXISTS (
        SELECT FROM guardianship g
         WHERE g.account_id = :account AND g.school_id = :school
           AND (:whole_school
                OR (cast(:today AS date) BETWEEN g.starts AND coalesce(g.ends, 'infinity')
                    AND EXISTS (SELECT FROM enrolment e JOIN school_class c ON c.id = e.class_id
                                 WHERE e.student_id = g.student_id AND c.class_teacher_id = :teacher
                                   AND cast(:today AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')))))
        OR (:whole_school AND works_at(:account, :school, :today))
""")


async def cards(
    session: AsyncSession,
    school_id: UUID,
    today: date,
    *,
    words: list[str],
    left: bool,
    after: UUID | None,
    size: int,
) -> list[dict[str, Any]]:
    """Students whose names have words that begin so, in the order of a Russian list, after a student.

    Args:
        words: folded (`values.fold`), without hyphens.
        left: those who have left, too.
    """
    values = {"school": school_id, "today": today, "words": words, "left": left, "after": after, "size": size}
    rows = await session.execute(_CARDS, values | {"student": None})
    return [dict(row) for row in rows.mappings()]


async def card(session: AsyncSession, school_id: UUID, student_id: UUID, today: date) -> dict[str, Any]:
    values = {"school": school_id, "student": student_id, "today": today, "words": [], "left": True, "after": None}
    return dict((await session.execute(_CARDS, values | {"size": 1})).mappings().one())


async def has_namesake(session: AsyncSession, school_id: UUID, name: PersonName, born: date) -> bool:
    """Whether the school has a student of the same full name and birth date."""
    values = {"school": school_id, "name": str(name), "born": born}
    return bool((await session.execute(_NAMESAKES, values)).scalar_one())


async def year_of_class(session: AsyncSession, class_id: UUID) -> tuple[SchoolClass, SchoolYear]:
    statement = (
        select(SchoolClass, SchoolYear)
        .join(SchoolYear, col(SchoolYear.id) == col(SchoolClass.year_id))
        .where(col(SchoolClass.id) == class_id)
    )
    found, year = (await session.execute(statement)).one()
    return found, year


async def rename_account(session: AsyncSession, account_id: UUID, name: PersonName) -> None:
    values = {"family_name": name.family, "given_name": name.given, "patronymic": name.patronymic}
    await session.execute(update(Account).where(col(Account.id) == account_id).values(**values))


async def enrolments_since(session: AsyncSession, student_id: UUID, day: date) -> list[Enrolment]:
    """The student's enrolments that have not ended before a day, in order."""
    statement = (
        select(Enrolment)
        .where(col(Enrolment.student_id) == student_id, or_(col(Enrolment.ends).is_(None), col(Enrolment.ends) >= day))
        .order_by(col(Enrolment.starts))
    )
    return list((await session.execute(statement)).scalars())


async def memberships_since(
    session: AsyncSession, student_id: UUID, day: date, class_id: UUID | None = None
) -> list[GroupMember]:
    """The student's stays in parts of a class, or with None in any group, that have not ended before a day."""
    statement = (
        select(GroupMember)
        .join(StudyGroup, col(StudyGroup.id) == col(GroupMember.group_id))
        .where(
            col(GroupMember.student_id) == student_id,
            or_(col(GroupMember.ends).is_(None), col(GroupMember.ends) >= day),
        )
    )
    if class_id is not None:
        statement = statement.where(col(StudyGroup.class_id) == class_id)
    return list((await session.execute(statement)).scalars())


async def guardians(session: AsyncSession, student_id: UUID, today: date) -> list[dict[str, Any]]:
    """The links that have not ended."""
    rows = await session.execute(_GUARDIANS, {"student": student_id, "today": today, "link": None})
    return [dict(row) for row in rows.mappings()]


async def guardian(session: AsyncSession, student_id: UUID, link_id: UUID, today: date) -> dict[str, Any]:
    rows = await session.execute(_GUARDIANS, {"student": student_id, "today": today, "link": link_id})
    return next(dict(row) for row in rows.mappings() if row["id"] == link_id)


async def is_known(
    session: AsyncSession, account_id: UUID, school_id: UUID, teacher_id: UUID, today: date, *, whole_school: bool
) -> bool:
    """Whether the account is a guardian or staff of the school; for a class teacher: a guardian in the own class."""
    values = {
        "account": account_id, "school": school_id, "teacher": teacher_id, "today": today,
        "whole_school": whole_school,
    }  # fmt: skip
    return bool((await session.execute(_KNOWN, values)).scalar_one())


async def student_for_update(session: AsyncSession, student_id: UUID) -> Student:
    """The student as it stands now, locked."""
    statement = select(Student).where(col(Student.id) == student_id).with_for_update(key_share=True)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()
