"""To whom one may write about a child, and the office hours of the staff."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid, NotFound
from backend.identity.acting import Acting
from backend.messages import people_repository as repository
from backend.messages import rules
from backend.school import rights
from schemas import messages as wire


async def staff_of_child(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.StaffOfChild:
    """The staff to whom a child's family may write. Raises NotFound for who is not of the child's family."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    if not (child.is_self or child.is_guardian):
        raise NotFound
    rows = await repository.staff_of_child(session, acting.account_id, child_id, now)
    return wire.StaffOfChild(
        items=[wire.StaffMember(**row | {"office_hours": rules.office_hours(row["office_hours"])}) for row in rows]
    )


async def families_of_class(session: AsyncSession, acting: Acting, class_id: UUID, now: datetime) -> wire.Families:
    """The families of a class's students to whom one may write. Raises NotFound where there are none."""
    return _families(await repository.families(session, acting.account_id, now, class_id=class_id))


async def family_of_child(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.Families:
    """The family of a child to whom one may write. Raises NotFound for who is not of the child's staff."""
    return _families(await repository.families(session, acting.account_id, now, child_id=child_id))


async def get_office_hours(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.OfficeHours:
    """One's own office hours at a school. Raises NotFound for who does not work there."""
    await rights.require_staff(session, acting.account_id, school_id, now)
    hours = await repository.hours_of(session, acting.account_id, school_id)
    return wire.OfficeHours(hours=rules.office_hours(hours))


async def set_office_hours(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.SetOfficeHours, now: datetime
) -> wire.OfficeHours:
    """Sets one's own office hours at a school. Outside of them messages come without a sound.

    Raises:
        NotFound: the caller does not work there.
        Invalid: one ends before it begins, or overlaps another.
    """
    await rights.require_staff(session, acting.account_id, school_id, now)
    wrong = rules.hours_problems(wish.hours)
    if wrong:
        raise Invalid(wrong)
    hours = sorted(wish.hours, key=lambda hour: (hour.weekday, hour.opens))
    await repository.set_hours(session, acting.account_id, school_id, rules.stored_hours(hours))
    return wire.OfficeHours(hours=hours)


def _families(rows: list[dict[str, Any]]) -> wire.Families:
    if not rows:
        raise NotFound
    return wire.Families(
        items=[wire.Family(**row | {"people": msgspec.convert(row["people"], list[wire.FamilyMember])}) for row in rows]
    )
