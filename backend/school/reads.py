"""Published reads of how a school is made up: its years, its classes and their groups."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.days import check_range
from backend.school.models import Enrolment, Period, SchoolClass, SchoolYear, Student, StudyGroup, Subject
from backend.school.repository import period_on, russian_order


async def groups_of_class(session: AsyncSession, class_id: UUID) -> dict[UUID, str]:
    """The whole class and its parts, by id."""
    statement = select(col(StudyGroup.id), col(StudyGroup.name)).where(col(StudyGroup.class_id) == class_id)
    return {group_id: name for group_id, name in await session.execute(statement)}


async def known_classes(
    session: AsyncSession, school_id: UUID, named: Collection[UUID], today: date
) -> dict[UUID, str]:
    """Those of the classes that are the school's, of years that are not over, with their names in order."""
    if not named:
        return {}
    statement = (
        select(col(SchoolClass.id), func.concat(SchoolClass.grade, SchoolClass.letter))
        .join(SchoolYear, col(SchoolYear.id) == col(SchoolClass.year_id))
        .where(
            col(SchoolClass.id).in_(named), col(SchoolClass.school_id) == school_id, col(SchoolYear.ends) >= today
        )
        .order_by(col(SchoolClass.grade), col(SchoolClass.letter).collate("C"))
    )  # fmt: skip
    return {class_id: name for class_id, name in await session.execute(statement)}


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
