"""The tables of the school by the thousand, for imports: read by school, written in bulk.

It decides nothing and commits nothing. Rows are never deleted, with one exception: what has not begun
yet leaves no history (`remove_unstarted`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, or_, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from backend.identity.roster import add_rows, among, change_rows
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

M = TypeVar("M", SchoolYear, Period, Subject, SchoolClass, StudyGroup, Student, SchoolRole)
SpanModel = type[Enrolment] | type[GroupMember] | type[TeachingLoad] | type[Guardianship]

SPAN_KEYS: dict[SpanModel, tuple[str, ...]] = {
    Enrolment: ("student_id", "class_id"),
    GroupMember: ("student_id", "group_id"),
    TeachingLoad: ("teacher_id", "subject_id", "group_id"),
    Guardianship: ("student_id", "account_id"),
}
"""Which columns say who is linked to what. The other columns of a link are its days and its rights."""


@dataclass(slots=True)
class Span:
    """A link with both its days included; `ends` None: without an end."""

    id: UUID
    school_id: UUID
    key: tuple[UUID, ...]
    starts: date
    ends: date | None


async def one_import_at_a_time(session: AsyncSession) -> None:
    """Waits for another import to end: two that make the same class would both fail on it."""
    await session.execute(text("SELECT pg_advisory_xact_lock(4_815_162_343)"))


async def school_ids(session: AsyncSession) -> list[UUID]:
    return list((await session.execute(select(col(School.id)))).scalars())


async def schools(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, School]:
    rows = await session.execute(select(School).where(among(col(School.id), ids)))
    return {school.id: school for school in rows.scalars()}


async def of_schools(session: AsyncSession, model: type[M], school_ids: Collection[UUID]) -> list[M]:
    """All rows of a table that belong to the schools."""
    # Read-only copies: an import writes by statement, and a session that tracks 30,000 objects is slow.
    rows = await session.execute(select(model).where(among(col(model.school_id), school_ids)))
    found = list(rows.scalars())
    session.expunge_all()
    return found


async def students_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Student]:
    rows = await session.execute(select(Student).where(among(col(Student.id), ids)))
    return {student.id: student for student in rows.scalars()}


async def spans(
    session: AsyncSession, model: SpanModel, school_ids: Collection[UUID], since: date | None = None
) -> list[Span]:
    """The links of the schools that have not ended before `since`."""
    statement = _spans(model).where(among(col(model.school_id), school_ids))
    if since is not None:
        statement = statement.where(or_(col(model.ends).is_(None), col(model.ends) >= since))
    return [Span(row[0], row[1], tuple(row[4:]), row[2], row[3]) for row in await session.execute(statement)]


async def elsewhere(session: AsyncSession, accounts: Collection[UUID], school_ids: Collection[UUID]) -> set[UUID]:
    """Those of the accounts that have a role, a child or an own record at a school not among `school_ids`."""
    parts = []
    for model, account in (
        (SchoolRole, col(SchoolRole.account_id)),
        (Guardianship, col(Guardianship.account_id)),
        (Student, col(Student.account_id)),
    ):
        parts.append(select(account).where(among(account, accounts), ~among(col(model.school_id), school_ids)))
    return {account for account in (await session.execute(union(*parts))).scalars() if account is not None}


async def add(session: AsyncSession, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    await add_rows(session, model, rows)


async def change(session: AsyncSession, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
    """Each row holds `id` and the columns to change."""
    await change_rows(session, model, rows, ("id",))


async def change_roles(session: AsyncSession, rows: Iterable[Mapping[str, Any]]) -> None:
    """Each row holds `account_id`, `school_id`, `role` and the columns to change."""
    await change_rows(session, SchoolRole, rows, ("account_id", "school_id", "role"))


async def move(
    session: AsyncSession, model: type[SchoolYear] | type[Period], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Changes years or periods, `starts` and `ends` among the columns.

    They may not overlap at any moment, also not half way through a shifted boundary, so all of them
    first step aside, each to a place of its own in a past that nobody uses.
    """
    far = date(1800, 1, 1)
    aside = [
        {
            "id": row["id"],
            "starts": far + timedelta(days=10 * place),
            "ends": far + timedelta(days=10 * place + 1),
        }
        for place, row in enumerate(rows)
    ]
    await change(session, model, aside)
    await change(session, model, rows)


async def remove_unstarted(session: AsyncSession, model: SpanModel, ids: Collection[UUID]) -> None:
    """Takes back links that would have begun only in the future."""
    if ids:
        await session.execute(delete(model).where(among(col(model.id), ids)))


async def end_of(
    session: AsyncSession,
    model: SpanModel,
    people: Collection[UUID],
    school_ids: Collection[UUID],
    last: date,
) -> int:
    """Ends all links of students, or of teachers, with `last` at the latest. Answers how many it were."""
    if not people:
        return 0
    table: Any = model
    statement = (
        update(table)
        .where(among(getattr(table, SPAN_KEYS[model][0]), people), among(table.school_id, school_ids))
        .where(table.starts <= last, or_(table.ends.is_(None), table.ends > last))
        .values(ends=last)
        .returning(table.id)
    )
    return len((await session.execute(statement)).all())


async def take_class_teachers(session: AsyncSession, accounts: Collection[UUID], school_ids: Collection[UUID]) -> None:
    """Leaves the classes of these teachers without a class teacher."""
    if accounts:
        theirs = (
            among(col(SchoolClass.class_teacher_id), accounts),
            among(col(SchoolClass.school_id), school_ids),
        )
        await session.execute(update(SchoolClass).where(*theirs).values(class_teacher_id=None))


def _spans(model: SpanModel) -> Any:
    table: Any = model
    keys = [getattr(table, name) for name in SPAN_KEYS[model]]
    return select(table.id, table.school_id, table.starts, table.ends, *keys)
