"""The SQL of what lessons on dates are planned from."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.ids import new_id
from backend.identity.roster import add_rows
from backend.timetable.models import Bell, CalendarSpan, Lesson, WeeklyLesson
from backend.timetable.planning import Bells, Existing, Span, Wanted, Weekly

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('timetable:' || :school, 0))")

_WEEKLY = text("""
    SELECT w.id, w.group_id, g.class_id, w.subject_id, w.teacher_id, w.weekday, w.number, w.room,
           greatest(w.starts, y.starts) AS starts, least(coalesce(w.ends, y.ends), y.ends) AS ends,
           coalesce(c.shift, 1) AS shift, coalesce(c.days_a_week, 5) AS days_a_week
      FROM weekly_lesson w
      JOIN study_group g ON g.id = w.group_id
      JOIN school_year y ON y.id = g.year_id
      LEFT JOIN school_class c ON c.id = g.class_id
     WHERE w.school_id = :school AND (cast(:groups AS uuid[]) IS NULL OR w.group_id = ANY (:groups))
       AND w.starts <= :last AND coalesce(w.ends, 'infinity') >= cast(:first AS date)
""")

_EXISTING = text("""
    SELECT id, group_id, subject_id, teacher_id, day, number, starts_at, ends_at, room, weekly_id,
           state = 'planned' AS planned, changed, lesson_in_use(id) AS in_use
      FROM lesson
     WHERE school_id = :school AND day BETWEEN :first AND :last
       AND (cast(:groups AS uuid[]) IS NULL OR group_id = ANY (:groups))
     ORDER BY id FOR UPDATE
""")

_PLAN = text("""
    SELECT w.group_id, g.name AS group_name, w.subject_id, s.name AS subject, w.teacher_id,
           concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS teacher, w.weekday, w.number, w.room, w.starts,
           w.ends
      FROM weekly_lesson w
      JOIN study_group g ON g.id = w.group_id
      JOIN subject s ON s.id = w.subject_id
      JOIN account a ON a.id = w.teacher_id
     WHERE w.group_id = ANY (:groups) AND coalesce(w.ends, 'infinity') >= cast(:day AS date)
     ORDER BY w.weekday, w.number, g.name, w.starts
""")

_CLASHES = text("""
    WITH standing AS (
        SELECT w.*, coalesce(c.shift, 1) AS shift FROM weekly_lesson w
          JOIN study_group g ON g.id = w.group_id LEFT JOIN school_class c ON c.id = g.class_id
         WHERE w.school_id = :school AND coalesce(w.ends, 'infinity') >= cast(:day AS date)),
    double AS (
        SELECT 'teacher' AS kind, weekday, number, teacher_id, NULL AS room, starts, ends, group_id, shift FROM standing
        UNION ALL
        SELECT 'room', weekday, number, NULL, room, starts, ends, group_id, shift FROM standing WHERE room IS NOT NULL)
    SELECT d.kind, d.weekday, d.number,
           coalesce(d.room, min(concat_ws(' ', a.family_name, a.given_name))) AS who,
           array_agg(DISTINCT g.name ORDER BY g.name) AS groups
      FROM double d JOIN study_group g ON g.id = d.group_id LEFT JOIN account a ON a.id = d.teacher_id
     GROUP BY d.kind, d.weekday, d.number, d.teacher_id, d.room, d.shift
    HAVING count(DISTINCT d.group_id) > 1 AND bool_or(d.group_id = ANY (:groups))
     ORDER BY d.weekday, d.number, d.kind
""")

_KNOWN = text("""
    SELECT l.teacher_id, l.subject_id, l.group_id FROM teaching_load l
     WHERE l.school_id = :school AND l.group_id = ANY (:groups)
       AND coalesce(l.ends, 'infinity') >= cast(:day AS date) AND works_at(l.teacher_id, :school, :day)
""")


async def lock_plan(session: AsyncSession, school_id: UUID) -> None:
    """One after another: whoever plans a school's lessons."""
    await session.execute(_LOCK, {"school": str(school_id)})


async def weekly_lessons(
    session: AsyncSession, school_id: UUID, groups: Collection[UUID] | None, first: date, last: date
) -> list[Weekly]:
    values = {"school": school_id, "groups": _array(groups), "first": first, "last": last}
    return [Weekly(**row) for row in (await session.execute(_WEEKLY, values)).mappings()]


async def existing_lessons(
    session: AsyncSession, school_id: UUID, groups: Collection[UUID] | None, first: date, last: date
) -> list[Existing]:
    """Locked: nobody writes about them until the commit."""
    values = {"school": school_id, "groups": _array(groups), "first": first, "last": last}
    return [Existing(**row) for row in (await session.execute(_EXISTING, values)).mappings()]


async def bells(session: AsyncSession, school_id: UUID) -> Bells:
    rows = (await session.execute(select(Bell).where(col(Bell.school_id) == school_id))).scalars()
    return {(row.shift, row.weekday, row.number): (row.starts, row.ends) for row in rows}


