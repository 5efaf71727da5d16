"""The SQL of a year's rollover."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.identity.roster import among
from backend.school.models import (
    Enrolment,
    GroupMember,
    Rollover,
    SchoolClass,
    SchoolYear,
    Student,
    StudyGroup,
)


@dataclass(frozen=True)
class Sitting:
    """A student in a class at the end of the old year."""

    enrolment_id: UUID
    student_id: UUID
    class_id: UUID
    ends: date | None


async def year_before(session: AsyncSession, year: SchoolYear) -> SchoolYear | None:
    statement = (
        select(SchoolYear)
        .where(col(SchoolYear.school_id) == year.school_id, col(SchoolYear.starts) < year.starts)
        .order_by(col(SchoolYear.starts).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def standing(session: AsyncSession, school_id: UUID, years: Collection[UUID] | None = None) -> Rollover | None:
    """The newest rollover of the school, or from or into one of these years, that has not been taken back."""
    statement = select(Rollover).where(col(Rollover.school_id) == school_id, col(Rollover.undone_at).is_(None))
    if years is not None:
        statement = statement.where(or_(col(Rollover.from_year_id).in_(years), col(Rollover.to_year_id).in_(years)))
    return (await session.execute(statement.order_by(col(Rollover.id).desc()).limit(1))).scalar_one_or_none()


async def classes_of(session: AsyncSession, year_id: UUID) -> list[SchoolClass]:
    statement = select(SchoolClass).where(col(SchoolClass.year_id) == year_id)
    order = (col(SchoolClass.grade), col(SchoolClass.letter).collate("C"))
    return list((await session.execute(statement.order_by(*order))).scalars())


async def whole_groups(session: AsyncSession, year_id: UUID) -> set[UUID]:
    """The classes of a year that have their whole-class group."""
    statement = select(col(StudyGroup.class_id)).where(col(StudyGroup.year_id) == year_id, col(StudyGroup.whole_class))
    return {class_id for class_id in (await session.execute(statement)).scalars() if class_id is not None}


async def sitting(session: AsyncSession, year: SchoolYear) -> list[Sitting]:
    """Who is in the classes of a year on its last day."""
    statement = (
        select(col(Enrolment.id), col(Enrolment.student_id), col(Enrolment.class_id), col(Enrolment.ends))
        .join(SchoolClass, col(SchoolClass.id) == col(Enrolment.class_id))
        .join(Student, col(Student.id) == col(Enrolment.student_id))
        .where(
            col(SchoolClass.year_id) == year.id,
            col(Student.left_on).is_(None),
            col(Enrolment.starts) <= year.ends,
            or_(col(Enrolment.ends).is_(None), col(Enrolment.ends) >= year.ends),
        )
        .order_by(col(Enrolment.id))
    )
    return [Sitting(*row) for row in await session.execute(statement)]


async def placed_after(session: AsyncSession, school_id: UUID, day: date) -> set[UUID]:
    """The students who have a class after a day that was given to them by hand."""
    statement = select(col(Enrolment.student_id)).where(
        col(Enrolment.school_id) == school_id, col(Enrolment.starts) > day
    )
    return set((await session.execute(statement)).scalars())


async def open_memberships(session: AsyncSession, year: SchoolYear) -> list[tuple[UUID, date | None]]:
    """(id, end) of the stays in groups of a year that would last longer than it."""
    statement = (
        select(col(GroupMember.id), col(GroupMember.ends))
        .join(StudyGroup, col(StudyGroup.id) == col(GroupMember.group_id))
        .where(
            col(StudyGroup.year_id) == year.id,
            col(GroupMember.starts) <= year.ends,
            or_(col(GroupMember.ends).is_(None), col(GroupMember.ends) > year.ends),
        )
    )
    return [(member_id, ends) for member_id, ends in await session.execute(statement)]


async def grades(session: AsyncSession, students: Collection[UUID]) -> dict[UUID, int | None]:
    statement = select(col(Student.id), col(Student.grade)).where(among(col(Student.id), students))
    return {student_id: grade for student_id, grade in await session.execute(statement)}


async def gone(session: AsyncSession, students: Collection[UUID]) -> set[UUID]:
    """Of these students, those who have left the school."""
    statement = select(col(Student.id)).where(among(col(Student.id), students), col(Student.left_on).is_not(None))
    return set((await session.execute(statement)).scalars())


async def owners(session: AsyncSession, enrolments: Collection[UUID]) -> dict[UUID, UUID]:
    """enrolment -> student."""
    statement = select(col(Enrolment.id), col(Enrolment.student_id)).where(among(col(Enrolment.id), enrolments))
    return {enrolment_id: student_id for enrolment_id, student_id in await session.execute(statement)}


async def say_goodbye(session: AsyncSession, students: Collection[UUID], day: date | None) -> None:
    """The students have left with a day, or with None they have not."""
    statement = update(Student).where(among(col(Student.id), students))
    await session.execute(statement.values(left_on=day, attach_code=None, attach_code_until=None))


async def remove(
    session: AsyncSession, model: type[Enrolment] | type[StudyGroup] | type[SchoolClass], ids: Collection[UUID]
) -> None:
    await session.execute(delete(model).where(among(col(model.id), ids)))
