"""School years and their periods, as the deputy sets them up."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.values import tidy
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import roster, setup_repository, setup_rights, setup_rules
from backend.school.models import Period, SchoolYear
from backend.school.recorded import Recorded
from schemas import setup as wire

_CLASHES = {"school_years_apart": "years-overlap", "period_closing_period_id_fkey": "period-in-use"}


async def listed(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.SchoolYears:
    """For whoever works at the school. Raises NotFound for others."""
    await setup_rights.school_to_read(session, acting.account_id, school_id, now)
    return wire.SchoolYears(items=[_as_wire(row) for row in await setup_repository.years(session, school_id)])


async def create(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.CreateYear, now: datetime
) -> wire.SchoolYear:
    """A year with its periods.

    Raises:
        NotFound: the school is not the caller's to set up.
        Invalid: names every day that cannot be so, and names that are missing or repeated.
        Conflict: it overlaps another year of the school (`years-overlap`).
    """
    await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    wrong = setup_rules.year_problems(wish) | setup_rules.name_problems({"/name": wish.name})
    wrong |= setup_rules.period_problems(wish.starts, wish.ends, wish.periods)
    if wrong:
        raise Invalid(wrong)
    year = SchoolYear(id=new_id(), school_id=school_id, name=tidy(wish.name), starts=wish.starts, ends=wish.ends)
    async with conflicts(session, _CLASHES):
        session.add(year)
    session.add_all(_period(year, period, new_id()) for period in wish.periods)
    await session.flush()
    touch(session, [school_id])
    return await _year(session, year)


async def set_periods(
    session: AsyncSession,
    acting: Acting,
    school_id: UUID,
    year_id: UUID,
    wish: wire.SetPeriods,
    recorded: Recorded,
    now: datetime,
) -> wire.SchoolYear:
    """All periods of a year at once: moved, renamed, added, removed. Saving the same again changes nothing.

    Raises:
        NotFound: the year is not the caller's to set up.
        Invalid: names every period that cannot be so.
        Conflict: a period that is closed for some class would move (`period-closed`), or one that has been closed or
            has finals would go (`period-in-use`).
    """
    await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    year = await setup_repository.year(session, school_id, year_id)
    if year is None:
        raise NotFound
    held = {period.id: period for period in await setup_repository.periods_for_update(session, year_id)}
    wrong = setup_rules.period_problems(year.starts, year.ends, wish.periods) | _unknown(wish, held)
    if wrong:
        raise Invalid(wrong)
    wanted = {period.id: period for period in wish.periods if period.id is not None}
    removed = held.keys() - wanted.keys()
    moved = {key for key, new in wanted.items() if (new.starts, new.ends) != (held[key].starts, held[key].ends)}
    if await recorded.closed_periods(session, removed | moved):
        raise Conflict(code="period-closed")
    if await recorded.used_periods(session, removed):
        raise Conflict(code="period-in-use")
    async with conflicts(session, _CLASHES):
        await setup_repository.remove_periods(session, removed)
        kept = [
            {"id": key, "name": tidy(new.name), "starts": new.starts, "ends": new.ends} for key, new in wanted.items()
        ]
        await roster.move(session, Period, kept)
        session.add_all(_period(year, period, new_id()) for period in wish.periods if period.id is None)
    touch(session, [school_id])
    return await _year(session, year)


def _unknown(wish: wire.SetPeriods, held: dict[UUID, Period]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    seen: set[UUID] = set()
    for number, period in enumerate(wish.periods):
        if period.id is None:
            continue
        if period.id not in held:
            wrong[f"/periods/{number}/id"] = "unknown-period"
        elif period.id in seen:
            wrong[f"/periods/{number}/id"] = "repeated"
        seen.add(period.id)
    return wrong


def _period(year: SchoolYear, wish: wire.NewPeriod, period_id: UUID) -> Period:
    return Period(
        id=period_id, school_id=year.school_id, year_id=year.id, name=tidy(wish.name), starts=wish.starts,
        ends=wish.ends,
    )  # fmt: skip


async def _year(session: AsyncSession, year: SchoolYear) -> wire.SchoolYear:
    rows = await setup_repository.years(session, year.school_id)
    return next(_as_wire(row) for row in rows if row["id"] == year.id)


def _as_wire(row: dict[str, Any]) -> wire.SchoolYear:
    return msgspec.convert(row, wire.SchoolYear, strict=False)
