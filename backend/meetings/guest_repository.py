"""The SQL of who is invited to a meeting, what they have answered, and when they are reminded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.identity.roster import add_rows
from backend.meetings.models import (
    Meeting,
    MeetingAnswer,
    MeetingClass,
    MeetingReminder,
    MeetingStaff,
    MeetingStudent,
)


@dataclass(frozen=True)
class Place:
    """Where a meeting is called: the name of its class, or an empty text, and the school's clock."""

    class_name: str
    timezone: str


_PLACE = text("""
    SELECT coalesce(c.grade || c.letter, '') AS class_name, s.timezone
      FROM meeting m JOIN school s ON s.id = m.school_id LEFT JOIN school_class c ON c.id = m.class_id
     WHERE m.id = :meeting
""")
_STUDENTS = text("""
    SELECT DISTINCT q.student_id FROM meeting_guest q WHERE q.meeting_id = :meeting AND :day BETWEEN q.starts AND q.ends
""")
# By role and not by the rows of `meeting_staff` alone: who has left the school is told no more.
_STAFF = text("""
    SELECT t.account_id FROM meeting_staff t
     WHERE t.meeting_id = :meeting AND works_at(t.account_id, t.school_id, :today) ORDER BY 1
""")
_PEOPLE = text("""
    SELECT p.id AS account_id, concat_ws(' ', p.family_name, p.given_name, p.patronymic) AS name,
           bool_or(asked.child IS NULL) AS staff,
           array_remove(array_agg(DISTINCT asked.child), NULL) AS children,
           a.coming, a.answered_at
      FROM (SELECT g.account_id, concat_ws(' ', st.family_name, st.given_name) AS child
              FROM meeting_guest q
              JOIN student st ON st.id = q.student_id AND st.left_on IS NULL
              JOIN guardianship g ON g.student_id = st.id AND g.may_view
               AND cast(:today AS date) BETWEEN g.starts AND coalesce(g.ends, 'infinity')
             WHERE q.meeting_id = :meeting AND :day BETWEEN q.starts AND q.ends
            UNION ALL
            SELECT t.account_id, NULL FROM meeting_staff t
             WHERE t.meeting_id = :meeting AND works_at(t.account_id, t.school_id, :today)) AS asked
      JOIN account p ON p.id = asked.account_id
      LEFT JOIN meeting_answer a ON a.meeting_id = :meeting AND a.account_id = p.id
     GROUP BY p.id, a.coming, a.answered_at
     ORDER BY translate(lower(p.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", lower(p.given_name), p.id
""")
_COLLEAGUES = text("""
    SELECT p FROM unnest(cast(:wanted AS uuid[])) AS p WHERE works_at(p, :school, :today)
""")
_PUPILS = text("""
    SELECT e.student_id FROM enrolment e JOIN student st ON st.id = e.student_id AND st.left_on IS NULL
     WHERE e.student_id = ANY (:wanted) AND e.school_id = :school
       AND cast(:today AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
""")
# The meeting is locked as well: one that is being moved or cancelled is left for the next look.
_TAKE_REMINDERS = text("""
    WITH due AS (
        SELECT r.meeting_id, r.hours_before FROM meeting_reminder r JOIN meeting m ON m.id = r.meeting_id
         WHERE r.due_at <= :now ORDER BY r.due_at LIMIT :limit FOR NO KEY UPDATE OF m, r SKIP LOCKED)
    DELETE FROM meeting_reminder r USING due
     WHERE r.meeting_id = due.meeting_id AND r.hours_before = due.hours_before
    RETURNING r.*
""")


async def place_of(session: AsyncSession, meeting_id: UUID) -> Place:
    row = (await session.execute(_PLACE, {"meeting": meeting_id})).mappings().one()
    return Place(**row)


async def invited_students(session: AsyncSession, meeting_id: UUID, day: date) -> list[UUID]:
    """The students whose families are invited, as things stand on a day."""
    return sorted((await session.execute(_STUDENTS, {"meeting": meeting_id, "day": day})).scalars())


