"""Groups and who is in them when, and who teaches them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.values import tidy
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import setup_repository, setup_rights, setup_rules
from backend.school.models import GroupMember, SchoolYear, StudyGroup
from backend.school.recorded import Recorded
from backend.school.structure import year_of
from schemas import setup as wire

_CLASHES = {"one_membership_at_a_time": "already-in-group"}
_DAY = timedelta(days=1)


async def listed(
    session: AsyncSession, acting: Acting, school_id: UUID, year_id: UUID, now: datetime
) -> wire.YearGroups:
    """The groups of a year, for whoever works at the school. Raises NotFound for others."""
    await setup_rights.school_to_read(session, acting.account_id, school_id, now)
    await year_of(session, school_id, year_id)
    rows = await setup_repository.groups(session, year_id)
    return wire.YearGroups(items=[wire.YearGroup(**row) for row in rows])


async def create(
    session: AsyncSession, acting: Acting, school_id: UUID, year_id: UUID, wish: wire.CreateGroup, now: datetime
) -> wire.YearGroup:
    """A part of a class, or a group across classes.

    Raises:
        NotFound: the year is not the caller's to set up.
        Invalid: the name is none, or the year has no such class.
        Conflict: the class, or the year, has a group of this name (`group-exists`).
    """
    await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    await year_of(session, school_id, year_id)
    wrong = setup_rules.name_problems({"/name": wish.name})
    if wish.class_id is not None:
        found = await setup_repository.class_in(session, school_id, wish.class_id)
        if found is None or found.year_id != year_id:
            wrong["/classId"] = "unknown-class"
    if wrong:
        raise Invalid(wrong)
    name = tidy(wish.name)
    if await setup_repository.same_group(session, year_id, wish.class_id, name):
        raise Conflict(code="group-exists")
    group = StudyGroup(
        id=new_id(), school_id=school_id, year_id=year_id, class_id=wish.class_id, whole_class=False, name=name
    )
    session.add(group)
    await session.flush()
    return wire.YearGroup(id=group.id, name=name, class_id=wish.class_id, whole_class=False)


async def members(session: AsyncSession, acting: Acting, group_id: UUID, now: datetime) -> wire.MembersOfGroup:
    """Who is and was in a group, for whoever works at the school. Raises NotFound for others."""
    group = await _group(session, group_id)
    await setup_rights.school_to_read(session, acting.account_id, group.school_id, now)
    return await _members(session, group_id)


async def set_members(
    session: AsyncSession, acting: Acting, group_id: UUID, wish: wire.SetMembers, recorded: Recorded, now: datetime
) -> wire.MembersOfGroup:
    """From a day on the group has exactly these students. Whoever was in it before keeps the days until then.

    Raises:
        NotFound: the group is not the caller's to set up.
        Invalid: the days are outside of the year, or a student is named twice or is not in the class that day.
        Conflict: the students are the class's (`whole-class-group`), or somebody would leave the group on a day for
            which marks or absences are recorded (`recorded-since`).
    """
    group = await _group(session, group_id)
    await setup_rights.school_to_set_up(session, acting.account_id, group.school_id, now)
    if group.whole_class:
        raise Conflict(code="whole-class-group")
    await _check(session, group, wish)
    spans = await setup_repository.members_since(session, group_id, wish.starts)
    wanted = {member.student_id: member for member in wish.members}
    leaving = {span.student_id for span in spans} - wanted.keys()
    if await recorded.students_since(session, leaving, wish.starts, [group_id]):
        raise Conflict(code="recorded-since")
    await _check_ends(session, group, wish.members, recorded)
    async with conflicts(session, _CLASHES):
        kept = await _shorten(session, spans, wish)
        session.add_all(
            GroupMember(
                id=new_id(), school_id=group.school_id, student_id=student_id, group_id=group_id, starts=wish.starts,
                ends=member.ends,
            )
            for student_id, member in wanted.items()
            if student_id not in kept
        )  # fmt: skip
    touch(session, leaving | wanted.keys())
    return await _members(session, group_id)


async def _shorten(session: AsyncSession, spans: Sequence[GroupMember], wish: wire.SetMembers) -> set[UUID]:
    """Ends the stays of who leaves, and takes back those that would begin later. Returns whose stay goes on."""
    wanted = {member.student_id: member.ends for member in wish.members}
    kept: set[UUID] = set()
    for span in spans:
        if span.starts <= wish.starts and span.student_id in wanted:
            span.ends = wanted[span.student_id]
            kept.add(span.student_id)
        elif span.starts < wish.starts:
            span.ends = wish.starts - _DAY
        else:
            await session.delete(span)
    # What goes makes room for what comes.
    await session.flush()
    return kept


async def _check(session: AsyncSession, group: StudyGroup, wish: wire.SetMembers) -> None:
    year = await session.get_one(SchoolYear, group.year_id)
    wrong = setup_rules.span_problems(wish.starts, None, year)
    if wrong:
        raise Invalid(wrong)
    students = [member.student_id for member in wish.members]
    there = await setup_repository.enrolled(session, group.year_id, group.class_id, students, wish.starts)
    seen: set[UUID] = set()
    for number, member in enumerate(wish.members):
        pointer = f"/members/{number}"
        wrong |= setup_rules.span_problems(wish.starts, member.ends, year, pointer)
        if member.student_id in seen:
            wrong[f"{pointer}/studentId"] = "repeated"
        elif member.student_id not in there:
            wrong[f"{pointer}/studentId"] = "not-in-class"
        seen.add(member.student_id)
    if wrong:
        raise Invalid(wrong)


async def _check_ends(
    session: AsyncSession, group: StudyGroup, members: Sequence[wire.WantedMember], recorded: Recorded
) -> None:
    """Nobody leaves on a day for which something is recorded; asked once for each last day."""
    for last in {member.ends for member in members if member.ends is not None}:
        students = [member.student_id for member in members if member.ends == last]
        if await recorded.students_since(session, students, last + _DAY, [group.id]):
            raise Conflict(code="recorded-since")


async def _group(session: AsyncSession, group_id: UUID) -> StudyGroup:
    group = await session.get(StudyGroup, group_id)
    if group is None:
        raise NotFound
    return group


async def _members(session: AsyncSession, group_id: UUID) -> wire.MembersOfGroup:
    rows = await setup_repository.stays(session, group_id)
    return wire.MembersOfGroup(group_id=group_id, items=[wire.MemberOfGroup(**row) for row in rows])
