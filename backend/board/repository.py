"""The SQL of announcements and news."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.board.models import Announcement, AnnouncementClass, AnnouncementDue
from backend.board.rules import Cursor
from backend.school.models import SchoolClass

# Of what concerns a person: what ties them to schools and classes.
_TIES = "WITH ties AS MATERIALIZED (SELECT * FROM school_ties(:account, :now))"
_ROWS = """
    SELECT a.id, a.school_id, s.short_name AS school, s.timezone, a.kind, a.title, a.body AS text, a.publish_at,
           a.changed_at, a.expires_on, a.to_parents, a.to_students, a.to_staff, day.today,
           concat_ws(' ', p.family_name, p.given_name, p.patronymic) AS author,
           named.classes, named.class_ids
      FROM announcement a
      JOIN school s ON s.id = a.school_id
      JOIN account p ON p.id = a.author_id
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
      CROSS JOIN LATERAL (
          SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.grade || c.letter)
                                   ORDER BY c.grade, c.letter COLLATE "C"), '[]') AS classes,
                 array_agg(c.id) AS class_ids
            FROM announcement_class n JOIN school_class c ON c.id = n.class_id
           WHERE n.announcement_id = a.id) AS named
     WHERE a.taken_back_at IS NULL
"""
# It is out, it has not expired, and the person is one of those whom it is for.
_CONCERNS = """
    a.publish_at <= :now AND day.today <= coalesce(a.expires_on, 'infinity')
    AND EXISTS (SELECT FROM ties t
                 WHERE t.school_id = a.school_id AND (named.class_ids IS NULL OR t.class_id = ANY (named.class_ids))
                   AND CASE t.who WHEN 'parent' THEN a.to_parents WHEN 'student' THEN a.to_students
                                  ELSE a.to_staff END)
"""
_PAGE = """
    AND (cast(:after_at AS timestamptz) IS NULL OR (a.publish_at, a.id) < (cast(:after_at AS timestamptz), :after_id))
    ORDER BY a.publish_at DESC, a.id DESC LIMIT :size
"""
_OF_PERSON = text(f"""
    {_TIES} {_ROWS} AND a.school_id = ANY (ARRAY (SELECT t.school_id FROM ties t)) AND {_CONCERNS}
    AND (a.kind = :kind OR cast(:kind AS text) IS NULL) {_PAGE}
""")
# All of a school, or those that are for some of its classes and no others.
_OF_SCHOOL = text(f"""
    {_ROWS} AND a.school_id = :school AND (:whole_school OR named.class_ids <@ cast(:led AS uuid[])) {_PAGE}
