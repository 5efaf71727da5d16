"""Absence notices of parents: filed, read, changed, cancelled (DOMAIN.md section 8)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notice_repository as repository
from backend.attendance import notice_rules as rules
from backend.attendance import notice_telling as telling
from backend.attendance.models import AbsenceNotice
from backend.attendance.notice_rules import Cover, Limits
from backend.core.days import days_between
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.files import service as files
from backend.files.service import Owner
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.school import rights
from backend.school.rights import ChildAccess
from backend.timetable import repository as timetable
from schemas import attendance as wire
from schemas.alerts import AbsenceNoticeCancelled, AbsenceNoticeChanged, AbsenceNoticeFiled
from schemas.files import AttachedFile

# The owner kind of its documents.
FILES = "absence-notice"


async def file_notice(
    session: AsyncSession, acting: Acting, child_id: UUID, wish: wire.FileNotice, now: datetime
) -> wire.NoticeFiled:
    """Files a notice for the lessons that are there and not covered yet; the answer tells of every day.

    Raises:
        NotFound: the child is not the caller's to file for.
        Invalid: the days are in the wrong order, too far away or too many; a file is not the caller's.
    """
    child = await rights.child_to_file_for(session, acting.account_id, child_id, now)
    limits = await repository.limits(session, child.school_id)
    problems = rules.range_problems(wish.first_day, wish.last_day, child.today, limits)
    if problems:
        raise Invalid(problems)
    # Two parents may file at the same moment: one after the other, so that each lesson has one notice.
    await school.lock_student(session, child_id)
    days = days_between(wish.first_day, wish.last_day)
    found = await _find_cover(session, child_id, days, wish.lessons)
    fresh = [cover for cover in found if cover.state == "covered"]
    answer = [cover.as_wire for cover in found]
    if not fresh:
        return wire.NoticeFiled(id=None, days=answer)
    notice = AbsenceNotice(
        id=new_id(), school_id=child.school_id, student_id=child_id, filed_by=acting.account_id,
        first_day=fresh[0].day, last_day=fresh[-1].day, reason=wish.reason, comment=wish.comment, created_at=now,
        lessons=sorted(set(wish.lessons)) if wish.lessons else None,
    )  # fmt: skip
    session.add(notice)
    await session.flush()
    await repository.cover_days(session, notice, fresh)
    await files.attach(session, acting.account_id, child.school_id, Owner(FILES, notice.id), wish.files)
    await _changed(session, acting, child, notice, "filed", now)
    await telling.answered(session, child, [cover.day for cover in fresh], now)
    await telling.tell_of_filing(session, child, notice, AbsenceNoticeFiled, now)
    return wire.NoticeFiled(id=notice.id, days=answer)


async def list_notices(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.Notices:
    """A child's notices. Another guardian sees dates, state and reason, not the comment; the student sees none."""
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    if not (child.is_guardian or child.leads):
        raise NotFound
    return wire.Notices(
        items=await as_wire(session, await repository.notices_of_child(session, child_id), acting, child)
    )


async def change(
    session: AsyncSession, acting: Acting, notice_id: UUID, wish: wire.ChangeNotice, now: datetime
) -> wire.NoticeChanged:
    """Shortens or extends an own notice, also after it has begun, or changes its comment and its files: a doctor's note
    comes later. What was extended waits for the school's decision again.

    Raises:
        NotFound: not the caller's notice, or no right to file for the child any more.
        Conflict: it was cancelled or declined (`notice-over`).
        Invalid: the last day cannot be, a file is neither its own nor the caller's.
    """
    child, notice = await _own(session, acting, notice_id, now)
    limits = await repository.limits(session, child.school_id)
    problem = rules.change_problem(wish, notice.first_day, notice.last_day, child.today, limits)
    if problem is not None:
        raise Invalid({"/lastDay": problem})
    found: list[Cover] = []
    if isinstance(wish.last_day, date) and wish.last_day != notice.last_day:
        found = await _move_end(session, acting, child, notice, wish.last_day, limits, now)
    if not isinstance(wish.comment, UnsetType) and wish.comment != notice.comment:
        notice.comment = wish.comment
        await _changed(session, acting, child, notice, "commented", now)
    owner = Owner(FILES, notice.id)
    if isinstance(wish.files, list) and await files.replace(
        session, acting.account_id, child.school_id, owner, wish.files
    ):
        await _changed(session, acting, child, notice, "documented", now)
    shown = await as_wire(session, [notice], acting, child)
    return wire.NoticeChanged(notice=shown[0], days=[cover.as_wire for cover in found])


