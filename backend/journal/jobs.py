"""What time brings: marks that families may see now, dots whose term nears or is over. Each is safe to run twice."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.core.clock import school_date
from backend.core.versions import touch
from backend.journal import repository, telling
from backend.journal.models import Work
from backend.journal.telling import Change
from backend.school import repository as school
from backend.timetable import repository as timetable
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import DotDue, Target

AT_ONCE = 500
MOST_REMINDED = 20_000
REMINDED_BEFORE = timedelta(days=2)

_TAKE_DUE = text("""
    DELETE FROM mark_due WHERE (work_id, student_id, slot) IN (
        SELECT work_id, student_id, slot FROM mark_due WHERE due_at <= :now
         ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING work_id, student_id, slot, told, told_due_on
""")

# Dots of a school that stand, by their newest version.
_DOTS = """
    SELECT m.work_id, m.student_id, m.slot, m.version, m.due_on, m.school_id, m.day FROM mark_version m
     WHERE m.school_id = :school AND m.value = 'dot' AND {condition}
       AND NOT EXISTS (SELECT FROM mark_version n WHERE (n.work_id, n.student_id, n.slot)
                                                     = (m.work_id, m.student_id, m.slot) AND n.version > m.version)
     ORDER BY m.work_id, m.student_id, m.slot LIMIT :limit
"""
_OVER = text(_DOTS.format(condition="m.due_on < :today"))
# Of what families may not see yet they are not reminded either.
_NEAR = text(_DOTS.format(condition="m.due_on = :today AND m.visible_from <= :now"))


async def tell_due_marks(session: AsyncSession, now: datetime) -> int:
    """Tells of marks whose delay or publication is over, as they stand now. Returns how many were looked at."""
    rows = (await session.execute(_TAKE_DUE, {"now": now, "limit": AT_ONCE})).mappings().all()
    for work, of_work in await _by_work(session, rows):
        lesson = await timetable.lesson(session, work.lesson_id)
        if lesson is None:
            continue
        standing = await repository.standing_marks(session, [work.id], [row["student_id"] for row in of_work])
        changes = []
        for row in of_work:
            stands = standing.get((work.id, row["student_id"], row["slot"]))
            if stands is None:  # destroyed meanwhile
                continue
            changes.append(
                Change(
                    work=work, student_id=row["student_id"], slot=row["slot"], old=row["told"], value=stands["value"],
                    due_on=stands["due_on"], visible_from=stands["visible_from"],
                    old_due_on=row["told_due_on"],
                )
            )  # fmt: skip
        touch(session, (row["student_id"] for row in of_work))
        await telling.tell(session, lesson, changes, school_date(now, lesson.timezone), now)
    return len(rows)


async def resolve_dots(session: AsyncSession, school_id: UUID, today: date, now: datetime) -> int:
    """Dots whose term is over disappear. A mark that a teacher sets at the same moment wins: the work is locked, and
    then the dot is looked at once more. Returns how many disappeared."""
    values = {"school": school_id, "today": today, "limit": AT_ONCE}
    rows = (await session.execute(_OVER, values)).mappings().all()
    resolved = 0
    for work, _ in await _by_work(session, rows, lock=True):
        # Looked at again under the lock.
        standing = [dict(row) for row in (await session.execute(_OVER, values)).mappings() if row["work_id"] == work.id]
        resolved += await end_dots(session, work, standing, today, now, reason="dot-expired")
    return resolved


async def end_dots(
    session: AsyncSession, work: Work, dots: Sequence[dict[str, Any]], today: date, now: datetime, *, reason: str
) -> int:
    """Removes standing dots of a locked work, as the system, and tells the families."""
    lesson = await timetable.lesson(session, work.lesson_id)
    if lesson is None or not dots:
        return 0
    rows = [
        {
            "work_id": work.id, "student_id": dot["student_id"], "slot": dot["slot"], "version": dot["version"] + 1,
            "school_id": work.school_id, "day": work.day, "value": None, "comment": None, "reason": reason,
            "due_on": None, "set_by": None, "set_at": now, "visible_from": now,
        }
        for dot in dots
    ]  # fmt: skip
    await repository.append_versions(session, rows)
    touch(session, (dot["student_id"] for dot in dots))
    changes = [
        Change(
            work=work, student_id=dot["student_id"], slot=dot["slot"], old="dot", value=None, due_on=None,
            visible_from=now, old_due_on=dot["due_on"],
        )
        for dot in dots
    ]  # fmt: skip
    await telling.tell_in_time(session, lesson, changes, today, now)
    return len(rows)


async def remind_of_dots(session: AsyncSession, school_id: UUID, today: date, now: datetime) -> int:
    """Two days before their term the student and the parents are reminded. Returns how many dots."""
    values = {"school": school_id, "today": today + REMINDED_BEFORE, "now": now, "limit": MOST_REMINDED}
    rows = (await session.execute(_NEAR, values)).mappings().all()
    reminded = 0
    for work, _ in await _by_work(session, rows, lock=True):
        lesson = await timetable.lesson(session, work.lesson_id)
        # Looked at again under the lock: a debt that was paid meanwhile is none.
        dots = [dict(row) for row in (await session.execute(_NEAR, values)).mappings() if row["work_id"] == work.id]
        if lesson is None or not dots:
            continue
        reminded += len(dots)
        receivers = await school.receivers(session, sorted({dot["student_id"] for dot in dots}), today)
        await outbox.append(
            session,
            [
                NewAlert(
                    school_id=school_id,
                    account_id=receiver.account_id,
                    child_id=receiver.child_id,
                    body=DotDue(child=receiver.child_name, subject=lesson.subject, due_on=dot["due_on"]),
                    target=Target(screen="diary-day", child_id=receiver.child_id, on=lesson.day, entity_id=work.id),
                    thread=f"dots:{receiver.child_id}",
                    entity=f"dot:{work.id}:{receiver.child_id}:{dot['slot']}",
                    occurred_at=now,
                    timezone=lesson.timezone,
                )
                for receiver in receivers
                for dot in dots
                if dot["student_id"] == receiver.child_id
            ],
        )
    return reminded


async def _by_work(
    session: AsyncSession, rows: Sequence[Any], *, lock: bool = False
) -> list[tuple[Work, list[dict[str, Any]]]]:
    """Rows that name works, with each work; locked in the order of all writers."""
    grouped: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["work_id"], []).append(dict(row))
    if not grouped:
        return []
    if lock:
        works = await repository.works_for_update(session, list(grouped))
    else:
        statement = select(Work).where(col(Work.id).in_(grouped)).order_by(col(Work.id))
        works = list((await session.execute(statement)).scalars())
    return [(work, grouped[work.id]) for work in works]
