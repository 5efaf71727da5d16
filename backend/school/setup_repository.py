"""The SQL of a school's set-up: years, subjects, classes, groups, loads."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.values import fold
from backend.school.models import (
    Enrolment,
    GroupMember,
    Period,
    SchoolClass,
    SchoolContact,
    SchoolYear,
    StudyGroup,
    Subject,
)

_YEARS = text("""
    SELECT y.id, y.name, y.starts, y.ends,
           coalesce((SELECT json_agg(json_build_object('id', p.id, 'name', p.name, 'starts', p.starts, 'ends', p.ends)
                                     ORDER BY p.starts) FROM period p WHERE p.year_id = y.id), '[]') AS periods
      FROM school_year y WHERE y.school_id = :school ORDER BY y.starts DESC
""")
_SUBJECTS = text("""
    SELECT id, name FROM subject WHERE school_id = :school
     ORDER BY translate(lower(name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", id
""")
_CLASSES = text("""
    SELECT c.id, c.grade || c.letter AS name, c.grade, c.letter, c.class_teacher_id,
           concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS class_teacher
      FROM school_class c LEFT JOIN account a ON a.id = c.class_teacher_id
     WHERE c.year_id = :year ORDER BY c.grade, translate(c.letter, 'Ё', 'Е') COLLATE "C", c.letter COLLATE "C"
""")
_GROUPS = text("""
    SELECT g.id, g.name, g.class_id, g.whole_class
      FROM study_group g LEFT JOIN school_class c ON c.id = g.class_id
     WHERE g.year_id = :year
     ORDER BY c.grade NULLS LAST, c.letter COLLATE "C", g.whole_class DESC,
              translate(lower(g.name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", g.id
""")
_STAYS = text("""
    SELECT m.student_id, st.family_name, st.given_name, m.starts, m.ends
      FROM membership m JOIN student st ON st.id = m.student_id
     WHERE m.group_id = :group
     ORDER BY translate(lower(st.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", lower(st.family_name),
              translate(lower(st.given_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", st.id, m.starts
""")
_LOADS = text("""
    SELECT l.id, l.teacher_id, concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS teacher, l.subject_id,
           u.name AS subject, l.group_id, g.name AS "group", l.starts, l.ends
      FROM teaching_load l
      JOIN study_group g ON g.id = l.group_id
      JOIN subject u ON u.id = l.subject_id
      JOIN account a ON a.id = l.teacher_id
     WHERE l.school_id = :school AND (g.year_id = :year OR l.id = :load)
     ORDER BY translate(lower(a.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", a.id, u.name, g.name, l.starts
""")
_WORKS_AT = text("SELECT works_at(:account, :school, :today)")


async def years(session: AsyncSession, school_id: UUID) -> list[dict[str, Any]]:
    """Newest first, each with its periods."""
    return await _rows(session, _YEARS, school=school_id)


async def year(session: AsyncSession, school_id: UUID, year_id: UUID) -> SchoolYear | None:
    found = await session.get(SchoolYear, year_id)
    return found if found is not None and found.school_id == school_id else None


async def periods_for_update(session: AsyncSession, year_id: UUID) -> list[Period]:
    """The periods of a year, locked: whoever closes one or writes marks in one waits, or is waited for."""
    statement = select(Period).where(col(Period.year_id) == year_id).order_by(col(Period.id)).with_for_update()
    return list((await session.execute(statement)).scalars())


async def remove_periods(session: AsyncSession, ids: Collection[UUID]) -> None:
    await session.execute(delete(Period).where(col(Period.id).in_(ids)))


async def subjects(session: AsyncSession, school_id: UUID) -> list[dict[str, Any]]:
    return await _rows(session, _SUBJECTS, school=school_id)


async def subject(session: AsyncSession, school_id: UUID, subject_id: UUID) -> Subject | None:
    found = await session.get(Subject, subject_id)
    return found if found is not None and found.school_id == school_id else None


async def classes(session: AsyncSession, year_id: UUID) -> list[dict[str, Any]]:
    rows = await _rows(session, _CLASSES, year=year_id)
    return [row | {"class_teacher": row["class_teacher"] or None} for row in rows]


async def class_in(session: AsyncSession, school_id: UUID, class_id: UUID) -> SchoolClass | None:
    found = await session.get(SchoolClass, class_id)
    return found if found is not None and found.school_id == school_id else None


async def whole_group(session: AsyncSession, class_id: UUID) -> StudyGroup | None:
    statement = select(StudyGroup).where(col(StudyGroup.class_id) == class_id, col(StudyGroup.whole_class))
    return (await session.execute(statement)).scalar_one_or_none()


async def groups(session: AsyncSession, year_id: UUID) -> list[dict[str, Any]]:
    return await _rows(session, _GROUPS, year=year_id)


async def groups_of_class(session: AsyncSession, class_id: UUID) -> list[UUID]:
    """The whole class and its parts."""
    return list(
        (await session.execute(select(col(StudyGroup.id)).where(col(StudyGroup.class_id) == class_id))).scalars()
    )


async def same_group(session: AsyncSession, year_id: UUID, class_id: UUID | None, name: str) -> bool:
    """Whether the class, or with None the year, has a group of this name."""
    mine = col(StudyGroup.class_id).is_(None) if class_id is None else col(StudyGroup.class_id) == class_id
    statement = select(col(StudyGroup.name)).where(col(StudyGroup.year_id) == year_id, mine)
    return fold(name) in {fold(known) for known in (await session.execute(statement)).scalars()}


async def stays(session: AsyncSession, group_id: UUID) -> list[dict[str, Any]]:
    return await _rows(session, _STAYS, group=group_id)


async def members_since(session: AsyncSession, group_id: UUID, day: date) -> list[GroupMember]:
    """The stays in a group that have not ended before a day, in order."""
    statement = (
        select(GroupMember)
        .where(
            col(GroupMember.group_id) == group_id, or_(col(GroupMember.ends).is_(None), col(GroupMember.ends) >= day)
        )
        .order_by(col(GroupMember.starts))
    )
    return list((await session.execute(statement)).scalars())


async def enrolled(
    session: AsyncSession, year_id: UUID, class_id: UUID | None, students: Collection[UUID], day: date
) -> set[UUID]:
    """Of these students, those who on a day are in the class, or with None in any class of the year."""
    statement = (
        select(col(Enrolment.student_id))
        .join(SchoolClass, col(SchoolClass.id) == col(Enrolment.class_id))
        .where(
            col(Enrolment.student_id).in_(students),
            col(SchoolClass.year_id) == year_id,
            col(Enrolment.starts) <= day,
            or_(col(Enrolment.ends).is_(None), col(Enrolment.ends) >= day),
        )
    )
    if class_id is not None:
        statement = statement.where(col(SchoolClass.id) == class_id)
    return set((await session.execute(statement)).scalars())


async def loads(session: AsyncSession, school_id: UUID, year_id: UUID) -> list[dict[str, Any]]:
    return await _rows(session, _LOADS, school=school_id, year=year_id, load=None)


async def load(session: AsyncSession, school_id: UUID, load_id: UUID) -> dict[str, Any]:
    (found,) = await _rows(session, _LOADS, school=school_id, year=None, load=load_id)
    return found


async def works_at(session: AsyncSession, account_id: UUID, school_id: UUID, today: date) -> bool:
    values = {"account": account_id, "school": school_id, "today": today}
    return bool((await session.execute(_WORKS_AT, values)).scalar_one())


async def contacts(session: AsyncSession, school_id: UUID) -> list[SchoolContact]:
    """Whom the school's own page names, in order."""
    statement = select(SchoolContact).where(col(SchoolContact.school_id) == school_id)
    return list((await session.execute(statement.order_by(col(SchoolContact.position)))).scalars())


async def set_contacts(session: AsyncSession, school_id: UUID, wanted: Collection[SchoolContact]) -> None:
    await session.execute(delete(SchoolContact).where(col(SchoolContact.school_id) == school_id))
    session.add_all(wanted)
    await session.flush()


async def _rows(session: AsyncSession, statement: Any, **values: object) -> list[dict[str, Any]]:
    return [dict(row) for row in (await session.execute(statement, values)).mappings()]