async def invited_staff(session: AsyncSession, meeting_id: UUID, today: date) -> list[UUID]:
    return list((await session.execute(_STAFF, {"meeting": meeting_id, "today": today})).scalars())


async def people(session: AsyncSession, meeting_id: UUID, day: date, today: date) -> list[dict[str, Any]]:
    """Whose answers are waited for, with what they have answered, in the order of a Russian list."""
    values = {"meeting": meeting_id, "day": day, "today": today}
    return [dict(row) for row in (await session.execute(_PEOPLE, values)).mappings()]


async def unwilling(session: AsyncSession, meeting_id: UUID) -> set[UUID]:
    """Who has said no."""
    statement = select(col(MeetingAnswer.account_id)).where(
        col(MeetingAnswer.meeting_id) == meeting_id, col(MeetingAnswer.coming).is_(False)
    )
    return set((await session.execute(statement)).scalars())


async def colleagues(session: AsyncSession, school_id: UUID, wanted: Collection[UUID], today: date) -> set[UUID]:
    """Of these people, those who work at the school."""
    values = {"wanted": list(wanted), "school": school_id, "today": today}
    return set((await session.execute(_COLLEAGUES, values)).scalars())


async def pupils(session: AsyncSession, school_id: UUID, wanted: Collection[UUID], today: date) -> set[UUID]:
    """Of these students, those in a class of the school."""
    values = {"wanted": list(wanted), "school": school_id, "today": today}
    return set((await session.execute(_PUPILS, values)).scalars())


async def invite(
    session: AsyncSession, meeting: Meeting, classes: Collection[UUID], students: Collection[UUID],
    staff: Collection[UUID],
) -> None:  # fmt: skip
    base = {"meeting_id": meeting.id, "school_id": meeting.school_id}
    await add_rows(session, MeetingClass, [base | {"class_id": one} for one in classes])
    await add_rows(session, MeetingStudent, [base | {"student_id": one} for one in students])
    await add_rows(session, MeetingStaff, [base | {"account_id": one} for one in staff])


async def write_answer(session: AsyncSession, meeting: Meeting, account_id: UUID, coming: bool, now: datetime) -> None:
    row = {
        "meeting_id": meeting.id, "account_id": account_id, "school_id": meeting.school_id, "coming": coming,
        "answered_at": now,
    }  # fmt: skip
    said = {"coming": coming, "answered_at": now}
    statement = insert(MeetingAnswer).values(row)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["meeting_id", "account_id"], set_=said,
            where=col(MeetingAnswer.coming) != coming,
        )
    )  # fmt: skip


async def plan_reminders(session: AsyncSession, meeting: Meeting, due: dict[int, datetime]) -> None:
    """Plans these reminders of a meeting, and no others."""
    await session.execute(delete(MeetingReminder).where(col(MeetingReminder.meeting_id) == meeting.id))
    await add_reminders(session, meeting, due)


async def add_reminders(session: AsyncSession, meeting: Meeting, due: dict[int, datetime]) -> None:
    """Hours before -> when it is due."""
    base = {"meeting_id": meeting.id, "school_id": meeting.school_id}
    rows = [base | {"hours_before": hours, "due_at": due_at} for hours, due_at in due.items()]
    await add_rows(session, MeetingReminder, rows)


async def take_reminders(session: AsyncSession, now: datetime, limit: int) -> list[MeetingReminder]:
    """Reminders that are due, which leave the queue; their meetings are locked."""
    rows = await session.execute(_TAKE_REMINDERS, {"now": now, "limit": limit})
    return [MeetingReminder(**row) for row in rows.mappings()]


async def meetings(session: AsyncSession, ids: Collection[UUID]) -> list[Meeting]:
    statement = select(Meeting).where(col(Meeting.id).in_(ids)).order_by(col(Meeting.id))
    return list((await session.execute(statement)).scalars())
