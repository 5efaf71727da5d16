"""Absence notices of parents."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notice_repository as repository
from backend.attendance import rules
from backend.attendance.models import AbsenceNotice
from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.school import rights
from backend.school.rights import ChildAccess
from backend.timetable import repository as timetable
from push import outbox
from push.outbox import NewAlert
from schemas import attendance as wire
from schemas.alerts import AbsenceNoticeFiled, Target


async def file_notice(
    session: AsyncSession, acting: Acting, child_id: UUID, wish: wire.FileNotice, now: datetime
) -> wire.NoticeFiled:
    """Files a notice for the days that have lessons and are not covered yet; the answer tells of every day.

    Raises:
        NotFound: the child is not the caller's to file for.
        Invalid: the days are in the wrong order, too far away or too many.
    """
    child = await rights.child_to_file_for(session, acting.account_id, child_id, now)
    problems = rules.notice_problems(wish, child.today)
    if problems:
        raise Invalid(problems)
    # Two parents may file at the same moment: one after the other, so that each day has one notice.
    await school.lock_student(session, child_id)
    lessons = await timetable.lessons_per_day(session, child_id, wish.first_day, wish.last_day)
    taken = await repository.taken_days(session, child_id, wish.first_day, wish.last_day)
    days = rules.cover(wish, lessons, taken)
    fresh = [day.day for day in days if day.state == "covered"]
    if not fresh:
        return wire.NoticeFiled(id=None, days=days)
    notice = AbsenceNotice(
        id=new_id(),
        school_id=child.school_id,
        student_id=child_id,
        filed_by=acting.account_id,
        first_day=fresh[0],
        last_day=fresh[-1],
        reason=wish.reason,
        comment=wish.comment,
        created_at=now,
    )
    session.add(notice)
    await session.flush()
    await repository.cover_days(session, notice, fresh)
    touch(session, [child_id])
    await _tell(session, acting, child, notice, now)
    return wire.NoticeFiled(id=notice.id, days=days)


async def list_notices(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.Notices:
    """A child's notices. Another guardian sees dates and reason, not the comment; the student sees none."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    if not (child.is_guardian or child.leads):
        raise NotFound
    items = []
    for notice in await repository.notices_of_child(session, child_id):
        own = notice.filed_by == acting.account_id
        items.append(
            wire.Notice(
                id=notice.id,
                first_day=notice.first_day,
                last_day=notice.last_day,
                reason=notice.reason,  # type: ignore[arg-type]
                comment=notice.comment if own or child.leads else None,
                own=own,
                created_at=notice.created_at,
            )
        )
    return wire.Notices(items=items)


async def _tell(
    session: AsyncSession, acting: Acting, child: ChildAccess, notice: AbsenceNotice, now: datetime
) -> None:
    """The class teacher and the other guardians; the reason stays in the school (DOMAIN.md section 8)."""
    found = await school.class_of_child(session, child.child_id, child.today)
    teacher, class_name = found or (None, "")
    guardians = [
        receiver.account_id
        for receiver in await school.receivers(session, [child.child_id], child.today)
        if not receiver.is_student and receiver.account_id != acting.account_id
    ]
    told = ([teacher] if teacher else []) + [account for account in guardians if account != teacher]
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=child.school_id,
                account_id=account,
                child_id=child.child_id,
                body=AbsenceNoticeFiled(
                    child=child.given_name,
                    class_name=class_name,
                    first_day=notice.first_day,
                    last_day=notice.last_day,
                ),
                target=Target(
                    screen="absence-notices",
                    child_id=child.child_id,
                    on=notice.first_day,
                    entity_id=notice.id,
                ),
                thread=f"notice:{child.child_id}",
                entity=str(notice.id),
                occurred_at=now,
                timezone=child.timezone,
            )
            for account in told
        ],
    )
