"""The SQL of works and marks, and the reads that it publishes."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Numeric, Select, and_, case, cast, exists, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core.reads import Day, Read, Whose
from backend.identity.models import Account
from backend.identity.roster import add_rows
from backend.journal.models import JournalSetting, MarkDue, MarkVersion, Work, WorkWeight
from backend.journal.rules import DOT, NUMBERS, Dot
from backend.school.models import Subject

Moment = datetime | ColumnElement[datetime]

# A period that is being closed is waited for, and waits for marks that are being written.
_PERIOD = text("""
    SELECT id FROM period WHERE school_id = :school AND cast(:day AS date) BETWEEN starts AND ends FOR KEY SHARE
""")
_PERIODS = text("SELECT id FROM period WHERE school_id = :school ORDER BY id FOR KEY SHARE")
_CLOSED = text("""
    SELECT DISTINCT e.student_id, w.day
      FROM unnest(cast(:students AS uuid[]), cast(:days AS date[])) AS w (student_id, day)
      JOIN enrolment e ON e.student_id = w.student_id AND w.day BETWEEN e.starts AND coalesce(e.ends, 'infinity')
      JOIN period p ON p.school_id = e.school_id AND w.day BETWEEN p.starts AND p.ends
     CROSS JOIN LATERAL (SELECT c.closed FROM period_closing c
                          WHERE c.class_id = e.class_id AND c.period_id = p.id ORDER BY c.id DESC LIMIT 1) AS newest
     WHERE newest.closed
""")


def marks_of_child(child: Whose, first: Day, last: Day, now: Moment) -> Read:
    """Published read: the marks of a child's days as families see them, with their works; removed ones left out."""
    newest = _visible(child, first, last, now)
    return (
        select(
            col(Work.lesson_id),
            col(Work.subject_id),
            col(Work.id).label("work_id"),
            newest.c.slot,
            col(Work.day),
            col(Work.kind),
            col(Work.topic),
            newest.c.value,
            newest.c.due_on,
            col(Work.weight),
            col(Work.counted),
            newest.c.comment,
            newest.c.set_at,
            newest.c.set_by,
        )
        .join(newest, newest.c.work_id == col(Work.id))
        .where(newest.c.value.is_not(None))
    )


def shown_marks(marks: FromClause, first: Day, last: Day) -> Read:
    """Published read: of marks as `marks_of_child` gives them, those of some days, with their authors' names; null
    where the system or the feed of another journal set it."""
    author = func.concat_ws(" ", col(Account.family_name), col(Account.given_name), col(Account.patronymic))
    shown = [column for column in marks.c if column.name != "set_by"]
    return (
        select(*shown, func.nullif(author, "").label("set_by"))
        .outerjoin(Account, col(Account.id) == marks.c.set_by)
        .where(marks.c.day.between(first, last))
    )


def sums_of_marks(marks: FromClause, first: Day, last: Day) -> Read:
    """Published read: what the averages of a child's subjects are made of (`averages.Sums`), from marks as
    `marks_of_child` gives them.

    Returns:
        subject_id, subject, total (mark x weight), weight, marks (how many there are, also without a number).
    """
    return (
        select(marks.c.subject_id, col(Subject.name).label("subject"), *_sums(marks.c.value, marks.c.weight))
        .join(Subject, col(Subject.id) == marks.c.subject_id)
        .where(marks.c.counted, marks.c.day.between(first, last))
        .group_by(marks.c.subject_id, col(Subject.name))
    )


async def sums_of_students(
    session: AsyncSession, students: Sequence[UUID], subject_id: UUID, first: date, last: date
) -> list[dict[str, Any]]:
    """The same of several students in one subject, by kind of work, also of what families do not see yet.

    Returns:
        student_id, kind, total, weight, marks.
    """
    mine = (col(MarkVersion.student_id).in_(students), col(MarkVersion.day).between(first, last))
    newest = _newest().where(*mine).subquery()
    statement = (
        select(newest.c.student_id, col(Work.kind), *_sums(newest.c.value, col(Work.weight)))
        .join(newest, newest.c.work_id == col(Work.id))
        .where(newest.c.value.is_not(None), col(Work.counted), col(Work.subject_id) == subject_id)
        .group_by(newest.c.student_id, col(Work.kind))
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]


