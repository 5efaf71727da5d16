"""Published reads of how a school is made up: its years, its classes and their groups."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.days import check_range
from backend.school.models import Enrolment, Period, SchoolYear, Student, StudyGroup, Subject
from backend.school.repository import period_on, russian_order

_TIES = text("""
    SELECT s.id FROM school s
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE EXISTS (SELECT FROM school_role r WHERE r.account_id = :account AND r.school_id = s.id
                    AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity'))
        OR EXISTS (SELECT FROM student st WHERE st.account_id = :account AND st.school_id = s.id AND st.left_on IS NULL)
        OR EXISTS (SELECT FROM guardianship g JOIN student st ON st.id = g.student_id AND st.left_on IS NULL
                    WHERE g.account_id = :account AND g.school_id = s.id AND g.may_view
                      AND day.today BETWEEN g.starts AND coalesce(g.ends, 'infinity'))
     ORDER BY s.id
""")


async def schools_with_ties(session: AsyncSession, account_id: UUID, now: datetime) -> list[UUID]:
    """The schools where somebody works, learns or has a child today."""
    return list((await session.execute(_TIES, {"account": account_id, "now": now})).scalars())


async def groups_of_class(session: AsyncSession, class_id: UUID) -> dict[UUID, str]:
    """The whole class and its parts, by id."""
    statement = select(col(StudyGroup.id), col(StudyGroup.name)).where(col(StudyGroup.class_id) == class_id)
    return {group_id: name for group_id, name in await session.execute(statement)}


async def class_id_of(session: AsyncSession, child_id: UUID, day: date) -> UUID | None:
    """The class of a child on a day."""
    statement = select(col(Enrolment.class_id)).where(
        col(Enrolment.student_id) == child_id,
        col(Enrolment.starts) <= day,
        or_(col(Enrolment.ends).is_(None), col(Enrolment.ends) >= day),
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def who_left(session: AsyncSession, students: Collection[UUID]) -> set[UUID]:
    """Of these students, those who have left the school."""
    statement = select(col(Student.id)).where(col(Student.id).in_(students), col(Student.left_on).is_not(None))
    return set((await session.execute(statement)).scalars())


async def subject_ids(session: AsyncSession, school_id: UUID) -> set[UUID]:
    statement = select(col(Subject.id)).where(col(Subject.school_id) == school_id)
    return set((await session.execute(statement)).scalars())


async def year_of(session: AsyncSession, school_id: UUID, day: date) -> tuple[SchoolYear | None, list[Period]]:
    """The school year of a day with its periods; in summer the one that comes next."""
    statement = (
        select(SchoolYear)
        .where(col(SchoolYear.school_id) == school_id, col(SchoolYear.ends) >= day)
        .order_by(col(SchoolYear.starts))
        .limit(1)
    )
    year = (await session.execute(statement)).scalar_one_or_none()
    if year is None:
        return None, []
    return year, await periods_of(session, year.id)


async def students_in_class(session: AsyncSession, class_id: UUID, day: date) -> list[Student]:
    """The students of a class on a day, in the order of a Russian list."""
    order = [*russian_order(col(Student.family_name)), russian_order(col(Student.given_name))[0], col(Student.id)]
    statement = (
        select(Student)
        .join(Enrolment, col(Enrolment.student_id) == col(Student.id))
        .where(
            col(Enrolment.class_id) == class_id,
            col(Enrolment.starts) <= day,
            or_(col(Enrolment.ends).is_(None), col(Enrolment.ends) >= day),
            col(Student.left_on).is_(None),
        )
        .order_by(*order)
    )
    return list((await session.execute(statement)).scalars())


async def range_asked(
    session: AsyncSession, school_id: UUID, today: date, first: date | None, last: date | None
) -> tuple[date, date]:
    """The days that somebody asks for; what is left out is of the current period, in summer of the month so far.

    Raises:
        Invalid: the days are in the wrong order, or more than a year.
    """
    period = await period_on(session, school_id, today)
    starts, ends = (period.starts, period.ends) if period else (today.replace(day=1), today)
    first, last = first or starts, last or ends
    check_range(first, last)
    return first, last


async def periods_of(session: AsyncSession, year_id: UUID) -> list[Period]:
    """The periods of a year, in order."""
    periods = select(Period).where(col(Period.year_id) == year_id).order_by(col(Period.starts))
    return list((await session.execute(periods)).scalars())
