"""Parents look through a child's week and sign it; the class teacher sees who has (DOMAIN.md section 10)."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.days import week_of
from backend.core.errors import Invalid
from backend.identity.acting import Acting
from backend.school import rights
from backend.weeks import repository
from backend.weeks.models import WeekSignature
from push import outbox
from schemas import weeks as wire

# How many weeks before the current one can still be signed.
BACK = 4
# From Friday on there is a week to look through.
_FRIDAY = timedelta(days=4)


async def sign(session: AsyncSession, acting: Acting, child_id: UUID, day: date, now: datetime) -> wire.SignedWeek:
    """A guardian signs the week of a day, for themselves; what they were told of it is read thereby.

    Raises:
        NotFound: the caller is no guardian who may see the child.
        Invalid: the week has not come to its Friday yet, or is too long ago.
    """
    child = await rights.child_of_guardian(session, acting.account_id, child_id, now)
    week, _ = _week(day)
    weeks = _to_sign(child.today)
    if week not in weeks:
        raise Invalid({"": "in-the-future" if week > weeks[0] else "too-far"})
    signature = WeekSignature(
        student_id=child_id, week=week, account_id=acting.account_id, school_id=child.school_id, signed_at=now
    )
    await repository.sign(session, signature)
    await outbox.mark_entities_read(session, acting.account_id, thread_of(child_id), [str(week)], now)
    signed = await repository.signed_by(session, acting.account_id, child_id, week, week)
    return wire.SignedWeek(week=week, signed_at=signed[week])


async def of_child(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.SignedWeeks:
    """The weeks that can be signed, and when the caller has. Raises NotFound as `sign` does."""
    child = await rights.child_of_guardian(session, acting.account_id, child_id, now)
    weeks = _to_sign(child.today)
    signed = await repository.signed_by(session, acting.account_id, child_id, weeks[-1], weeks[0])
    return wire.SignedWeeks(items=[wire.SignedWeek(week=week, signed_at=signed.get(week)) for week in weeks])


async def of_class(session: AsyncSession, acting: Acting, class_id: UUID, day: date, now: datetime) -> wire.ClassWeek:
    """Who has signed the week of a day for each student of a class.

    Raises:
        NotFound: the caller does not lead the class.
        Invalid: the diary has no such day.
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    week, sunday = _week(day)
    rows = await repository.of_class(session, class_id, week, min(led.today, sunday), led.today)
    students = []
    for row in rows:
        guardians = msgspec.convert(row.pop("guardians"), list[wire.WeekSigner])
        signed = any(guardian.signed_at is not None for guardian in guardians)
        students.append(wire.StudentWeek(**row, signed=signed, guardians=guardians))
    return wire.ClassWeek(class_id=class_id, week=week, students=students)


def _to_sign(today: date) -> list[date]:
    """The Mondays of the weeks that can be signed today, newest first."""
    current, _ = week_of(today)
    weeks = [current - timedelta(weeks=back) for back in range(BACK + 1)]
    return weeks if today >= current + _FRIDAY else weeks[1:]


def _week(day: date) -> tuple[date, date]:
    if not 1900 <= day.year <= 2200:
        raise Invalid({"": "bad-day"})
    return week_of(day)


def thread_of(child_id: UUID) -> str:
    """What a parent is asked to sign of a child is one item."""
    return f"week:{child_id}"