def _sums(value: Any, weight: Any) -> tuple[ColumnElement[Any], ...]:
    numeric = value.in_(sorted(NUMBERS))
    weights = case((numeric, weight), else_=0)
    total = case((numeric, cast(value, Numeric) * weight), else_=0)
    return func.sum(total).label("total"), func.sum(weights).label("weight"), func.count().label("marks")


def lessons_with_marks() -> Select[UUID]:
    """Published read: lessons in which some mark was set."""
    return select(col(Work.lesson_id)).join(MarkVersion, col(MarkVersion.work_id) == col(Work.id))


def students_with_marks(students: Collection[UUID], since: date, groups: Collection[UUID] | None) -> Select[UUID]:
    """Published read: of these students, those with a mark ever set from a day on: in these groups, or in any."""
    marked = select(col(MarkVersion.student_id)).where(
        col(MarkVersion.student_id).in_(students), col(MarkVersion.day) >= since
    )
    if groups is not None:
        marked = marked.join(Work, col(Work.id) == col(MarkVersion.work_id)).where(col(Work.group_id).in_(groups))
    return marked


async def locked_dots(
    session: AsyncSession, where: ColumnElement[bool], limit: int | None
) -> list[tuple[Work, list[Dot]]]:
    """Dots that stand, by their works, which are locked: what a teacher set at the same moment wins."""
    found = await _dots(session, where, limit)
    works = await works_for_update(session, sorted({dot.work_id for dot in found})) if found else []
    by_work: dict[UUID, list[Dot]] = {work.id: [] for work in works}
    # Looked at again under the locks.
    for dot in await _dots(session, where, limit) if works else []:
        by_work.get(dot.work_id, []).append(dot)
    return [(work, by_work[work.id]) for work in works if by_work[work.id]]


async def _dots(session: AsyncSession, where: ColumnElement[bool], limit: int | None) -> list[Dot]:
    newer = aliased(MarkVersion)
    overtaken = (
        (col(newer.work_id) == col(MarkVersion.work_id))
        & (col(newer.student_id) == col(MarkVersion.student_id))
        & (col(newer.slot) == col(MarkVersion.slot))
        & (col(newer.version) > col(MarkVersion.version))
    )
    statement = (
        select(*_KEY, col(MarkVersion.version), col(MarkVersion.due_on))
        .where(col(MarkVersion.value) == DOT, where, ~exists().where(overtaken))
        .order_by(*_KEY)
        .limit(limit)
    )
    # A dot has a term: the database checks it.
    return [Dot(*row) for row in await session.execute(statement)]  # type: ignore[arg-type]


async def works_for_update(session: AsyncSession, works: Sequence[UUID]) -> list[Work]:
    """The works, locked: batches of marks for one work are written one after another."""
    statement = select(Work).where(col(Work.id).in_(works)).order_by(col(Work.id)).with_for_update(key_share=True)
    return list((await session.execute(statement)).scalars())


async def work_for_update(session: AsyncSession, work_id: UUID) -> Work | None:
    return next(iter(await works_for_update(session, [work_id])), None)


async def standing_marks(
    session: AsyncSession, works: Sequence[UUID], students: Sequence[UUID]
) -> dict[tuple[UUID, UUID, int], dict[str, Any]]:
    """(work, student, slot) -> the newest version, with `first_set_at`: when a mark that is no dot was first set."""
    is_mark = and_(col(MarkVersion.value).is_not(None), col(MarkVersion.value) != DOT)
    first = func.min(case((is_mark, col(MarkVersion.set_at)))).over(partition_by=_KEY).label("first_set_at")
    statement = _newest(first).where(col(MarkVersion.work_id).in_(works), col(MarkVersion.student_id).in_(students))
    rows = (await session.execute(statement)).mappings()
    return {(row["work_id"], row["student_id"], row["slot"]): dict(row) for row in rows}


async def marks_of_works(session: AsyncSession, works: Sequence[UUID]) -> list[dict[str, Any]]:
    """Published read: all marks of some works as they stand, removed ones too."""
    rows = await session.execute(_newest().where(col(MarkVersion.work_id).in_(works)))
    return [dict(row) for row in rows.mappings()]


