"""Works as another journal sends them: many in a few statements. Its marks go through `marks.append_all`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.versions import touch
from backend.journal import repository, rules
from backend.journal.models import Work
from backend.journal.service import new_work
from backend.timetable.repository import LessonInSchool
from schemas.journal import GiveWork


async def works(session: AsyncSession, ids: Sequence[UUID], school_id: UUID) -> list[Work]:
    """Published read: those of these works that are the school's, locked in the order of all who write marks."""
    return [work for work in await repository.works_for_update(session, ids) if work.school_id == school_id]


async def add_works(
    session: AsyncSession,
    school_id: UUID,
    wishes: Sequence[tuple[LessonInSchool, UUID | None, GiveWork]],
    now: datetime,
) -> list[Work]:
    """Gives works, each at a lesson of the school and by an author (None: the system)."""
    weights = await repository.weights(session, school_id)
    fresh = [new_work(lesson, author, wish, weights, now) for lesson, author, wish in wishes]
    session.add_all(fresh)
    await session.flush()
    return fresh


def differs(work: Work, wish: GiveWork) -> bool:
    """Whether the wish changes the work."""
    return _shape(work) != _shape(wish)


async def marked(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Published read: (work -> students) who have, or had, a mark in these works."""
    found: dict[UUID, set[UUID]] = {}
    for row in await repository.marks_of_works(session, ids):
        found.setdefault(row["work_id"], set()).add(row["student_id"])
    return found


async def closed(session: AsyncSession, works: Sequence[Work], students: dict[UUID, set[UUID]]) -> set[UUID]:
    """Those of the works in which some of their students' periods are closed: what counts there is settled."""
    wanted: set[tuple[UUID, date]] = {(student, work.day) for work in works for student in students.get(work.id, ())}
    shut = await repository.closed_on(session, wanted)
    return {work.id for work in works for student in students.get(work.id, ()) if (student, work.day) in shut}


async def change_works(
    session: AsyncSession, changes: Sequence[tuple[Work, GiveWork]], students: dict[UUID, set[UUID]]
) -> None:
    """Changes works that are held; `students` are those with marks in them, whose averages may move."""
    if not changes:
        return
    weights = await repository.weights(session, changes[0][0].school_id)
    for work, wish in changes:
        if work.kind != wish.kind:
            work.weight = rules.weight_of(wish.kind, weights)
        work.kind, work.topic, work.counted, work.publish_at = _shape(wish)
        touch(session, students.get(work.id, ()))
    await session.flush()


async def remove_works(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Removes works that are held and have never had a mark."""
    await session.execute(delete(Work).where(col(Work.id).in_(ids)))


def _shape(work: Work | GiveWork) -> tuple[Any, ...]:
    return work.kind, work.topic, work.counted, work.publish_at
