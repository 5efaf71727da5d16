"""Who hears of a child: it itself, without a sound while it sits in lessons, and its parents (DOMAIN.md section 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.school import repository as school
from backend.timetable import repository


@dataclass(frozen=True)
class Hearer:
    """Somebody who is told about a child.

    Attributes:
        silent_until: it makes no sound before: the student sits in lessons.
    """

    account_id: UUID
    child_id: UUID
    child_name: str
    silent_until: datetime | None


async def hearers(
    session: AsyncSession, children: Sequence[UUID], today: date, now: datetime
) -> dict[UUID, list[Hearer]]:
    """Who is told about each of these children today: themselves, and guardians who receive pushes."""
    found: dict[UUID, list[Hearer]] = {child: [] for child in children}
    in_lessons = await repository.in_lessons_until(session, children, now)
    for one in await school.receivers(session, children, today):
        until = in_lessons.get(one.child_id) if one.is_student else None
        found[one.child_id].append(Hearer(one.account_id, one.child_id, one.child_name, until))
    return found
