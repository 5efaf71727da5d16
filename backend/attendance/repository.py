"""The SQL of attendance, and the reads that it publishes. Notices: `notice_repository.py`."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, column, delete, func, insert, select, text, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.attendance.models import (
    AttendanceCheck,
    AttendanceDue,
    AttendanceSetting,
    AttendanceSymbol,
    AttendanceVersion,
    ExcuseVersion,
)
from backend.attendance.rules import SYMBOLS
from backend.core.reads import Read, Whose
from backend.identity.roster import add_rows
from backend.timetable.models import Lesson
from schemas import attendance as wire

Moment = datetime | ColumnElement[datetime]

_MISSED = text("""
    SELECT n.lesson_id, l.day, l.number, l.subject_id, s.name AS subject, n.code AS fact,
           excused.code, n.symbol, n.minutes, n.counts
      FROM (SELECT DISTINCT ON (v.lesson_id) v.* FROM attendance_version v
             WHERE v.student_id = :child AND v.visible_from <= :now ORDER BY v.lesson_id, v.version DESC) AS n
      JOIN lesson l ON l.id = n.lesson_id AND l.day BETWEEN :first AND :last
      JOIN subject s ON s.id = l.subject_id
      CROSS JOIN LATERAL code_with_excuse(n.code, n.student_id, l.day, l.number) AS excused
     WHERE n.code <> 'present'
     ORDER BY l.starts_at, l.id
