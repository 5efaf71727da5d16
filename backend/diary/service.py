"""A child's day and week."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid
from backend.diary import repository, rules
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.school import rights
from schemas.diary import DiaryDay, DiaryWeek

# Days outside of this are typing errors, and some of them no calendar can compute with.
_DAYS = (date(1990, 1, 1), date(2200, 1, 1))


def _check(on: date | None) -> None:
    if on is not None and not _DAYS[0] <= on <= _DAYS[1]:
        raise Invalid({"query:day": "bad-day"})


async def day(session: AsyncSession, acting: Acting, child_id: UUID, on: date | None, now: datetime) -> DiaryDay:
    """One day of a child, today where none is named. Raises NotFound without the right to the child."""
    _check(on)
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    shown = on or child.today
    rows = await repository.days_of_child(session, child_id, (shown, shown), (shown, shown))
    return rules.lay_out(rows, shown, shown)[0]


async def week(session: AsyncSession, acting: Acting, child_id: UUID, on: date | None, now: datetime) -> DiaryWeek:
    """The week of a day, with the averages of the period. Raises NotFound without the right to the child."""
    _check(on)
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    first, last = rules.week_of(on or child.today)
    period = await school.period_on(session, child.school_id, on or child.today)
    span = (period.starts, period.ends) if period else (first, last)
    rows = await repository.days_of_child(session, child_id, (first, last), span)
    return DiaryWeek(
        child_id=child_id,
        first_day=first,
        last_day=last,
        today=child.today,
        days=rules.lay_out(rows, first, last),
        averages=rules.averages(rows.counted),
    )