async def set_bells(session: AsyncSession, rows: Sequence[dict[str, Any]], school_id: UUID) -> None:
    await session.execute(delete(Bell).where(col(Bell.school_id) == school_id))
    await add_rows(session, Bell, rows)


async def plan_spans(session: AsyncSession, school_id: UUID, first: date, last: date) -> list[Span]:
    """The days that are not as the week says; quiet ones are as it says."""
    return [_as_rule(span) for span in await spans(session, school_id, first, last) if span.kind != "quiet"]


async def spans(session: AsyncSession, school_id: UUID, first: date, last: date) -> list[CalendarSpan]:
    """Days within these that are not as the week says, by date."""
    statement = (
        select(CalendarSpan)
        .where(
            col(CalendarSpan.school_id) == school_id, col(CalendarSpan.starts) <= last, col(CalendarSpan.ends) >= first
        )
        .order_by(col(CalendarSpan.starts), col(CalendarSpan.id))
    )
    return list((await session.execute(statement)).scalars())


def _as_rule(span: CalendarSpan) -> Span:
    return Span(span.kind, span.starts, span.ends, span.class_id, span.as_weekday)


async def plan(session: AsyncSession, groups: Collection[UUID], day: date) -> list[dict[str, Any]]:
    """The weekly lessons of groups that hold on a day or later."""
    rows = await session.execute(_PLAN, {"groups": list(groups), "day": day})
    return [dict(row) for row in rows.mappings()]


async def clashes(session: AsyncSession, school_id: UUID, groups: Collection[UUID], day: date) -> list[dict[str, Any]]:
    """Where a teacher or a room of these groups is wanted twice at a time."""
    rows = await session.execute(_CLASHES, {"school": school_id, "groups": list(groups), "day": day})
    return [dict(row) for row in rows.mappings()]


async def loads(
    session: AsyncSession, school_id: UUID, groups: Collection[UUID], day: date
) -> set[tuple[UUID, UUID, UUID]]:
    """(teacher, subject, group) of who teaches these groups on a day or later."""
    rows = await session.execute(_KNOWN, {"school": school_id, "groups": list(groups), "day": day})
    return {(teacher, subject, group) for teacher, subject, group in rows}


async def standing_plan(session: AsyncSession, groups: Collection[UUID], day: date) -> list[WeeklyLesson]:
    """The weekly lessons that hold on a day or later."""
    statement = select(WeeklyLesson).where(
        col(WeeklyLesson.group_id).in_(groups), (col(WeeklyLesson.ends).is_(None)) | (col(WeeklyLesson.ends) >= day)
    )
    return list((await session.execute(statement)).scalars())


async def end_plan(session: AsyncSession, ids: Collection[UUID], first: date) -> None:
    """Ends weekly lessons the day before `first`; those that would only begin then were never there."""
    named = col(WeeklyLesson.id).in_(ids)
    await session.execute(delete(WeeklyLesson).where(named, col(WeeklyLesson.starts) >= first))
    before = first - timedelta(days=1)
    await session.execute(update(WeeklyLesson).where(named, col(WeeklyLesson.starts) < first).values(ends=before))


async def add_plan(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await add_rows(session, WeeklyLesson, rows)


async def add_lessons(session: AsyncSession, school_id: UUID, lessons: Iterable[Wanted]) -> None:
    """Writes lessons of the plan; a place that somebody took meanwhile stays theirs."""
    rows = [{"id": new_id(), "school_id": school_id, **asdict(lesson)} for lesson in lessons]
    await add_rows(session, Lesson, rows, "ON CONFLICT DO NOTHING")


async def change_lessons(session: AsyncSession, changes: Sequence[tuple[Existing, Wanted]]) -> None:
    statement = text("""
        UPDATE lesson l SET subject_id = n.subject_id, teacher_id = n.teacher_id, room = n.room,
               starts_at = n.starts_at, ends_at = n.ends_at, weekly_id = n.weekly_id
          FROM unnest(cast(:ids AS uuid[]), cast(:subjects AS uuid[]), cast(:teachers AS uuid[]),
                      cast(:rooms AS text[]), cast(:starts AS timestamptz[]), cast(:ends AS timestamptz[]),
                      cast(:weekly AS uuid[]))
               AS n(id, subject_id, teacher_id, room, starts_at, ends_at, weekly_id)
         WHERE l.id = n.id
    """)
    if changes:
        await session.execute(
            statement,
            {
                "ids": [there.id for there, _ in changes], "subjects": [want.subject_id for _, want in changes],
                "teachers": [want.teacher_id for _, want in changes], "rooms": [want.room for _, want in changes],
                "starts": [want.starts_at for _, want in changes], "ends": [want.ends_at for _, want in changes],
                "weekly": [want.weekly_id for _, want in changes],
            },
        )  # fmt: skip


async def remove_lessons(session: AsyncSession, lessons: Sequence[Existing]) -> None:
    if lessons:
        ids = [lesson.id for lesson in lessons]
        await session.execute(text("DELETE FROM lesson WHERE id = ANY (:ids)"), {"ids": ids})


def _array(groups: Collection[UUID] | None) -> list[UUID] | None:
    return None if groups is None else list(groups)