""")
_TAKE_DUE = text("""
    WITH due AS MATERIALIZED (
        SELECT lesson_id, student_id FROM attendance_due WHERE due_at <= :now
         ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    DELETE FROM attendance_due d USING due WHERE (d.lesson_id, d.student_id) = (due.lesson_id, due.student_id)
    RETURNING d.*
""")
_CODES = text("""
    SELECT n.student_id, excused.code, n.minutes
      FROM (SELECT DISTINCT ON (student_id) * FROM attendance_version
             WHERE lesson_id = :lesson AND student_id = ANY (:students) ORDER BY student_id, version DESC) AS n
      JOIN lesson l ON l.id = n.lesson_id
      CROSS JOIN LATERAL code_with_excuse(n.code, n.student_id, l.day, l.number) AS excused
""")
_EXPLAINED = text("""
    SELECT student_id FROM lesson l
     CROSS JOIN unnest(cast(:students AS uuid[])) AS student_id
     CROSS JOIN LATERAL code_with_excuse('absent', student_id, l.day, l.number) AS excused
     WHERE l.id = :lesson AND excused.code = 'excused'
""")
_BOARD = text("""
    SELECT l.number, n.student_id, n.code, n.minutes, l.id AS lesson_id
      FROM lesson l
      JOIN attendance_check c ON c.lesson_id = l.id
      JOIN membership m ON m.group_id = l.group_id AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
      LEFT JOIN LATERAL (SELECT v.code, v.minutes, v.student_id FROM attendance_version v
                          WHERE v.lesson_id = l.id AND v.student_id = m.student_id
                          ORDER BY v.version DESC LIMIT 1) AS noted ON true
     CROSS JOIN LATERAL (SELECT m.student_id, coalesce(noted.code, 'present') AS code, noted.minutes) AS n
     WHERE l.day = :day AND l.state = 'planned' AND m.student_id = ANY (:students)
     ORDER BY n.student_id, l.starts_at
""")


def codes_of_child(child: Whose, lessons: "Select[UUID]", now: Moment) -> Read:
    """Published read: the child's codes of some lessons as families see them, excuses counted in, `present` left
    out."""
    mine = (
        col(AttendanceVersion.student_id) == child,
        col(AttendanceVersion.lesson_id).in_(lessons),
        col(AttendanceVersion.visible_from) <= now,
    )
    newest = _newest().where(*mine).subquery()
    fact = (newest.c.code, newest.c.student_id, col(Lesson.day), col(Lesson.number))
    excused = func.code_with_excuse(*fact).table_valued(column("code", String)).lateral()
    return (
        select(newest.c.lesson_id, excused.c.code, newest.c.minutes, newest.c.symbol)
        .join(Lesson, col(Lesson.id) == newest.c.lesson_id)
        .join(excused, true())
        .where(newest.c.code != "present")
    )


def checked_lessons() -> Select[UUID]:
    """Published read: lessons whose list the teacher has gone through."""
    return select(col(AttendanceCheck.lesson_id))


def lessons_with_codes() -> Select[UUID]:
    """Published read: lessons in which some code was ever recorded, by another journal also without a list."""
    return select(col(AttendanceVersion.lesson_id))


def students_with_codes(students: Collection[UUID], lessons: "Select[UUID]") -> Select[UUID]:
    """Published read: of these students, those for whom a code was ever recorded in the lessons."""
    return select(col(AttendanceVersion.student_id)).where(
        col(AttendanceVersion.student_id).in_(students), col(AttendanceVersion.lesson_id).in_(lessons)
    )


async def codes_of_lesson(session: AsyncSession, lesson_id: UUID) -> list[dict[str, Any]]:
    """The facts of a lesson as they stand."""
    return await codes_of_lessons(session, [lesson_id])


async def codes_of_lessons(session: AsyncSession, lessons: Collection[UUID]) -> list[dict[str, Any]]:
    """Published read: the facts of some lessons as they stand, `present` too."""
    rows = await session.execute(_newest().where(col(AttendanceVersion.lesson_id).in_(lessons)))
    return [dict(row) for row in rows.mappings()]


async def excused_codes(
    session: AsyncSession, lesson_id: UUID, students: Sequence[UUID]
) -> dict[UUID, tuple[str, int | None]]:
    """(code with the excuse, minutes) of students in a lesson, by student."""
    rows = await session.execute(_CODES, {"lesson": lesson_id, "students": list(students)})
    return {student: (code, minutes) for student, code, minutes in rows}


async def explained(session: AsyncSession, lesson_id: UUID, students: Sequence[UUID]) -> set[UUID]:
    """Of these students, those who would be excused if nothing but their absence was noted."""
    rows = await session.execute(_EXPLAINED, {"lesson": lesson_id, "students": list(students)})
    return set(rows.scalars())


async def missed_lessons(
    session: AsyncSession, child_id: UUID, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """What was noted about a child, as families see it."""
    values = {"child": child_id, "first": first, "last": last, "now": now}
    return [dict(row) for row in (await session.execute(_MISSED, values)).mappings()]


async def board(session: AsyncSession, students: Sequence[UUID], day: date) -> list[dict[str, Any]]:
    """(student, lesson number, code, minutes) of the lists that were gone through, each student's lessons in order."""
    rows = await session.execute(_BOARD, {"students": list(students), "day": day})
    return [dict(row) for row in rows.mappings()]


async def check_lesson(
    session: AsyncSession, lesson_id: UUID, school_id: UUID, author: UUID, now: datetime
) -> datetime:
    """Notes that the list was gone through; locks the lesson's list for this transaction. Returns when first."""
    values = {"lesson_id": lesson_id, "school_id": school_id, "checked_by": author, "checked_at": now}
    statement = upsert(AttendanceCheck).values(values)
    statement = statement.on_conflict_do_update(index_elements=["lesson_id"], set_={"school_id": school_id})
    return (await session.execute(statement.returning(col(AttendanceCheck.checked_at)))).scalar_one()


async def note_checked(session: AsyncSession, school_id: UUID, lessons: Collection[UUID], now: datetime) -> set[UUID]:
    """Published: notes, as the system, that the lists of these lessons were gone through. Returns of which it was not
    known."""
    if not lessons:
        return set()
    rows = [{"lesson_id": lesson, "school_id": school_id, "checked_at": now} for lesson in sorted(lessons)]
    statement = upsert(AttendanceCheck).values(rows).on_conflict_do_nothing().returning(col(AttendanceCheck.lesson_id))
    return set((await session.execute(statement)).scalars())


async def is_checked(session: AsyncSession, lesson_id: UUID) -> bool:
    return await session.get(AttendanceCheck, lesson_id) is not None


async def append_versions(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    await add_rows(session, AttendanceVersion, rows)


async def take_waiting(session: AsyncSession, lesson_id: UUID, students: Sequence[UUID]) -> dict[UUID, str | None]:
    """Takes what families have not been told of yet out of the queue: what they knew before, by student."""
    mine = (col(AttendanceDue.lesson_id) == lesson_id, col(AttendanceDue.student_id).in_(students))
    statement = delete(AttendanceDue).where(*mine).returning(col(AttendanceDue.student_id), col(AttendanceDue.told))
    return {student: told for student, told in await session.execute(statement)}


async def put_waiting(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(upsert(AttendanceDue).on_conflict_do_nothing(), rows)


async def take_due(session: AsyncSession, now: datetime, limit: int) -> list[AttendanceDue]:
    """Takes out of the queue whose delay is over."""
    rows = await session.execute(_TAKE_DUE, {"now": now, "limit": limit})
    return [AttendanceDue(**row) for row in rows.mappings()]


async def delay(session: AsyncSession, school_id: UUID) -> int:
    """Minutes in which a slip may be put right before families hear of it."""
    return (await setting(session, school_id)).delay_minutes


async def setting(session: AsyncSession, school_id: UUID) -> AttendanceSetting:
    """What a school has set, or the defaults."""
    return await session.get(AttendanceSetting, school_id) or AttendanceSetting(school_id=school_id)


async def change_setting(session: AsyncSession, school_id: UUID, values: dict[str, int]) -> None:
    """Sets some of a school's settings; the rest stays."""
    named = {"school_id": school_id, **values}
    statement = upsert(AttendanceSetting).values(named)
    await session.execute(statement.on_conflict_do_update(index_elements=["school_id"], set_=named))


async def symbols(session: AsyncSession, school_id: UUID) -> list[wire.AttendanceSymbol]:
    """How the school writes what happened."""
    statement = select(AttendanceSymbol).where(col(AttendanceSymbol.school_id) == school_id)
    rows = (await session.execute(statement.order_by(col(AttendanceSymbol.position)))).scalars().all()
    own = [
        wire.AttendanceSymbol(symbol=row.symbol, code=row.code, name=row.name, counts=row.counts)  # type: ignore[arg-type]
        for row in rows
    ]
    return own or list(SYMBOLS)


async def replace_symbols(session: AsyncSession, school_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(delete(AttendanceSymbol).where(col(AttendanceSymbol.school_id) == school_id))
    await add_rows(session, AttendanceSymbol, rows)


async def excuses(session: AsyncSession, child_id: UUID, first: date, last: date) -> list[ExcuseVersion]:
    """The newest excuse of each day that has one, by day."""
    statement = (
        select(ExcuseVersion)
        .ext(distinct_on(col(ExcuseVersion.day)))
        .where(col(ExcuseVersion.student_id) == child_id, col(ExcuseVersion.day).between(first, last))
        .order_by(col(ExcuseVersion.day), col(ExcuseVersion.version).desc())
    )
    return list((await session.execute(statement)).scalars())


async def append_excuses(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(insert(ExcuseVersion), list(rows))


def _newest() -> Read:
    key = (col(AttendanceVersion.lesson_id), col(AttendanceVersion.student_id))
    return (
        select(
            *key,
            col(AttendanceVersion.code),
            col(AttendanceVersion.symbol),
            col(AttendanceVersion.minutes),
            col(AttendanceVersion.version),
            col(AttendanceVersion.visible_from),
        )
        .ext(distinct_on(*key))
        .order_by(*key, col(AttendanceVersion.version).desc())
    )
