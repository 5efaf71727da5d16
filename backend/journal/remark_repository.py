"""The SQL of remarks and behaviour, and the read that it publishes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.reads import Day, Read, Whose
from backend.journal.models import BehaviourVersion, Remark
from backend.school.models import Subject
from backend.timetable.models import Lesson

# With what the caller has said of it as a guardian, and nobody else.
_SHOWN = """
    SELECT r.id, r.student_id, r.lesson_id, s.name AS subject, r.day, r.kind, r.body AS text,
           concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS author, r.given_at,
           own.acknowledged_at, own.body AS answer
      FROM remark r
      JOIN account a ON a.id = r.author_id
      LEFT JOIN lesson l ON l.id = r.lesson_id
      LEFT JOIN subject s ON s.id = l.subject_id
      LEFT JOIN remark_answer own ON own.remark_id = r.id AND own.account_id = :account
     WHERE r.taken_back_at IS NULL
"""
_LISTED = text(f"{_SHOWN} AND r.student_id = :child AND r.day BETWEEN :first AND :last ORDER BY r.id DESC")
_ONE = text(f"{_SHOWN} AND r.id = :remark")
_ANSWERS = text("""
    SELECT w.remark_id, concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS name, w.acknowledged_at,
           w.body AS text, w.answered_at
      FROM remark_answer w JOIN account a ON a.id = w.account_id
     WHERE w.remark_id = ANY (:remarks) ORDER BY w.acknowledged_at, w.account_id
""")
_BEHAVIOUR = text("""
    SELECT DISTINCT ON (student_id, week) student_id, week, version, value, comment FROM behaviour_version
     WHERE student_id = ANY (:students) AND week BETWEEN :first AND :last
     ORDER BY student_id, week, version DESC
""")


def remarks_of_child(child: Whose, first: Day, last: Day) -> Read:
    """Published read: what was said of a child on some days."""
    return (
        select(
            col(Remark.id), col(Remark.day), col(Remark.kind), col(Remark.body).label("text"),
            col(Subject.name).label("subject"),
        )
        .outerjoin(Lesson, col(Lesson.id) == col(Remark.lesson_id))
        .outerjoin(Subject, col(Subject.id) == col(Lesson.subject_id))
        .where(
            col(Remark.student_id) == child, col(Remark.day).between(first, last), col(Remark.taken_back_at).is_(None)
        )
    )  # fmt: skip


async def remarks(
    session: AsyncSession, account_id: UUID, child_id: UUID, first: date, last: date
) -> list[dict[str, Any]]:
    """What was said of a child on some days, as an account sees it."""
    values = {"account": account_id, "child": child_id, "first": first, "last": last}
    return [dict(row) for row in (await session.execute(_LISTED, values)).mappings()]


async def remark(session: AsyncSession, account_id: UUID, remark_id: UUID) -> dict[str, Any] | None:
    """A remark that was not taken back, as an account sees it."""
    row = (await session.execute(_ONE, {"account": account_id, "remark": remark_id})).mappings().first()
    return dict(row) if row else None


async def answers(session: AsyncSession, remarks: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """What guardians have said of each of some remarks."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in (await session.execute(_ANSWERS, {"remarks": list(remarks)})).mappings():
        values = dict(row)
        found[values.pop("remark_id")].append(values)
    return found


async def remark_for_update(session: AsyncSession, remark_id: UUID) -> Remark | None:
    statement = select(Remark).where(col(Remark.id) == remark_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def behaviour(session: AsyncSession, students: Sequence[UUID], first: date, last: date) -> list[dict[str, Any]]:
    """The newest version of each student's weeks that begin within some days."""
    values = {"students": list(students), "first": first, "last": last}
    return [dict(row) for row in (await session.execute(_BEHAVIOUR, values)).mappings()]


async def append_behaviour(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(insert(BehaviourVersion), list(rows))
