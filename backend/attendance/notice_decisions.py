"""What the school makes of absence notices: the class teacher decides, the health worker sees the reasons."""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notice_repository as repository
from backend.attendance import notice_telling as telling
from backend.attendance.notices import FILES, as_wire, hold
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.versions import touch
from backend.files import service as files
from backend.identity.acting import Acting
from backend.school import rights, school_rights
from schemas import attendance as wire

# Those that were not decided in time are still seen for a while.
_LATE = timedelta(days=14)
# Who sees the reasons of a whole school (DOMAIN.md section 8).
_HEALTH = ("health-worker", "deputy")


async def decide(
    session: AsyncSession, acting: Acting, notice_id: UUID, wish: wire.DecideNotice, now: datetime
) -> wire.Notice:
    """Accepts a notice, or declines it with a reason: then it excuses nothing any more. The filer is told.

    Raises:
        NotFound: the caller does not lead the child.
        Invalid: declined without a reason.
        Conflict: it was cancelled, declined, or decided so already (`notice-over`).
    """
    notice = await repository.notice(session, notice_id)
    if notice is None:
        raise NotFound
    child = await rights.child_to_lead(session, acting.account_id, notice.student_id, now)
    if not wish.accept and wish.answer is None:
        raise Invalid({"/answer": "required"})
    await hold(session, notice)
    wanted = "accepted" if wish.accept else "declined"
    if notice.state == wanted:
        raise Conflict(code="notice-over")
    notice.state, notice.answer = wanted, wish.answer
    notice.decided_by, notice.decided_at = acting.account_id, now
    if not wish.accept:
        await repository.uncover(session, notice.id)
    await repository.note_change(session, notice, wanted, acting.account_id, now)
    touch(session, [notice.student_id])
    await telling.tell_of_decision(session, child, notice, now)
    return (await as_wire(session, [notice], acting, child))[0]


async def of_class(session: AsyncSession, acting: Acting, class_id: UUID, now: datetime) -> wire.ClassNotices:
    """Notices of today and to come, and those of the last two weeks. Raises NotFound for who does not lead the class.

    The administrator sees who and when; reasons and comments are the class teacher's and the deputy's.
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    inside = led.is_class_teacher or led.school_id in await rights.schools_with_role(
        session, acting.account_id, "deputy", now
    )
    rows = await repository.notices_of_class(session, class_id, led.today - _LATE, led.today)
    documents = await files.attached(session, FILES, [row["id"] for row in rows] if inside else [])
    hidden = {} if inside else {"reason": None, "comment": None}
    items = [wire.ClassNotice(**row | hidden, files=documents[row["id"]]) for row in rows]
    return wire.ClassNotices(class_id=class_id, items=items)


async def of_school(
    session: AsyncSession, acting: Acting, school_id: UUID, day: date | None, now: datetime
) -> wire.SchoolAbsences:
    """Whom parents have excused on a day, with the category of the reason and the documents, for the health worker and
    the deputy. Raises NotFound for others."""
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now, _HEALTH)
    shown = day or access.today
    rows = await repository.noticed_at_school(session, school_id, shown)
    counted = Counter(row["reason"] for row in rows)
    documents = await files.attached(session, FILES, [row["id"] for row in rows])
    items = [wire.ExpectedAbsence(files=documents[row.pop("id")], **row) for row in rows]
    return wire.SchoolAbsences(school_id=school_id, day=shown, by_reason=dict(counted), items=items)
