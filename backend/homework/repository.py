"""The SQL of homework, and the read that it publishes."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.reads import Day, Read, Whose
from backend.homework.models import Homework
from backend.school.models import Membership, Subject


def homework_of_child(child: Whose, first: Day, last: Day) -> Read:
    """Published read: what the child's groups have to do for some days."""
    return (
        select(
            col(Homework.id),
            col(Homework.subject_id),
            col(Subject.name).label("subject"),
            col(Homework.due_on),
            col(Homework.body).label("text"),
            col(Homework.mandatory),
            col(Homework.minutes),
        )
        .join(Membership, col(Membership.group_id) == col(Homework.group_id))
        .join(Subject, col(Subject.id) == col(Homework.subject_id))
        .where(
            col(Homework.due_on).between(first, last),
            col(Membership.student_id) == child,
            col(Membership.starts) <= col(Homework.due_on),
            or_(col(Membership.ends).is_(None), col(Membership.ends) >= col(Homework.due_on)),
        )
    )


async def homework_of_lesson(session: AsyncSession, lesson_id: UUID) -> list[Homework]:
    statement = select(Homework).where(col(Homework.lesson_id) == lesson_id).order_by(col(Homework.id))
    return list((await session.execute(statement)).scalars())
