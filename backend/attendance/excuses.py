"""Why a child was not there: the class teacher's word, apart from the fact (DOMAIN.md section 7)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import repository, rules
from backend.attendance.models import ExcuseVersion
from backend.core.days import days_between
from backend.core.errors import Invalid
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.school import rights
from schemas import attendance as wire


async def set_excuse(
    session: AsyncSession, acting: Acting, child_id: UUID, wish: wire.SetExcuse, now: datetime
) -> wire.Excuses:
    """Excuses a child's days or some of their lessons, or says that there is no excuse; facts stay as they are.

    Raises:
        NotFound: the caller is neither the child's class teacher nor the deputy.
        Invalid: the days are in the wrong order, too many or too far away.
    """
    child = await rights.child_to_lead(session, acting.account_id, child_id, now)
    wrong = rules.excuse_problems(wish, child.today)
    if wrong:
        raise Invalid(wrong)
    # Two who excuse at the same moment: one after the other.
    await school.lock_student(session, child_id)
    standing = {row.day: row for row in await repository.excuses(session, child_id, wish.first_day, wish.last_day)}
    lessons = sorted(set(wish.lessons)) if wish.lessons else None
    rows: list[dict[str, Any]] = []
    for day in days_between(wish.first_day, wish.last_day):
        before = standing.get(day)
        wanted = (wish.state, lessons, wish.reason, wish.comment)
        if wanted != ((before.state, before.lessons, before.reason, before.comment) if before else (None,) * 4):
            rows.append(
                {
                    "student_id": child_id, "day": day, "version": before.version + 1 if before else 1,
                    "school_id": child.school_id, "state": wish.state, "lessons": lessons, "reason": wish.reason,
                    "comment": wish.comment, "set_by": acting.account_id, "set_at": now,
                }
            )  # fmt: skip
    if rows:
        await repository.append_excuses(session, rows)
        touch(session, [child_id])
    excused = await repository.excuses(session, child_id, wish.first_day, wish.last_day)
    return wire.Excuses(items=[_as_wire(row) for row in excused])


async def list_excuses(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.Excuses:
    """A child's excuses of the year around today, newest day first. Raises NotFound for who does not lead the child."""
    child = await rights.child_to_lead(session, acting.account_id, child_id, now)
    year = timedelta(days=366)
    rows = await repository.excuses(session, child_id, child.today - year, child.today + year)
    return wire.Excuses(items=[_as_wire(row) for row in reversed(rows)])


def _as_wire(row: ExcuseVersion) -> wire.Excuse:
    return wire.Excuse(
        day=row.day, state=row.state, lessons=row.lessons, reason=row.reason, comment=row.comment,  # type: ignore[arg-type]
        version=row.version, set_at=row.set_at,
    )  # fmt: skip