""")
_ONE = text(f"{_ROWS} AND a.id = :id")
_ONE_OF_PERSON = text(f"{_TIES} {_ROWS} AND a.id = :id AND {_CONCERNS}")

# One row an account, whatever ties it to the audience.
_AUDIENCE = text("""
    WITH enrolled AS (
        SELECT st.id, st.account_id FROM student st
         WHERE st.school_id = :school AND st.left_on IS NULL
           AND (cast(:classes AS uuid[]) IS NULL
                OR EXISTS (SELECT FROM enrolment e WHERE e.student_id = st.id AND e.class_id = ANY (:classes)
                              AND cast(:today AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')))),
    teaching AS (
        SELECT c.class_teacher_id AS account_id FROM school_class c WHERE c.id = ANY (:classes)
        UNION
        SELECT l.teacher_id
          FROM teaching_load l
          JOIN membership m ON m.group_id = l.group_id
           AND cast(:today AS date) BETWEEN m.starts AND coalesce(m.ends, 'infinity')
          JOIN enrolled e ON e.id = m.student_id
         WHERE cast(:classes AS uuid[]) IS NOT NULL
           AND cast(:today AS date) BETWEEN l.starts AND coalesce(l.ends, 'infinity')),
    told AS (
        SELECT g.account_id, e.id AS child_id, false AS is_student
          FROM enrolled e
          JOIN guardianship g ON g.student_id = e.id AND g.receives_push AND g.may_view
           AND cast(:today AS date) BETWEEN g.starts AND coalesce(g.ends, 'infinity')
         WHERE :to_parents
        UNION ALL
        SELECT e.account_id, e.id, true FROM enrolled e WHERE :to_students AND e.account_id IS NOT NULL
        UNION ALL
        SELECT r.account_id, NULL, false FROM school_role r
         WHERE :to_staff AND r.school_id = :school
           AND cast(:today AS date) BETWEEN r.starts AND coalesce(r.ends, 'infinity')
           AND (cast(:classes AS uuid[]) IS NULL OR r.account_id IN (SELECT t.account_id FROM teaching t)))
    SELECT account_id,
           CASE WHEN count(DISTINCT child_id) = 1 AND count(child_id) = count(*) THEN (array_agg(child_id))[1] END
               AS child_id,
           (array_agg(child_id) FILTER (WHERE is_student))[1] AS student_id
      FROM told WHERE account_id <> :author
     GROUP BY account_id ORDER BY account_id
""")


_TAKE_DUE = text("""
    DELETE FROM announcement_due WHERE announcement_id = ANY (ARRAY (
        SELECT announcement_id FROM announcement_due WHERE due_at <= :now
         ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED))
    RETURNING *
""")


async def named_classes(session: AsyncSession, announcement_id: UUID) -> dict[UUID, str]:
    """The classes that an announcement is for, with their names in order."""
    statement = (
        select(col(SchoolClass.id), func.concat(SchoolClass.grade, SchoolClass.letter))
        .join(AnnouncementClass, col(AnnouncementClass.class_id) == col(SchoolClass.id))
        .where(col(AnnouncementClass.announcement_id) == announcement_id)
        .order_by(col(SchoolClass.grade), col(SchoolClass.letter).collate("C"))
    )
    return {class_id: name for class_id, name in await session.execute(statement)}


async def add_classes(session: AsyncSession, announcement_id: UUID, classes: Collection[UUID]) -> None:
    if classes:
        rows = [{"announcement_id": announcement_id, "class_id": class_id} for class_id in classes]
        await session.execute(insert(AnnouncementClass), rows)


async def of_person(
    session: AsyncSession, account_id: UUID, kind: str | None, after: Cursor | None, size: int, now: datetime
) -> list[dict[str, Any]]:
    """What concerns a person now, newest first."""
    values = {"account": account_id, "now": now, "kind": kind, "size": size} | _place(after)
    return [dict(row) for row in (await session.execute(_OF_PERSON, values)).mappings()]


async def of_school(
    session: AsyncSession,
    school_id: UUID,
    led: Collection[UUID] | None,
    after: Cursor | None,
    size: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """All of a school, planned and expired ones too; with `led` those that are for these classes and no others."""
    values = {
        "now": now, "school": school_id, "whole_school": led is None, "led": sorted(led or ()), "size": size
    }  # fmt: skip
    return [dict(row) for row in (await session.execute(_OF_SCHOOL, values | _place(after))).mappings()]


async def one(session: AsyncSession, announcement_id: UUID, now: datetime) -> dict[str, Any] | None:
    """An announcement that was not taken back, whoever it is for."""
    values = {"id": announcement_id, "now": now}
    row = (await session.execute(_ONE, values)).mappings().first()
    return dict(row) if row else None


async def one_of_person(
    session: AsyncSession, account_id: UUID, announcement_id: UUID, now: datetime
) -> dict[str, Any] | None:
    """An announcement that concerns a person now."""
    values = {"account": account_id, "id": announcement_id, "now": now}
    row = (await session.execute(_ONE_OF_PERSON, values)).mappings().first()
    return dict(row) if row else None


async def announcement_for_update(session: AsyncSession, announcement_id: UUID) -> Announcement | None:
    statement = select(Announcement).where(col(Announcement.id) == announcement_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


class Reader(NamedTuple):
    """Whom an announcement is for: `child_id` of who is told because of one child and nothing else, `student_id` of who
    is told as a student. A plain tuple, for they may be 100,000."""

    account_id: UUID
    child_id: UUID | None
    student_id: UUID | None


async def audience(
    session: AsyncSession, announcement: Announcement, classes: Collection[UUID], today: date
) -> list[Reader]:
    """Whom an announcement is for, but for its author: one an account, in one statement."""
    values = {
        "school": announcement.school_id, "classes": sorted(classes) or None, "today": today,
        "to_parents": announcement.to_parents, "to_students": announcement.to_students,
        "to_staff": announcement.to_staff, "author": announcement.author_id,
    }  # fmt: skip
    return [Reader(*row) for row in await session.execute(_AUDIENCE, values)]


async def hold_due(session: AsyncSession, announcement_id: UUID) -> bool:
    """Whether nobody has been told of it yet; then nobody is until the commit, either."""
    statement = select(AnnouncementDue).where(col(AnnouncementDue.announcement_id) == announcement_id)
    return (await session.execute(statement.with_for_update())).first() is not None


async def drop_due(session: AsyncSession, announcement_id: UUID) -> None:
    await session.execute(delete(AnnouncementDue).where(col(AnnouncementDue.announcement_id) == announcement_id))


async def take_due(session: AsyncSession, now: datetime, limit: int) -> list[AnnouncementDue]:
    """Takes those whose time has come off the queue; others who look at this moment pass them by."""
    rows = await session.execute(_TAKE_DUE, {"now": now, "limit": limit})
    return [AnnouncementDue(**row) for row in rows.mappings()]


async def standing(session: AsyncSession, ids: Collection[UUID]) -> list[Announcement]:
    """Of these announcements, those that were not taken back; the oldest first."""
    found = select(Announcement).where(col(Announcement.id).in_(ids), col(Announcement.taken_back_at).is_(None))
    return list((await session.execute(found.order_by(col(Announcement.publish_at)))).scalars())


def _place(after: Cursor | None) -> dict[str, Any]:
    return {"after_at": after and after.published_at, "after_id": after and after.id}
