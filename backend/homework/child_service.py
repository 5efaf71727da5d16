"""Homework as the family has it: read by subject, period and kind, and ticked by the student."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.days import check_range, days_after
from backend.core.errors import DiaryError, NotFound
from backend.core.versions import touch
from backend.homework import repository
from backend.identity.acting import Acting
from backend.school import rights
from backend.timetable.service import lesson_to_write
from schemas import homework as wire

# Without dates: what is due from today on, two weeks of it.
_AHEAD = timedelta(days=13)


async def of_child(
    session: AsyncSession, acting: Acting, child_id: UUID, first: date | None, last: date | None, *,
    subject_id: UUID | None, mandatory: bool | None, done: bool | None, now: datetime,
) -> wire.ChildHomeworkList:  # fmt: skip
    """What a child has to do for some days; without dates of the coming two weeks.

    Raises:
        NotFound: no right to the child.
        Invalid: the days are in the wrong order, or more than a year.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    first = first or min(child.today, last or child.today)
    last = last or days_after(first, _AHEAD)
    check_range(first, last)
    items = [wire.ChildHomework(**row) for row in await repository.of_child(session, child_id, first, last)]
    return wire.ChildHomeworkList(
        first_day=first, last_day=last,
        items=[
            item
            for item in items
            if subject_id in (None, item.subject_id)
            and mandatory in (None, item.mandatory)
            and done in (None, item.done)
        ],
    )  # fmt: skip


async def tick(
    session: AsyncSession, acting: Acting, child_id: UUID, homework_id: UUID, wish: wire.TickHomework, now: datetime
) -> None:
    """The student says that a homework is done, or is not after all: a help, no grade (DOMAIN.md section 9).

    Raises:
        NotFound: the caller is not the student, or the homework is not theirs.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    if not child.is_self or not await repository.is_of_child(session, homework_id, child_id):
        raise NotFound
    if wish.done:
        await repository.tick(session, homework_id, child_id, child.school_id, now)
    else:
        await repository.untick(session, homework_id, child_id)
    touch(session, [child_id])


async def may_read_files(session: AsyncSession, account_id: UUID, homework_id: UUID, now: datetime) -> bool:
    """Whether somebody may have the files of a homework: whoever sees it in a diary, or writes in its lesson."""
    if await repository.is_seen_by(session, homework_id, account_id, now):
        return True
    lesson_id = await repository.lesson_of(session, homework_id)
    if lesson_id is None:
        return False
    try:
        await lesson_to_write(session, account_id, lesson_id, now)
    except DiaryError:
        return False
    return True
