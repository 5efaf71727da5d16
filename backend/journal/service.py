"""Giving works and setting marks."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid, NotFound, Stale
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.journal import repository, rules
from backend.journal.models import Work
from backend.journal.rules import NO_MARK, Standing
from backend.school import repository as school
from backend.school.rules import is_old_news
from backend.timetable import repository as timetable
from backend.timetable.repository import LessonInSchool
from backend.timetable.service import lesson_to_write
from push import outbox
from push.outbox import NewAlert
from schemas import journal as wire
from schemas.alerts import MarkCorrected, MarkSet, Target


@dataclass(frozen=True)
class _Change:
    student_id: UUID
    old: str | None
    value: str | None


async def give_work(session: AsyncSession, acting: Acting, wish: wire.GiveWork, now: datetime) -> wire.Work:
    """A work for the lesson's group. Raises NotFound where the lesson is not the caller's."""
    lesson, _ = await lesson_to_write(session, acting.account_id, wish.lesson_id, now)
    work = Work(
        id=new_id(),
        school_id=lesson.school_id,
        lesson_id=lesson.id,
        group_id=lesson.group_id,
        subject_id=lesson.subject_id,
        kind=wish.kind,
        topic=wish.topic,
        weight=rules.WEIGHTS[wish.kind],
        counted=wish.counted,
        day=lesson.day,
        created_by=acting.account_id,
        created_at=now,
    )
    session.add(work)
    await session.flush()
    return as_wire(work)


async def set_marks(
    session: AsyncSession, acting: Acting, work_id: UUID, wish: wire.SetMarks, now: datetime
) -> wire.Marks:
    """Sets, corrects and removes marks of one work, all or nothing, and tells the families.

    Raises:
        NotFound: no such work, or not the caller's.
        Invalid: a student is named twice, or is not in the group on the day of the lesson.
        Stale: somebody changed a mark after the caller saw it.
    """
    work = await repository.work_for_update(session, work_id)
    if work is None:
        raise NotFound
    lesson, today = await lesson_to_write(session, acting.account_id, work.lesson_id, now)
    students = [mark.student_id for mark in wish.marks]
    await _check_students(session, students, lesson)
    standing = await repository.standing_marks(session, work_id, students)
    rows: list[dict[str, Any]] = []
    changes: list[_Change] = []
    for mark in wish.marks:
        before = standing.get(mark.student_id, NO_MARK)
        # The same again is no event, also when its first answer was lost and the version has moved on.
        if rules.changes(before, mark):
            if rules.is_stale(before, mark):
                raise Stale(current=before.value or "—")
            rows.append(_version(work, mark, before, acting.account_id, now))
            if before.value != mark.value:
                changes.append(_Change(mark.student_id, before.value, mark.value))
    await repository.append_versions(session, rows)
    touch(session, (row["student_id"] for row in rows))
    await _tell(session, work, lesson, changes, today, now)
    items = [wire.Mark(**row) for row in await repository.marks_of_works(session, [work_id])]
    return wire.Marks(items=items, changed=len(rows))


def as_wire(work: Work) -> wire.Work:
    return wire.Work(
        id=work.id,
        lesson_id=work.lesson_id,
        kind=work.kind,  # type: ignore[arg-type]
        topic=work.topic,
        weight=work.weight,
        counted=work.counted,
        day=work.day,
    )


async def _check_students(session: AsyncSession, students: list[UUID], lesson: LessonInSchool) -> None:
    members = await school.member_ids(session, lesson.group_id, lesson.day)
    seen = Counter(students)
    wrong = {
        f"/marks/{number}/studentId": "repeated" if seen[student] > 1 else "not-in-group"
        for number, student in enumerate(students)
        if seen[student] > 1 or student not in members
    }
    if wrong:
        raise Invalid(wrong)


def _version(work: Work, mark: wire.SetMark, before: Standing, author: UUID, now: datetime) -> dict[str, Any]:
    return {
        "work_id": work.id,
        "student_id": mark.student_id,
        "slot": repository.SLOT,
        "version": before.version + 1,
        "school_id": work.school_id,
        "day": work.day,
        "value": mark.value,
        "comment": mark.comment,
        "set_by": author,
        "set_at": now,
    }


async def _tell(
    session: AsyncSession,
    work: Work,
    lesson: LessonInSchool,
    changes: list[_Change],
    today: date,
    now: datetime,
) -> None:
    """Parents with receive-push and the student, one item a child and day (DOMAIN.md section 12)."""
    by_student = {change.student_id: change for change in changes}
    in_lessons = await timetable.in_lessons_until(session, list(by_student), now)
    alerts = []
    for receiver in await school.receivers(session, list(by_student), today):
        change = by_student[receiver.child_id]
        alerts.append(
            NewAlert(
                school_id=work.school_id,
                account_id=receiver.account_id,
                child_id=receiver.child_id,
                body=_body(change, receiver.child_name, lesson, work.kind),
                target=Target(screen="diary-day", child_id=receiver.child_id, on=lesson.day, entity_id=work.id),
                thread=f"marks:{receiver.child_id}:{today}",
                entity=f"{work.id}:{receiver.child_id}",
                occurred_at=now,
                timezone=lesson.timezone,
                silent_until=in_lessons.get(receiver.child_id) if receiver.is_student else None,
                feed_only=is_old_news(today - lesson.day),
            )
        )
    await outbox.append(session, alerts)


def _body(change: _Change, child: str, lesson: LessonInSchool, kind: str) -> MarkSet | MarkCorrected:
    if change.old is None and change.value is not None:
        return MarkSet(child=child, subject=lesson.subject, value=change.value, work=kind, day=lesson.day)
    return MarkCorrected(
        child=child,
        subject=lesson.subject,
        old=change.old or "",
        value=change.value or "removed",
        work=kind,
        day=lesson.day,
    )
