"""What a child's day holds and needs beside the diary: the year, the regime of stay, the curriculum, the backpack."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.core.validation import named_problems
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import reads, rights, school_rights
from backend.school.models import SchoolClass
from backend.timetable import child_repository as repository
from backend.timetable import plan_repository
from backend.timetable.backpack import limit_of
from backend.timetable.calendar import calendar
from backend.timetable.planning import on_the_clock, weekday_of
from schemas import school_day as wire
from schemas.timetable import Calendar

_MOST_HOURS = Decimal(40)
_CENT = Decimal("0.01")
_PROFILE_FROM = 10


async def child_calendar(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> Calendar:
    """The school year of a child. Raises NotFound without the right to the child."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    of_class = await repository.class_on(session, child_id, child.today)
    return await calendar(session, child.school_id, {of_class["id"]} if of_class else set(), child.today)


async def stay_day(
    session: AsyncSession, acting: Acting, child_id: UUID, day: date | None, now: datetime
) -> wire.StayDay:
    """A child's whole day in the order of time: lessons, meals, breaks, walks ... None: the school's today."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    shown = day or child.today
    parts = [wire.StayPart(kind="lesson", **row) for row in await repository.lesson_parts(session, child_id, shown)]
    of_class = await repository.class_on(session, child_id, shown)
    if of_class is not None:
        spans = await plan_repository.plan_spans(session, child.school_id, shown, shown)
        weekday = weekday_of(shown, spans, of_class["id"], of_class["days_a_week"])
        for row in await repository.stay_parts(session, of_class["id"], weekday) if weekday else []:
            starts, ends = (on_the_clock(shown, row[name], child.timezone) for name in ("starts", "ends"))
            parts.append(
                wire.StayPart(kind=row["kind"], name=row["name"], starts_at=starts, ends_at=ends, cancelled=False)
            )
    return wire.StayDay(day=shown, parts=sorted(parts, key=lambda part: (part.starts_at, part.name)))


async def child_curriculum(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.Curriculum:
    """What a child learns this year. Raises NotFound without the right to the child, or where it is in no class."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    of_class = await repository.class_on(session, child_id, child.today)
    if of_class is None:
        raise NotFound
    return await _curriculum(session, of_class, child_id, now)


async def class_curriculum(session: AsyncSession, acting: Acting, class_id: UUID, now: datetime) -> wire.Curriculum:
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    return await _curriculum(session, await repository.class_with_year(session, led.class_id), None, now)