async def cancel(session: AsyncSession, acting: Acting, notice_id: UUID, now: datetime) -> None:
    """Takes an own notice back before it begins.

    Raises:
        NotFound: not the caller's notice.
        Conflict: it has begun (`notice-begun`: shorten it), or is over already (`notice-over`).
    """
    child, notice = await _own(session, acting, notice_id, now)
    covered = await repository.covered_on(session, notice.id, notice.first_day)
    begins = await timetable.first_lesson_at(session, child.child_id, notice.first_day, covered)
    if notice.first_day < child.today or (notice.first_day == child.today and begins is not None and begins <= now):
        raise Conflict(code="notice-begun")
    notice.state = "cancelled"
    await repository.uncover(session, notice.id)
    await files.detach(session, FILES, [notice.id])
    await _changed(session, acting, child, notice, "cancelled", now)
    await telling.tell_of_filing(session, child, notice, AbsenceNoticeCancelled, now)


async def may_read_files(session: AsyncSession, account_id: UUID, notice_id: UUID, now: datetime) -> bool:
    """Whether somebody may have the documents of a notice, which are health data (DOMAIN.md section 8): the filer while
    they may file, the class teacher, the deputy, the health worker."""
    notice = await repository.notice(session, notice_id)
    if notice is None:
        return False
    if notice.school_id in await rights.schools_with_role(session, account_id, "health-worker", now):
        return True
    try:
        child = await rights.child_to_view(session, account_id, notice.student_id, now)
    except NotFound:
        return False
    return child.leads or (child.may_file_absence and notice.filed_by == account_id)


async def as_wire(
    session: AsyncSession, notices: Sequence[AbsenceNotice], acting: Acting, child: ChildAccess
) -> list[wire.Notice]:
    """A child's notices as the caller may see them."""
    documents = await files.attached(session, FILES, [notice.id for notice in notices])
    return [_as_wire(notice, documents[notice.id], acting, child) for notice in notices]


def _as_wire(notice: AbsenceNotice, documents: list[AttachedFile], acting: Acting, child: ChildAccess) -> wire.Notice:
    own = notice.filed_by == acting.account_id
    inside = own or child.leads
    return wire.Notice(
        id=notice.id, first_day=notice.first_day, last_day=notice.last_day, lessons=notice.lessons,
        reason=notice.reason, comment=notice.comment if inside else None, own=own, state=notice.state,  # type: ignore[arg-type]
        answer=notice.answer if inside else None, decided_at=notice.decided_at, created_at=notice.created_at,
        files=documents if inside else [],
    )  # fmt: skip


async def _own(
    session: AsyncSession, acting: Acting, notice_id: UUID, now: datetime
) -> tuple[ChildAccess, AbsenceNotice]:
    """The caller's notice, locked, with its child. Each guardian changes only their own."""
    notice = await repository.notice(session, notice_id)
    if notice is None or notice.filed_by != acting.account_id:
        raise NotFound
    child = await rights.child_to_file_for(session, acting.account_id, notice.student_id, now)
    await hold(session, notice)
    return child, notice


async def hold(session: AsyncSession, notice: AbsenceNotice) -> None:
    """Locks the child's notices and reads this one anew, until the commit. Raises Conflict (`notice-over`) when it was
    cancelled or declined."""
    await school.lock_student(session, notice.student_id)
    await repository.lock_notice(session, notice)
    if notice.state in ("cancelled", "declined"):
        raise Conflict(code="notice-over")


async def _find_cover(
    session: AsyncSession, child_id: UUID, days: Sequence[date], wished: Sequence[int] | None
) -> list[Cover]:
    lessons = await timetable.lesson_numbers(session, child_id, days[0], days[-1])
    taken = await repository.taken(session, child_id, days[0], days[-1])
    return rules.cover(days, frozenset(wished) if wished else None, lessons, taken)


async def _move_end(
    session: AsyncSession, acting: Acting, child: ChildAccess, notice: AbsenceNotice, last_day: date, limits: Limits,
    now: datetime,
) -> list[Cover]:  # fmt: skip
    """Frees the days after an earlier end, or covers those until a later one. Says what became of the latter."""
    if last_day < notice.last_day:
        await repository.uncover(session, notice.id, last_day)
        notice.last_day = last_day
        await _changed(session, acting, child, notice, "shortened", now)
        await telling.tell_of_filing(session, child, notice, AbsenceNoticeChanged, now)
        return []
    days = days_between(rules.extended_from(notice.last_day, child.today, limits), last_day)
    found = await _find_cover(session, child.child_id, days, notice.lessons)
    fresh = [cover for cover in found if cover.state == "covered"]
    if fresh:
        await repository.cover_days(session, notice, fresh)
        notice.last_day, notice.state = fresh[-1].day, "filed"
        notice.decided_by = notice.decided_at = None
        await _changed(session, acting, child, notice, "extended", now)
        await telling.answered(session, child, [cover.day for cover in fresh], now)
        await telling.tell_of_filing(session, child, notice, AbsenceNoticeChanged, now)
    return found


async def _changed(
    session: AsyncSession, acting: Acting, child: ChildAccess, notice: AbsenceNotice, change: str, now: datetime
) -> None:
    await repository.note_change(session, notice, change, acting.account_id, now)
    touch(session, [child.child_id])
