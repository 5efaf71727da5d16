"""What time brings: marks that families may see now, dots whose term nears or is over. Each is safe to run twice."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.core.clock import school_date
from backend.core.queues import work_off
from backend.core.versions import touch
from backend.journal import repository, telling
from backend.journal.models import MarkDue, MarkVersion, Work
from backend.journal.rules import DOT, Dot
from backend.journal.telling import Change
from backend.timetable import repository as timetable
from backend.timetable.hearers import Hearer, hearers
from backend.timetable.repository import LessonInSchool
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import DotDue, Target

AT_ONCE = 500
MOST_REMINDED = 20_000
REMINDED_BEFORE = timedelta(days=2)

_TAKE_DUE = text("""
    WITH due AS MATERIALIZED (
        SELECT work_id, student_id, slot FROM mark_due WHERE due_at <= :now
         ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    DELETE FROM mark_due d USING due
     WHERE (d.work_id, d.student_id, d.slot) = (due.work_id, due.student_id, due.slot)
    RETURNING d.*
""")


async def tell_due_marks(session: AsyncSession, now: datetime) -> int:
    """Tells of marks whose delay or publication is over, as they stand now. Returns how many were looked at."""
    taken = await session.execute(_TAKE_DUE, {"now": now, "limit": AT_ONCE})
    due = [MarkDue(**row) for row in taken.mappings()]
    await work_off(session, due, now, lambda some: _tell(session, some, now))
    return len(due)


async def _tell(session: AsyncSession, due: Sequence[MarkDue], now: datetime) -> None:
    for work, of_work in await _by_work(session, due):
        lesson = await timetable.lesson(session, work.lesson_id)
        if lesson is None:
            continue
        standing = await repository.standing_marks(session, [work.id], [row.student_id for row in of_work])
        changes = []
        for row in of_work:
            stands = standing.get((work.id, row.student_id, row.slot))
            if stands is None:  # destroyed meanwhile
                continue
            changes.append(
                Change(
                    lesson=lesson, work=work, student_id=row.student_id, slot=row.slot, old=row.told,
                    value=stands["value"], due_on=stands["due_on"], visible_from=stands["visible_from"],
                    old_due_on=row.told_due_on,
                )
            )  # fmt: skip
        touch(session, (row.student_id for row in of_work))
        await telling.tell(session, changes, school_date(now, lesson.timezone), now)


async def resolve_dots(session: AsyncSession, school_id: UUID, today: date, now: datetime) -> int:
    """Dots whose term is over disappear. Returns how many."""
    over = (col(MarkVersion.school_id) == school_id) & (col(MarkVersion.due_on) < today)
    ended = 0
    while some := await end_dots(session, over, AT_ONCE, today, now, reason="dot-expired"):
        ended += some
    return ended


async def end_dots(
    session: AsyncSession, where: ColumnElement[bool], limit: int | None, today: date, now: datetime, *, reason: str
) -> int:
    """Removes standing dots, as the system, and tells the families. Returns how many."""
    ended = 0
    for work, dots in await repository.locked_dots(session, where, limit):
        lesson = await timetable.lesson(session, work.lesson_id)
        if lesson is None:
            continue
        await repository.append_versions(session, [_removal(work, dot, reason, now) for dot in dots])
        touch(session, (dot.student_id for dot in dots))
        changes = [
            Change(
                lesson=lesson, work=work, student_id=dot.student_id, slot=dot.slot, old=DOT, value=None, due_on=None,
                visible_from=now, old_due_on=dot.due_on,
            )
            for dot in dots
        ]  # fmt: skip
        await telling.tell_in_time(session, changes, today, now)
        ended += len(dots)
    return ended


def _removal(work: Work, dot: Dot, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "work_id": work.id, "student_id": dot.student_id, "slot": dot.slot, "version": dot.version + 1,
        "school_id": work.school_id, "day": work.day, "value": None, "comment": None, "reason": reason,
        "due_on": None, "set_by": None, "set_at": now, "visible_from": now,
    }  # fmt: skip


async def remind_of_dots(session: AsyncSession, school_id: UUID, today: date, now: datetime) -> int:
    """Two days before their term the student and the parents are reminded. Returns of how many dots."""
    near = (
        (col(MarkVersion.school_id) == school_id)
        & (col(MarkVersion.due_on) == today + REMINDED_BEFORE)
        # Of what families may not see yet they are not reminded either.
        & (col(MarkVersion.visible_from) <= now)
    )
    reminded = 0
    for work, dots in await repository.locked_dots(session, near, MOST_REMINDED):
        lesson = await timetable.lesson(session, work.lesson_id)
        if lesson is None:
            continue
        reminded += len(dots)
        students = sorted({dot.student_id for dot in dots})
        told_of = await hearers(session, students, today, now)
        await outbox.append(
            session,
            [_reminder(dot, hearer, lesson, now) for dot in dots for hearer in told_of[dot.student_id]],
        )
    return reminded


def _reminder(dot: Dot, hearer: Hearer, lesson: LessonInSchool, now: datetime) -> NewAlert:
    thread, entity = telling.dot_place(dot.work_id, dot.student_id, dot.slot)
    return NewAlert(
        school_id=lesson.school_id,
        account_id=hearer.account_id,
        child_id=hearer.child_id,
        body=DotDue(child=hearer.child_name, subject=lesson.subject, due_on=dot.due_on),
        target=Target(screen="diary-day", child_id=hearer.child_id, on=lesson.day, entity_id=dot.work_id),
        thread=thread,
        entity=entity,
        occurred_at=now,
        timezone=lesson.timezone,
        silent_until=hearer.silent_until,
    )


async def _by_work(session: AsyncSession, due: Sequence[MarkDue]) -> list[tuple[Work, list[MarkDue]]]:
    """The rows of each work, with it."""
    grouped: dict[UUID, list[MarkDue]] = {}
    for row in due:
        grouped.setdefault(row.work_id, []).append(row)
    works = (await session.execute(select(Work).where(col(Work.id).in_(grouped)).order_by(col(Work.id)))).scalars()
    return [(work, grouped[work.id]) for work in works]
