"""Loads the demo school once, and keeps its timetable around now at every start. Alerts nobody."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from backend.attendance.models import AttendanceCheck, AttendanceSetting, AttendanceVersion
from backend.core.clock import school_date, system_clock
from backend.core.days import days_between
from backend.core.db import one_transaction
from backend.core.errors import SetupError
from backend.core.settings import Settings
from backend.demo.accounts import SCHOOL_ID, demo_password
from backend.demo.days import AHEAD, PAST, Past, bells, is_school_day, lessons_of
from backend.demo.school import TIMEZONE, DemoSchool, Taught, build_school
from backend.homework.models import Homework
from backend.identity.models import Account
from backend.identity.passwords import Passwords
from backend.journal.models import MarkVersion, Work
from backend.school.models import (
    Enrolment,
    GroupMember,
    Guardianship,
    Period,
    School,
    SchoolClass,
    SchoolRole,
    SchoolYear,
    Student,
    StudyGroup,
    Subject,
    TeachingLoad,
)
from backend.timetable.models import Lesson
from push.models import Recipient

_ORDER: tuple[type[SQLModel], ...] = (
    Account, Recipient, School, SchoolRole, SchoolYear, Period, Subject, SchoolClass, StudyGroup, Student, Enrolment,
    GroupMember, TeachingLoad, Guardianship, AttendanceSetting,
)  # fmt: skip


async def load_demo(settings: Settings) -> None:
    """Makes the demo school where there is none; lays its day around now in any case.

    Raises:
        SetupError: the demo is of an earlier school year.
    """
    now = system_clock()
    today = school_date(now, TIMEZONE)
    async with one_transaction(settings.database_url, "diary-demo") as session:
        if await session.get(School, SCHOOL_ID) is None:
            hashed = await Passwords().hash(demo_password(settings.keys))
            await _first_time(session, build_school(now, today, hashed), today, now)
        else:
            await _again(session, today, now)


async def _first_time(session: AsyncSession, school: DemoSchool, today: date, now: datetime) -> None:
    for model in _ORDER:
        await _insert(session, model, school.rows[model])
    past = Past(school.members)
    lessons = []
    for day in _days(today - PAST, today, today):
        for taught in school.taught.values():
            for lesson in lessons_of(taught, day, now):
                lessons.append(lesson)
                if day < today:
                    past.tell(lesson, _next_school_day(day, today))
    for day in _days(today + timedelta(days=1), today + AHEAD, today):
        lessons += [lesson for taught in school.taught.values() for lesson in lessons_of(taught, day, now)]
    await _insert(session, Lesson, lessons)
    for model, rows in (
        (Work, past.works),
        (MarkVersion, past.marks),
        (AttendanceCheck, past.checks),
        (AttendanceVersion, past.codes),
        (Homework, past.homework),
    ):
        await _insert(session, model, rows)


async def _again(session: AsyncSession, today: date, now: datetime) -> None:
    """Another start: today's lessons move around now, days that have come near get theirs."""
    year = select(SchoolYear).where(col(SchoolYear.school_id) == SCHOOL_ID, col(SchoolYear.ends) >= today)
    if (await session.execute(year)).scalar() is None:
        raise SetupError("the demo is of an earlier school year: `make reset` makes a new one")
    known = select(col(Lesson.day)).where(col(Lesson.school_id) == SCHOOL_ID, col(Lesson.day) >= today).distinct()
    have = set((await session.execute(known)).scalars())
    taught = await _taught(session)
    fresh = [
        lesson
        for day in _days(today, today + AHEAD, today)
        if day not in have
        for items in taught.values()
        for lesson in lessons_of(items, day, now)
    ]
    await _insert(session, Lesson, fresh)
    for number, (starts_at, ends_at) in enumerate(bells(today, now), 1):
        mine = update(Lesson).where(
            col(Lesson.school_id) == SCHOOL_ID, col(Lesson.day) == today, col(Lesson.number) == number
        )
        # What an earlier day's play cancelled takes place: the demo begins with a whole day.
        await session.execute(mine.values(starts_at=starts_at, ends_at=ends_at, state="planned"))


async def _taught(session: AsyncSession) -> dict[UUID, list[Taught]]:
    statement = (
        select(
            col(StudyGroup.class_id),
            col(Subject.name),
            col(Subject.id),
            col(StudyGroup.id),
            col(TeachingLoad.teacher_id),
        )
        .join(TeachingLoad, col(TeachingLoad.group_id) == col(StudyGroup.id))
        .join(Subject, col(Subject.id) == col(TeachingLoad.subject_id))
        .where(col(StudyGroup.school_id) == SCHOOL_ID, col(StudyGroup.class_id).is_not(None))
        .order_by(col(Subject.name), col(StudyGroup.name))
    )
    classes: dict[UUID, dict[str, Taught]] = {}
    for class_id, name, subject_id, group_id, teacher_id in await session.execute(statement):
        if class_id is not None:
            item = classes.setdefault(class_id, {}).setdefault(name, Taught(name, subject_id, []))
            item.groups.append((group_id, teacher_id))
    return {class_id: list(items.values()) for class_id, items in classes.items()}


def _days(first: date, last: date, today: date) -> list[date]:
    return [day for day in days_between(first, last) if is_school_day(day, today)]


def _next_school_day(day: date, today: date) -> date:
    return _days(day + timedelta(days=1), day + timedelta(days=5), today)[0]


async def _insert(session: AsyncSession, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(model), rows)
