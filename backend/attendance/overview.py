"""Attendance read: a child's days with their counters, the class teacher's morning, a school's settings."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notice_repository as notices
from backend.attendance import repository, rules
from backend.attendance.notice_repository import Noticed
from backend.core.errors import Invalid
from backend.identity.acting import Acting
from backend.school import reads, rights, school_rights
from backend.school.models import Student
from backend.school.rights import ChildAccess
from backend.timetable import repository as timetable
from schemas import attendance as wire


async def of_child(
    session: AsyncSession, acting: Acting, child_id: UUID, first: date | None, last: date | None, now: datetime
) -> wire.ChildAttendance:
    """What was noted about a child in some days, and what it adds up to; without dates of the current period.

    Raises:
        NotFound: no right to the child.
        Invalid: the days are in the wrong order, or more than a year.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    first, last = await reads.range_asked(session, child.school_id, child.today, first, last)
    counters, days = await noted(session, child, first, last, now)
    return wire.ChildAttendance(first_day=first, last_day=last, counters=counters, days=days)


async def noted(
    session: AsyncSession, child: ChildAccess, first: date, last: date, now: datetime
) -> tuple[wire.AttendanceCounters, list[wire.MissedDay]]:
    """Published read: what was noted about a child in some days, and what it adds up to."""
    rows = await repository.missed_lessons(session, child.child_id, first, last, now)
    # Of what is over: lessons to come are not attended yet.
    held = await timetable.lessons_per_day(session, child.child_id, first, min(last, child.today))
    days = _days(rows, held)
    return rules.counters(sum(held.values()), days), days


def _days(rows: Sequence[dict[str, Any]], held: dict[date, int]) -> list[wire.MissedDay]:
    by_day: dict[date, list[wire.MissedLesson]] = defaultdict(list)
    for row in rows:
        by_day[row["day"]].append(wire.MissedLesson(**{name: row[name] for name in _MISSED}))
    return [
        wire.MissedDay(
            day=day, lessons=lessons, whole=sum(item.code in rules.ABSENT for item in lessons) == held.get(day)
        )
        for day, lessons in sorted(by_day.items())
    ]


_MISSED = tuple(field.name for field in msgspec.structs.fields(wire.MissedLesson))


async def morning(
    session: AsyncSession, acting: Acting, class_id: UUID, day: date | None, now: datetime
) -> wire.MorningBoard:
    """Who of a class is there, who is not, and who said so. Raises NotFound for who does not lead the class."""
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    shown = day or led.today
    people = await reads.students_in_class(session, class_id, shown)
    ids = [one.id for one in people]
    noticed = await notices.noticed(session, ids, shown)
    noted: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = await repository.board(session, ids, shown)
    for row in rows:
        noted[row["student_id"]].append(row)
    deputy = led.school_id in await rights.schools_with_role(session, acting.account_id, "deputy", now)
    sees_reasons = deputy or led.is_class_teacher
    return wire.MorningBoard(
        class_id=class_id, name=led.name, day=shown, checked_lessons=len({row["lesson_id"] for row in rows}),
        students=[
            _student(one, noted[one.id], noticed.get(one.id, []), reasons=sees_reasons) for one in people
        ],
    )  # fmt: skip


def _student(
    student: Student, lessons: Sequence[dict[str, Any]], said: Sequence[Noticed], *, reasons: bool
) -> wire.MorningStudent:
    """By the newest list: a child who came after the first lesson is there."""
    newest = lessons[-1] if lessons else None
    whole = any(part.lessons is None for part in said)
    numbers = {number for part in said for number in part.lessons or ()}
    state, since = "unknown", None
    if newest is None:
        state = "expected-absent" if said else "unknown"
    elif newest["code"] in rules.ABSENT:
        state = "expected-absent" if whole or newest["number"] in numbers else "absent"
        missing = [item for item in lessons if item["code"] in rules.ABSENT]
        since = missing[0]["number"]
    else:
        state = "late" if any(item["code"] == "late" for item in lessons) else "present"
    late = next((item["minutes"] for item in lessons if item["code"] == "late"), None)
    return wire.MorningStudent(
        student_id=student.id, family_name=student.family_name, given_name=student.given_name,
        state=state, since_lesson=since, minutes=late, notice=bool(said),  # type: ignore[arg-type]
        notice_lessons=None if whole or not said else sorted(numbers),
        reason=said[0].reason if said and reasons else None,  # type: ignore[arg-type]
    )  # fmt: skip


_SETTINGS = ("delay_minutes", "notice_days_back", "notice_days_ahead")


async def settings(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.AttendanceSettings:
    """How a school writes attendance, for who works there. Raises NotFound for others."""
    await rights.require_staff(session, acting.account_id, school_id, now)
    known = await repository.setting(session, school_id)
    return wire.AttendanceSettings(
        school_id=school_id,
        delay_minutes=known.delay_minutes,
        notice_days_back=known.notice_days_back,
        notice_days_ahead=known.notice_days_ahead,
        symbols=await repository.symbols(session, school_id),
    )


async def change_settings(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.ChangeAttendanceSettings, now: datetime
) -> wire.AttendanceSettings:
    """Changes them; what was recorded keeps its symbol and whether it counts.

    Raises:
        NotFound: not a school where the caller is deputy director.
        Invalid: a symbol is there twice, or none stands for "absent".
    """
    await school_rights.school_to_manage(session, acting.account_id, school_id, now, ("deputy",))
    if wish.symbols is not None:
        wrong = rules.symbol_problems(wish.symbols)
        if wrong:
            raise Invalid(wrong)
        rows = [
            msgspec.structs.asdict(item)
            | {"school_id": school_id, "symbol": rules.normal_symbol(item.symbol), "position": number}
            for number, item in enumerate(wish.symbols)
        ]
        await repository.replace_symbols(session, school_id, rows)
    values = {name: value for name in _SETTINGS if (value := getattr(wish, name)) is not None}
    if values:
        await repository.change_setting(session, school_id, values)
        session.expire_all()
    return await settings(session, acting, school_id, now)
