"""Who teaches what to whom: the right to write in that journal."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.identity.acting import Acting
from backend.school import setup_repository, setup_rights, setup_rules
from backend.school.models import SchoolYear, StudyGroup, TeachingLoad
from backend.school.structure import year_of
from schemas import setup as wire

_CLASHES = {"one_load_at_a_time": "already-assigned"}


async def listed(session: AsyncSession, acting: Acting, school_id: UUID, year_id: UUID, now: datetime) -> wire.Loads:
    """The loads of a year's groups, for whoever works at the school. Raises NotFound for others."""
    await setup_rights.school_to_read(session, acting.account_id, school_id, now)
    await year_of(session, school_id, year_id)
    rows = await setup_repository.loads(session, school_id, year_id)
    return wire.Loads(items=[wire.Load(**row) for row in rows])


async def assign(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.AssignLoad, now: datetime
) -> wire.Load:
    """A teacher teaches a group a subject from a day on.

    Raises:
        NotFound: the school is not the caller's to set up.
        Invalid: teacher, subject or group are not the school's, or the days are outside of the group's year.
        Conflict: the teacher has this load already on some of the days (`already-assigned`).
    """
    access = await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    wrong = await _problems(session, school_id, wish, access.today)
    if wrong:
        raise Invalid(wrong)
    made = TeachingLoad(
        id=new_id(), school_id=school_id, teacher_id=wish.teacher_id, subject_id=wish.subject_id,
        group_id=wish.group_id, starts=wish.starts, ends=wish.ends,
    )  # fmt: skip
    async with conflicts(session, _CLASHES):
        session.add(made)
    return wire.Load(**await setup_repository.load(session, school_id, made.id))


async def change(
    session: AsyncSession, acting: Acting, load_id: UUID, wish: wire.ChangeLoad, now: datetime
) -> wire.Load:
    """Ends a load, or prolongs it.

    Raises:
        NotFound: the load is not the caller's to set up.
        Invalid: it would end before it begins, or outside of the group's year.
        Conflict: the teacher has another load of the kind then (`already-assigned`).
    """
    found = await session.get(TeachingLoad, load_id)
    if found is None:
        raise NotFound
    await setup_rights.school_to_set_up(session, acting.account_id, found.school_id, now)
    group = await session.get_one(StudyGroup, found.group_id)
    year = await session.get_one(SchoolYear, group.year_id)
    if wish.ends is not None and wish.ends < found.starts:
        raise Invalid({"/ends": "ends-before-it-begins"})
    if wish.ends is not None and wish.ends > year.ends:
        raise Invalid({"/ends": "outside-the-year"})
    async with conflicts(session, _CLASHES):
        found.ends = wish.ends
    return wire.Load(**await setup_repository.load(session, found.school_id, load_id))


async def _problems(session: AsyncSession, school_id: UUID, wish: wire.AssignLoad, today: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not await setup_repository.works_at(session, wish.teacher_id, school_id, today):
        wrong["/teacherId"] = "unknown-teacher"
    if await setup_repository.subject(session, school_id, wish.subject_id) is None:
        wrong["/subjectId"] = "unknown-subject"
    group = await session.get(StudyGroup, wish.group_id)
    if group is None or group.school_id != school_id:
        return wrong | {"/groupId": "unknown-group"}
    return wrong | setup_rules.span_problems(wish.starts, wish.ends, await session.get_one(SchoolYear, group.year_id))