async def set_curriculum(
    session: AsyncSession, acting: Acting, class_id: UUID, wish: wire.SetCurriculum, now: datetime
) -> wire.Curriculum:
    """Replaces what a class learns.

    Raises:
        NotFound: the class is not the caller's to lead.
        Invalid: names every subject that is unknown or twice, hours out of range, a profile before grade 10.
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    of_class = await session.get_one(SchoolClass, class_id)
    known = await reads.subject_ids(session, led.school_id)
    wrong = named_problems(
        [plan.subject_id for plan in wish.subjects], known, "/subjects", "unknown-subject", "/subjectId"
    )
    for number, plan in enumerate(wish.subjects):
        hours = plan.hours_a_week
        if not (hours.is_finite() and 0 < hours <= _MOST_HOURS and hours == hours.quantize(_CENT)):
            wrong[f"/subjects/{number}/hoursAWeek"] = "out-of-range"
    if wish.profile is not None and of_class.grade < _PROFILE_FROM:
        wrong["/profile"] = "only-from-grade-10"
    if wrong:
        raise Invalid(wrong)
    of_class.profile = wish.profile
    base = {"class_id": class_id, "school_id": led.school_id}
    items = [
        base | {"subject_id": plan.subject_id, "hours_a_week": plan.hours_a_week, "advanced": plan.advanced}
        for plan in wish.subjects
    ]
    topics = [
        base | {"subject_id": plan.subject_id, "position": number, "title": topic.title, "hours": topic.hours}
        for plan in wish.subjects
        for number, topic in enumerate(plan.topics, 1)
    ]
    await repository.replace_curriculum(session, class_id, items, topics)
    return await class_curriculum(session, acting, class_id, now)


async def class_stay(session: AsyncSession, acting: Acting, class_id: UUID, now: datetime) -> wire.Stay:
    await rights.class_to_lead(session, acting.account_id, class_id, now)
    items = await repository.stay_items(session, class_id)
    return wire.Stay(
        class_id=class_id,
        items=[
            wire.StayEntry(
                weekday=item.weekday, kind=item.kind, name=item.name,  # type: ignore[arg-type]
                starts=f"{item.starts:%H:%M}", ends=f"{item.ends:%H:%M}",
            )
            for item in items
        ],
    )  # fmt: skip


async def set_stay(
    session: AsyncSession, acting: Acting, class_id: UUID, wish: wire.SetStay, now: datetime
) -> wire.Stay:
    """Replaces what a class's days hold beside lessons. Raises Invalid for what ends before it begins."""
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    wrong = {
        f"/items/{number}/ends": "ends-before-it-begins"
        for number, item in enumerate(wish.items)
        if item.ends <= item.starts
    }
    if wrong:
        raise Invalid(wrong)
    rows = [
        msgspec.structs.asdict(item) | {"id": new_id(), "class_id": class_id, "school_id": led.school_id}
        for item in wish.items
    ]
    await repository.replace_stay(session, class_id, rows)
    return await class_stay(session, acting, class_id, now)


async def backpack(
    session: AsyncSession, acting: Acting, child_id: UUID, day: date | None, now: datetime
) -> wire.Backpack:
    """What a child carries on a day, and its weight. None: the school's today."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    shown = day or child.today
    of_class = await repository.class_on(session, child_id, shown)
    grade = of_class["grade"] if of_class else 1
    items = [wire.BackpackItem(**row) for row in await repository.backpack(session, child_id, grade, shown)]
    return wire.Backpack(day=shown, items=items, grams=sum(item.grams for item in items), limit_grams=limit_of(grade))


async def school_textbooks(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.Textbooks:
    await rights.require_staff(session, acting.account_id, school_id, now)
    return wire.Textbooks(
        school_id=school_id,
        books=[
            wire.BookEntry(subject_id=book.subject_id, grade=book.grade, title=book.title, grams=book.grams)
            for book in await repository.textbooks(session, school_id)
        ],
    )


async def set_textbooks(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.SetTextbooks, now: datetime
) -> wire.Textbooks:
    """Replaces the school's textbooks. Raises Invalid for subjects that the school does not have."""
    await school_rights.school_to_manage(session, acting.account_id, school_id, now)
    known = await reads.subject_ids(session, school_id)
    wrong = {
        f"/books/{number}/subjectId": "unknown-subject"
        for number, book in enumerate(wish.books)
        if book.subject_id not in known
    }
    if wrong:
        raise Invalid(wrong)
    rows: list[dict[str, Any]] = [
        msgspec.structs.asdict(book) | {"id": new_id(), "school_id": school_id} for book in wish.books
    ]
    await repository.replace_textbooks(session, school_id, rows)
    touch(session, [school_id])
    return await school_textbooks(session, acting, school_id, now)


async def _curriculum(
    session: AsyncSession, of_class: dict[str, Any], child_id: UUID | None, now: datetime
) -> wire.Curriculum:
    rows = await repository.curriculum(session, of_class["id"], child_id, of_class["starts"], of_class["ends"], now)
    return wire.Curriculum(
        class_name=of_class["name"],
        profile=of_class["profile"],
        subjects=[
            wire.SubjectCurriculum(**row | {"topics": [wire.Topic(**topic) for topic in row["topics"]]}) for row in rows
        ],
    )
