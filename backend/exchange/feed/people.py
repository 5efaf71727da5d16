"""Whom and what of the school a feed may name: by the ids of the import that brought them, or by ours."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.exchange import repository
from backend.exchange.feed.credentials import Feeder
from backend.exchange.feed.rows import Named
from backend.school import roster
from backend.school.models import SchoolRole, StudyGroup, Subject


@dataclass(frozen=True)
class Names:
    """What the rows of a request call people and things of the school."""

    groups: Collection[str]
    subjects: Collection[str]
    teachers: Collection[str]
    students: Collection[str]


@dataclass(frozen=True)
class People:
    """Those that are the school's. A teacher is whoever works there or did: a feed also tells of the past."""

    groups: Named
    subjects: Named
    teachers: Named
    students: Named


async def load(session: AsyncSession, feeder: Feeder, names: Names) -> People:
    """Looks all of a kind up at once."""
    source, here = feeder.roster_source, [feeder.school_id]
    groups: dict[UUID, UUID] = {}
    for group in await roster.of_schools(session, StudyGroup, here) if names.groups else []:
        groups[group.id] = group.id
        if group.whole_class and group.class_id is not None:  # an import names the class
            groups[group.class_id] = group.id
    subjects = [row.id for row in await roster.of_schools(session, Subject, here)] if names.subjects else []
    teachers = [row.account_id for row in await roster.of_schools(session, SchoolRole, here)] if names.teachers else []
    student_links = await _linked(session, source, "student", names.students)
    wanted = {*student_links.values(), *(id_ for name in names.students if (id_ := own_id(name)))}
    found = (await roster.students_by_id(session, wanted)).values() if wanted else []
    students = [student.id for student in found if student.school_id == feeder.school_id]
    return People(
        groups=_named(names.groups, await _linked(session, source, "class", names.groups), groups),
        subjects=_named(names.subjects, await _courses(session, feeder, names.subjects), _same(subjects)),
        teachers=_named(names.teachers, await _linked(session, source, "user", names.teachers), _same(teachers)),
        students=_named(names.students, student_links, _same(students)),
    )


def own_id(name: str) -> UUID | None:
    """An id of ours, if the name is written like one."""
    try:
        return UUID(name)
    except ValueError:
        return None


async def _linked(session: AsyncSession, source: str, kind: str, names: Collection[str]) -> dict[str, UUID]:
    if not names:
        return {}
    return {name: entity for name, entity, _ in await repository.by_external(session, source, kind, names)}


async def _courses(session: AsyncSession, feeder: Feeder, names: Collection[str]) -> dict[str, UUID]:
    """An import remembers a course once for each school, by the name that its sender has for the school."""
    if not names:
        return {}
    schools = await repository.by_entity(session, feeder.roster_source, "school", [feeder.school_id])
    full = {f"{name}@{school}": name for name in names for school, _, _ in schools}
    found = await _linked(session, feeder.roster_source, "course", full.keys())
    return {full[name]: subject for name, subject in found.items()}


def _same(ids: Collection[UUID]) -> dict[UUID, UUID]:
    return {id_: id_ for id_ in ids}


def _named(names: Collection[str], linked: Mapping[str, UUID], ours: Mapping[UUID, UUID]) -> Named:
    """The sender's name counts before ours: its ids may be UUIDs, too."""
    known: dict[str, UUID] = {}
    for name in names:
        for meant in (linked.get(name), own_id(name)):
            if meant is not None and meant in ours:
                known.setdefault(name, ours[meant])
    return Named(known)
