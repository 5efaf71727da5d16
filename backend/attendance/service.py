"""Taking attendance in a lesson."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import repository
from backend.attendance.rules import UNEXPLAINED
from backend.core.errors import Invalid
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.timetable.repository import LessonInSchool
from backend.timetable.service import lesson_to_write
from push import outbox
from push.outbox import NewAlert
from schemas import attendance as wire
from schemas.alerts import AbsentWithoutNotice, Target


async def take(
    session: AsyncSession, acting: Acting, lesson_id: UUID, wish: wire.TakeAttendance, now: datetime
) -> wire.Attendance:
    """Records who was not there. Whoever is not named was present, also if a code stood there before.

    Parents of a child who is absent without a notice are told at once; a corrected slip is taken back.

    Raises:
        NotFound: the lesson is not the caller's.
        Invalid: a student is named twice, is not in the group, or minutes stand without lateness.
    """
    lesson, today = await lesson_to_write(session, acting.account_id, lesson_id, now)
    checked_at, changed = await write(session, lesson, today, acting.account_id, wish.entries, now)
    items = as_wire(await repository.codes_of_lesson(session, lesson_id))
    return wire.Attendance(lesson_id=lesson_id, checked_at=checked_at, items=items, changed=changed)


async def write(
    session: AsyncSession, lesson: LessonInSchool, today: date, author: UUID, entries: Sequence[wire.SetAttendance],
    now: datetime, pointer: str = "/entries",
) -> tuple[datetime, int]:  # fmt: skip
    """The same for a lesson that the author may write in. Returns when the list was first gone through, and how many
    codes changed.

    Args:
        pointer: where the entries stand in the request, for what is wrong with them.
    """
    members = await school.member_ids(session, lesson.group_id, lesson.day)
    _check(entries, members, pointer)
    checked_at = await repository.check_lesson(session, lesson.id, lesson.school_id, author, now)
    before = {row["student_id"]: row for row in await repository.codes_of_lesson(session, lesson.id)}
    named = {entry.student_id: entry for entry in entries}
    present = {
        student: wire.SetAttendance(student_id=student, code="present") for student in before.keys() - named.keys()
    }
    rows = [
        _version(entry, before.get(student), lesson, author, now)
        for student, entry in (named | present).items()
        if _differs(entry, before.get(student))
    ]
    await repository.append_versions(session, rows)
    touch(session, (row["student_id"] for row in rows))
    await _tell(session, lesson, rows, before, today, now)
    return checked_at, len(rows)


def as_wire(rows: list[dict[str, Any]]) -> list[wire.AttendanceEntry]:
    names = ("student_id", "code", "minutes", "version")
    return [wire.AttendanceEntry(**{name: row[name] for name in names}) for row in rows]


def _check(entries: Sequence[wire.SetAttendance], members: set[UUID], pointer: str) -> None:
    seen = Counter(entry.student_id for entry in entries)
    wrong: dict[str, str] = {}
    for number, entry in enumerate(entries):
        if seen[entry.student_id] > 1:
            wrong[f"{pointer}/{number}/studentId"] = "repeated"
        elif entry.student_id not in members:
            wrong[f"{pointer}/{number}/studentId"] = "not-in-group"
        if entry.minutes is not None and entry.code != "late":
            wrong[f"{pointer}/{number}/minutes"] = "minutes-only-when-late"
    if wrong:
        raise Invalid(wrong)


def _differs(entry: wire.SetAttendance, before: dict[str, Any] | None) -> bool:
    if before is None:
        return entry.code != "present"
    return (entry.code, entry.minutes) != (before["code"], before["minutes"])


def _version(
    entry: wire.SetAttendance,
    before: dict[str, Any] | None,
    lesson: LessonInSchool,
    author: UUID,
    now: datetime,
) -> dict[str, Any]:
    return {
        "lesson_id": lesson.id,
        "student_id": entry.student_id,
        "version": before["version"] + 1 if before else 1,
        "school_id": lesson.school_id,
        "code": entry.code,
        "minutes": entry.minutes,
        "set_by": author,
        "set_at": now,
    }


async def _tell(
    session: AsyncSession,
    lesson: LessonInSchool,
    rows: list[dict[str, Any]],
    before: dict[UUID, dict[str, Any]],
    today: date,
    now: datetime,
) -> None:
    """Urgent on the day itself; one item a child and day (DOMAIN.md section 12)."""
    missing = {row["student_id"] for row in rows if row["code"] in UNEXPLAINED}
    was_missing = {student for student, row in before.items() if row["code"] in UNEXPLAINED}
    for student in sorted({row["student_id"] for row in rows} & was_missing - missing):
        await outbox.withdraw(session, _thread(student, lesson.day), str(lesson.id), now)
    unexplained = missing - was_missing
    unexplained -= await repository.students_with_notice(session, list(unexplained), lesson.day)
    receivers = await school.receivers(session, sorted(unexplained), today)
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=lesson.school_id,
                account_id=receiver.account_id,
                child_id=receiver.child_id,
                body=AbsentWithoutNotice(
                    child=receiver.child_name, subject=lesson.subject, number=lesson.number, day=lesson.day
                ),
                target=Target(screen="diary-day", child_id=receiver.child_id, on=lesson.day, entity_id=lesson.id),
                thread=_thread(receiver.child_id, lesson.day),
                entity=str(lesson.id),
                occurred_at=now,
                timezone=lesson.timezone,
                feed_only=lesson.day != today,
            )
            for receiver in receivers
            if not receiver.is_student
        ],
    )


def _thread(student: UUID, day: date) -> str:
    return f"attendance:{student}:{day}"
