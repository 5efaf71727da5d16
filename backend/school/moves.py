"""A student changes class, or leaves the school. What was recorded stays where it was, and is still seen."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import rights, setup_repository, setup_rights, setup_rules
from backend.school import student_repository as repository
from backend.school.models import Enrolment, GroupMember
from backend.school.recorded import Recorded
from backend.school.students import CLASHES, card, require_running
from schemas import students as wire

_DAY = timedelta(days=1)
_LONGEST_AGO = timedelta(days=366)


async def transfer(
    session: AsyncSession,
    acting: Acting,
    student_id: UUID,
    wish: wire.TransferStudent,
    recorded: Recorded,
    now: datetime,
) -> wire.StudentCard:
    """Into another class from a day on; the old class, with its parts, ends the day before. Also brings back a student
    who had left.

    Raises:
        NotFound: the student is not the caller's to edit, or the class not the caller's to lead.
        Invalid: the day is outside of the class's year.
        Conflict: the student is in that class then (`already-enrolled`), the year is over (`year-over`), or marks or
            absences are recorded in the old class from that day on (`recorded-since`).
    """
    access = await setup_rights.student_to_edit(session, acting.account_id, student_id, now)
    led = await rights.class_to_lead(session, acting.account_id, wish.class_id, now)
    if led.school_id != access.school_id:
        raise NotFound
    await setup_rights.hold_school(session, access.school_id)
    student = await repository.student_for_update(session, student_id)
    found, year = await repository.year_of_class(session, wish.class_id)
    wrong = setup_rules.span_problems(wish.starts, None, year)
    if wrong:
        raise Invalid(wrong)
    require_running(year, access.today)
    spans = await repository.enrolments_since(session, student_id, wish.starts)
    # What was planned for a later year stands; what was planned for this one is overtaken.
    here = [span for span in spans if span.starts <= year.ends]
    if any(span.class_id == wish.class_id and span.starts <= wish.starts for span in here):
        raise Conflict(code="already-enrolled")
    for class_id in {span.class_id for span in here}:
        groups = await setup_repository.groups_of_class(session, class_id)
        if await recorded.students_since(session, [student_id], wish.starts, groups):
            raise Conflict(code="recorded-since")
        await _end(session, await repository.memberships_since(session, student_id, wish.starts, class_id), wish.starts)
    ends = _until(here, spans)
    async with conflicts(session, CLASHES):
        await _end(session, here, wish.starts)
        session.add(
            Enrolment(
                id=new_id(), school_id=access.school_id, student_id=student_id, class_id=wish.class_id,
                starts=wish.starts, ends=ends,
            )
        )  # fmt: skip
        student.left_on, student.grade = None, found.grade
    touch(session, [student_id])
    return await card(session, student, access.today)


async def leave(
    session: AsyncSession, acting: Acting, student_id: UUID, wish: wire.StudentLeaves, recorded: Recorded, now: datetime
) -> wire.StudentCard:
    """The student is at the school until a day that has come. Families see the child no longer.

    Raises:
        NotFound: the caller is neither the deputy nor the administrator of the student's school.
        Invalid: the last day is yet to come, or over a year ago.
        Conflict: the student has left (`student-left`), or something is recorded after that day (`recorded-since`).
    """
    access = await setup_rights.student_to_edit(session, acting.account_id, student_id, now)
    if not access.whole_school:
        raise NotFound
    await setup_rights.hold_school(session, access.school_id)
    student = await repository.student_for_update(session, student_id)
    if student.left_on is not None:
        raise Conflict(code="student-left")
    if wish.last_day > access.today:
        raise Invalid({"/lastDay": "in-the-future"})
    if wish.last_day < access.today - _LONGEST_AGO:
        raise Invalid({"/lastDay": "too-far"})
    after = wish.last_day + _DAY
    if await recorded.students_since(session, [student_id], after):
        raise Conflict(code="recorded-since")
    await _end(session, await repository.enrolments_since(session, student_id, after), after)
    await _end(session, await repository.memberships_since(session, student_id, after), after)
    student.left_on = wish.last_day
    # A code that a parent still holds is worth nothing.
    student.attach_code = student.attach_code_until = None
    await session.flush()
    touch(session, [student_id])
    return await card(session, student, access.today)


def _until(here: Sequence[Enrolment], spans: Sequence[Enrolment]) -> date | None:
    """The new enrolment lasts as long as what it replaces would have, or else until the next one begins."""
    if here:
        return here[-1].ends
    return spans[0].starts - _DAY if spans else None


async def _end(session: AsyncSession, spans: Sequence[Enrolment | GroupMember], day: date) -> None:
    """Ends what has begun before a day with the day before it; what would begin later never was."""
    for span in spans:
        if span.starts < day:
            span.ends = day - _DAY
        else:
            await session.delete(span)
    # What goes makes room for what comes.
    await session.flush()