async def history(session: AsyncSession, work_id: UUID, student_id: UUID, slot: int) -> list[MarkVersion]:
    """All versions of a mark, oldest first."""
    statement = (
        select(MarkVersion)
        .where(
            col(MarkVersion.work_id) == work_id,
            col(MarkVersion.student_id) == student_id,
            col(MarkVersion.slot) == slot,
        )
        .order_by(col(MarkVersion.version))
    )
    return list((await session.execute(statement)).scalars())


async def works_of_lesson(session: AsyncSession, lesson_id: UUID) -> list[Work]:
    statement = select(Work).where(col(Work.lesson_id) == lesson_id).order_by(col(Work.id))
    return list((await session.execute(statement)).scalars())


async def append_versions(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """One statement for a batch, and so one link of the school's chain (migration 0004)."""
    # As one JSON document: a thousand rows of bound values take SQLAlchemy a third of a second to write out.
    await add_rows(session, MarkVersion, rows)


async def hold_period(session: AsyncSession, school_id: UUID, day: date) -> None:
    """Keeps the period of a day from being closed until the commit. Before any work is locked: closing locks in the
    same order."""
    await session.execute(_PERIOD, {"school": school_id, "day": day})


async def hold_periods(session: AsyncSession, school_id: UUID) -> None:
    """The same for all periods of a school."""
    await session.execute(_PERIODS, {"school": school_id})


async def closed_for(session: AsyncSession, day: date, students: Sequence[UUID]) -> set[UUID]:
    """Of these students, those for whose class the period of the day is closed. It stays so while `hold_period`
    holds it."""
    return {student for student, _ in await closed_on(session, [(student, day) for student in students])}


async def closed_on(session: AsyncSession, wanted: Collection[tuple[UUID, date]]) -> set[tuple[UUID, date]]:
    """The same of (student, day)."""
    values = {"students": [student for student, _ in wanted], "days": [day for _, day in wanted]}
    return {(row.student_id, row.day) for row in await session.execute(_CLOSED, values)}


async def take_due(session: AsyncSession, works: Sequence[UUID], students: Sequence[UUID]) -> list[MarkDue]:
    """Takes what families have not been told of yet out of the queue."""
    statement = text("""
        DELETE FROM mark_due WHERE work_id = ANY (:works) AND student_id = ANY (:students)
        RETURNING work_id, student_id, slot, school_id, told, told_due_on, due_at
    """)
    rows = await session.execute(statement, {"works": list(works), "students": list(students)})
    return [MarkDue(**row) for row in rows.mappings()]


async def put_due(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(upsert(MarkDue).on_conflict_do_nothing(), rows)


async def setting(session: AsyncSession, school_id: UUID) -> JournalSetting:
    """The school's settings, or the defaults."""
    found = await session.get(JournalSetting, school_id)
    return found or JournalSetting(school_id=school_id, mark_delay_minutes=0, rating_shown=True)


async def weights(session: AsyncSession, school_id: UUID) -> dict[str, Decimal]:
    """The weights that the school has set itself."""
    statement = select(col(WorkWeight.kind), col(WorkWeight.weight)).where(col(WorkWeight.school_id) == school_id)
    return {kind: weight for kind, weight in await session.execute(statement)}


_KEY = (col(MarkVersion.work_id), col(MarkVersion.student_id), col(MarkVersion.slot))


def _newest(*more: ColumnElement[Any]) -> Read:
    """The highest version of each mark."""
    return (
        select(
            *_KEY,
            col(MarkVersion.value),
            col(MarkVersion.comment),
            col(MarkVersion.due_on),
            col(MarkVersion.version),
            col(MarkVersion.set_at),
            col(MarkVersion.visible_from),
            col(MarkVersion.set_by),
            *more,
        )
        .ext(distinct_on(*_KEY))
        .order_by(*_KEY, col(MarkVersion.version).desc())
    )


def _visible(child: Whose, first: Day, last: Day, now: Moment) -> Any:
    """The highest version of each of a child's marks that families may see by now."""
    return (
        _newest()
        .where(
            col(MarkVersion.student_id) == child,
            col(MarkVersion.day).between(first, last),
            col(MarkVersion.visible_from) <= now,
        )
        .subquery()
    )
