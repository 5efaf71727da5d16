"""Subjects of a school, and classes of a year with their class teachers."""

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.core.values import ClassName, tidy
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import setup_repository, setup_rights, setup_rules
from backend.school.models import SchoolClass, SchoolYear, StudyGroup, Subject
from schemas import setup as wire

_CLASHES = {"subject_name": "subject-exists", "school_class_year_id_grade_letter_key": "class-exists"}


async def subjects(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.SchoolSubjects:
    """For whoever works at the school. Raises NotFound for others."""
    await setup_rights.school_to_read(session, acting.account_id, school_id, now)
    rows = await setup_repository.subjects(session, school_id)
    return wire.SchoolSubjects(items=[wire.SchoolSubject(**row) for row in rows])


async def create_subject(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.NameSubject, now: datetime
) -> wire.SchoolSubject:
    """Raises NotFound, Invalid, and Conflict for a name that the school has (`subject-exists`)."""
    await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    subject = Subject(id=new_id(), school_id=school_id, name=_name(wish.name))
    async with conflicts(session, _CLASHES):
        session.add(subject)
    return wire.SchoolSubject(id=subject.id, name=subject.name)


async def rename_subject(
    session: AsyncSession, acting: Acting, school_id: UUID, subject_id: UUID, wish: wire.NameSubject, now: datetime
) -> wire.SchoolSubject:
    """Raises NotFound, Invalid, and Conflict for a name that the school has (`subject-exists`)."""
    await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    subject = await setup_repository.subject(session, school_id, subject_id)
    if subject is None:
        raise NotFound
    async with conflicts(session, _CLASHES):
        subject.name = _name(wish.name)
    touch(session, [school_id])
    return wire.SchoolSubject(id=subject.id, name=subject.name)


async def classes(
    session: AsyncSession, acting: Acting, school_id: UUID, year_id: UUID, now: datetime
) -> wire.YearClasses:
    """The classes of a year, for whoever works at the school. Raises NotFound for others."""
    await setup_rights.school_to_read(session, acting.account_id, school_id, now)
    await year_of(session, school_id, year_id)
    rows = await setup_repository.classes(session, year_id)
    return wire.YearClasses(items=[wire.YearClass(**row) for row in rows])


async def create_class(
    session: AsyncSession, acting: Acting, school_id: UUID, year_id: UUID, wish: wire.CreateClass, now: datetime
) -> wire.YearClass:
    """A class with the group that is the whole of it.

    Raises:
        NotFound: the year is not the caller's to set up.
        Invalid: the letter is none, or the class teacher does not work at the school.
        Conflict: the year has such a class (`class-exists`).
    """
    access = await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    await year_of(session, school_id, year_id)
    name, wrong = _letter(wish.grade, wish.letter)
    wrong |= await _teacher_problem(session, school_id, wish.class_teacher_id, access.today)
    if wrong or name is None:
        raise Invalid(wrong)
    made = SchoolClass(
        id=new_id(), school_id=school_id, year_id=year_id, grade=name.grade, letter=name.letter,
        class_teacher_id=wish.class_teacher_id,
    )  # fmt: skip
    async with conflicts(session, _CLASHES):
        session.add(made)
    session.add(whole_group(made, new_id()))
    await session.flush()
    return await _class(session, made)


async def change_class(
    session: AsyncSession, acting: Acting, class_id: UUID, wish: wire.ChangeClass, now: datetime
) -> wire.YearClass:
    """Another letter, another class teacher, or none.

    Raises:
        NotFound: the class is not the caller's to set up.
        Invalid, Conflict: as `create_class` says.
    """
    found = await session.get(SchoolClass, class_id)
    if found is None:
        raise NotFound
    access = await setup_rights.school_to_set_up(session, acting.account_id, found.school_id, now)
    await session.refresh(found)
    wrong: dict[str, str] = {}
    name: ClassName | None = ClassName(found.grade, found.letter)
    if wish.letter is not UNSET:
        name, wrong = _letter(found.grade, wish.letter)
    if wish.class_teacher_id is not UNSET:
        wrong |= await _teacher_problem(session, found.school_id, wish.class_teacher_id, access.today)
    if wrong or name is None:
        raise Invalid(wrong)
    group = await setup_repository.whole_group(session, class_id)
    async with conflicts(session, _CLASHES):
        found.letter = name.letter
        if wish.class_teacher_id is not UNSET:
            found.class_teacher_id = wish.class_teacher_id
        if group is not None:
            group.name = str(name)
    touch(session, [found.school_id])
    return await _class(session, found)


async def year_of(session: AsyncSession, school_id: UUID, year_id: UUID) -> SchoolYear:
    """Raises NotFound for a year of another school."""
    year = await setup_repository.year(session, school_id, year_id)
    if year is None:
        raise NotFound
    return year


def whole_group(of: SchoolClass, group_id: UUID) -> StudyGroup:
    """The group that has all students of a class."""
    return StudyGroup(
        id=group_id, school_id=of.school_id, year_id=of.year_id, class_id=of.id, whole_class=True,
        name=f"{of.grade}{of.letter}",
    )  # fmt: skip


def _name(text: str) -> str:
    wrong = setup_rules.name_problems({"/name": text})
    if wrong:
        raise Invalid(wrong)
    return tidy(text)


def _letter(grade: int, letter: str) -> tuple[ClassName | None, dict[str, str]]:
    name = setup_rules.class_of(grade, letter)
    return name, {} if name is not None else {"/letter": "not-a-letter"}


async def _teacher_problem(
    session: AsyncSession, school_id: UUID, teacher_id: UUID | None, today: date
) -> dict[str, str]:
    if teacher_id is None or await setup_repository.works_at(session, teacher_id, school_id, today):
        return {}
    return {"/classTeacherId": "unknown-teacher"}


async def _class(session: AsyncSession, of: SchoolClass) -> wire.YearClass:
    rows = await setup_repository.classes(session, of.year_id)
    return next(wire.YearClass(**row) for row in rows if row["id"] == of.id)
