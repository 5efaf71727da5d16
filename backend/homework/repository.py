"""The SQL of homework, and the read that it publishes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.reads import Day, Read, Whose
from backend.files.models import StoredFile
from backend.homework.models import Homework, HomeworkDone, HomeworkStudent
from backend.identity.roster import add_rows
from backend.school.models import Membership, Subject

# The owner kind of its files.
FILES = "homework"
STANDING = col(Homework.removed_at).is_(None)

# One row a student who has lessons tomorrow or something to hand in: all of a school in one statement.
_EVENING = text("""
    WITH people AS MATERIALIZED (
        SELECT st.id, st.account_id FROM student st
         WHERE st.school_id = :school_id AND st.account_id IS NOT NULL AND st.left_on IS NULL
           AND NOT EXISTS (
               SELECT FROM calendar_span q
                WHERE q.school_id = :school_id AND q.kind = 'quiet' AND :today BETWEEN q.starts AND q.ends
                  AND (q.class_id IS NULL OR EXISTS (
                       SELECT FROM enrolment e WHERE e.student_id = st.id AND e.class_id = q.class_id
                          AND :today BETWEEN e.starts AND coalesce(e.ends, 'infinity'))))),
    lessons AS MATERIALIZED (
        SELECT m.student_id, l.starts_at, l.state, s.name AS subject,
               -- Not for a note, nor where all is again as the week says; a move within the day is one change.
               l.changed AND CASE
                   WHEN l.state = 'cancelled' THEN NOT EXISTS (
                        SELECT FROM lesson n WHERE n.id = l.moved_to AND n.day = l.day AND n.state = 'planned')
                   WHEN l.weekly_id IS NULL THEN
                        EXISTS (SELECT FROM lesson old WHERE old.moved_to = l.id)
                        OR EXISTS (SELECT FROM lesson_change c
                                    WHERE c.lesson_id = l.id AND c.change NOT IN ('note', 'restored'))
                   ELSE l.replaces_teacher_id IS NOT NULL OR l.replaces_subject_id IS NOT NULL OR l.remote
                        OR l.room IS DISTINCT FROM (SELECT w.room FROM weekly_lesson w WHERE w.id = l.weekly_id)
               END AS changed
          FROM lesson l
          JOIN membership m ON m.group_id = l.group_id AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
          JOIN subject s ON s.id = l.subject_id
         WHERE l.school_id = :school_id AND l.day = :tomorrow),
    firsts AS (
        SELECT DISTINCT ON (student_id) student_id, starts_at, subject FROM lessons WHERE state = 'planned'
         ORDER BY student_id, starts_at),
    changes AS (SELECT student_id, count(*) AS number FROM lessons WHERE changed GROUP BY student_id),
    undone AS (
        SELECT m.student_id, array_agg(DISTINCT s.name) AS subjects
          FROM homework h
          JOIN membership m ON m.group_id = h.group_id AND h.due_on BETWEEN m.starts AND coalesce(m.ends, 'infinity')
          JOIN subject s ON s.id = h.subject_id
         WHERE h.school_id = :school_id AND h.due_on = :tomorrow AND h.removed_at IS NULL
           AND (NOT h.individual OR EXISTS (SELECT FROM homework_student hs
                                             WHERE hs.homework_id = h.id AND hs.student_id = m.student_id))
           AND NOT EXISTS (SELECT FROM homework_done d WHERE d.homework_id = h.id AND d.student_id = m.student_id)
         GROUP BY m.student_id)
    SELECT p.id AS student_id, p.account_id, f.starts_at, f.subject, coalesce(c.number, 0) AS changes,
           coalesce(u.subjects, '{}') AS undone
      FROM people p
      LEFT JOIN firsts f ON f.student_id = p.id
      LEFT JOIN changes c ON c.student_id = p.id
      LEFT JOIN undone u ON u.student_id = p.id
     WHERE f.student_id IS NOT NULL OR c.student_id IS NOT NULL OR u.student_id IS NOT NULL
     ORDER BY p.id
""")
_QUIET = text("""
    SELECT e.student_id FROM enrolment e
     WHERE e.student_id = ANY (:students) AND cast(:day AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
       AND EXISTS (SELECT FROM calendar_span q
                    WHERE q.school_id = e.school_id AND q.kind = 'quiet'
                      AND cast(:day AS date) BETWEEN q.starts AND q.ends
                      AND (q.class_id IS NULL OR q.class_id = e.class_id))
""")
_IS_FOR = """
    h.removed_at IS NULL AND (NOT h.individual OR EXISTS (
        SELECT FROM homework_student hs WHERE hs.homework_id = h.id AND hs.student_id = m.student_id))
"""
_IS_OF_CHILD = text(f"""
    SELECT EXISTS (
        SELECT FROM homework h
          JOIN membership m ON m.group_id = h.group_id AND h.due_on BETWEEN m.starts AND coalesce(m.ends, 'infinity')
         WHERE h.id = :homework AND m.student_id = :child AND {_IS_FOR})
""")
_IS_SEEN_BY = text(f"""
    SELECT EXISTS (
        SELECT FROM homework h
          JOIN membership m ON m.group_id = h.group_id AND h.due_on BETWEEN m.starts AND coalesce(m.ends, 'infinity')
         CROSS JOIN LATERAL child_access(:account, m.student_id, :now) AS c
         WHERE h.id = :homework AND (c.is_self OR c.may_view OR c.leads OR c.directs) AND {_IS_FOR})
""")


@dataclass(frozen=True)
class Around:
    """What stands around a homework: to whom it was given, if not to all, and how many have ticked it."""

    students: list[UUID] = field(default_factory=list)
    done: int = 0


def homework_of_child(child: Whose, first: Day, last: Day) -> Read:
    """Published read: what a child has to do for some days, with its files as JSON and whether it is ticked."""
    given = exists().where(
        col(HomeworkStudent.homework_id) == col(Homework.id), col(HomeworkStudent.student_id) == child
    )
    ticked = exists().where(col(HomeworkDone.homework_id) == col(Homework.id), col(HomeworkDone.student_id) == child)
    return (
        select(
            col(Homework.id),
            col(Homework.subject_id),
            col(Subject.name).label("subject"),
            col(Homework.due_on),
            col(Homework.body).label("text"),
            col(Homework.mandatory),
            col(Homework.minutes),
            col(Homework.links),
            _files(),
            col(Homework.individual),
            ticked.label("done"),
            col(Homework.created_at),
            col(Homework.edited_at),
        )
        .join(Membership, col(Membership.group_id) == col(Homework.group_id))
        .join(Subject, col(Subject.id) == col(Homework.subject_id))
        .where(
            col(Homework.due_on).between(first, last),
            STANDING,
            or_(~col(Homework.individual), given),
            col(Membership.student_id) == child,
            col(Membership.starts) <= col(Homework.due_on),
            or_(col(Membership.ends).is_(None), col(Membership.ends) >= col(Homework.due_on)),
        )
    )


def _files() -> ColumnElement[Any]:
    file = func.json_build_object(
        literal_column("'id'"), col(StoredFile.id), literal_column("'name'"), col(StoredFile.name),
        literal_column("'mediaType'"), col(StoredFile.media_type), literal_column("'size'"), col(StoredFile.size),
    )  # fmt: skip
    attached = select(func.json_agg(aggregate_order_by(file, col(StoredFile.position)))).where(
        col(StoredFile.owner_id) == col(Homework.id), col(StoredFile.owner_kind) == literal_column(f"'{FILES}'")
    )
    return func.coalesce(attached.scalar_subquery(), literal_column("'[]'::json")).label("files")


async def homework_of_lesson(session: AsyncSession, lesson_id: UUID) -> list[Homework]:
    statement = select(Homework).where(col(Homework.lesson_id) == lesson_id, STANDING).order_by(col(Homework.id))
    return list((await session.execute(statement)).scalars())


async def around(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Around]:
    """Published read: what stands around some homework, in one statement."""
    students = (
        select(func.array_agg(col(HomeworkStudent.student_id)))
        .where(col(HomeworkStudent.homework_id) == col(Homework.id))
        .scalar_subquery()
    )
    done = select(func.count()).where(col(HomeworkDone.homework_id) == col(Homework.id)).scalar_subquery()
    rows = await session.execute(select(col(Homework.id), students, done).where(col(Homework.id).in_(ids)))
    return {row[0]: Around(row[1] or [], row[2]) for row in rows}


async def of_child(session: AsyncSession, child_id: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """What a child has to do for some days, by day."""
    rows = await session.execute(
        homework_of_child(child_id, first, last).order_by(col(Homework.due_on), col(Homework.id))
    )
    return [dict(row) for row in rows.mappings()]


async def to_change(session: AsyncSession, homework_id: UUID) -> Homework | None:
    """A homework that stands, locked until the commit."""
    statement = select(Homework).where(col(Homework.id) == homework_id, STANDING).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def lesson_of(session: AsyncSession, homework_id: UUID) -> UUID | None:
    """The lesson of a homework that stands."""
    statement = select(col(Homework.lesson_id)).where(col(Homework.id) == homework_id, STANDING)
    return (await session.execute(statement)).scalar_one_or_none()


async def give_to(session: AsyncSession, homework: Homework, students: Sequence[UUID]) -> None:
    rows = [
        {"homework_id": homework.id, "student_id": student, "school_id": homework.school_id} for student in students
    ]
    await add_rows(session, HomeworkStudent, rows)


async def is_of_child(session: AsyncSession, homework_id: UUID, child_id: UUID) -> bool:
    """Whether a homework that stands was given to a child."""
    return bool((await session.execute(_IS_OF_CHILD, {"homework": homework_id, "child": child_id})).scalar())


async def is_seen_by(session: AsyncSession, homework_id: UUID, account_id: UUID, now: datetime) -> bool:
    """Whether somebody sees a homework in the diary of a child."""
    values = {"homework": homework_id, "account": account_id, "now": now}
    return bool((await session.execute(_IS_SEEN_BY, values)).scalar())


async def tick(session: AsyncSession, homework_id: UUID, student: UUID, school_id: UUID, now: datetime) -> None:
    values = {"homework_id": homework_id, "student_id": student, "school_id": school_id, "done_at": now}
    await session.execute(upsert(HomeworkDone).values(values).on_conflict_do_nothing())


async def untick(session: AsyncSession, homework_id: UUID, student: UUID) -> None:
    mine = (col(HomeworkDone.homework_id) == homework_id, col(HomeworkDone.student_id) == student)
    await session.execute(delete(HomeworkDone).where(*mine))


async def evening(session: AsyncSession, school_id: UUID, today: date, tomorrow: date) -> list[dict[str, Any]]:
    """What a school's students have before them tomorrow; those who have nothing, or a quiet day, are left out."""
    values = {"school_id": school_id, "today": today, "tomorrow": tomorrow}
    return [dict(row) for row in (await session.execute(_EVENING, values)).mappings()]


async def who_has_quiet(session: AsyncSession, students: Collection[UUID], day: date) -> set[UUID]:
    """Of these students, those to whom nothing is said of homework on a day."""
    return set((await session.execute(_QUIET, {"students": list(students), "day": day})).scalars())
