"""The school as it stands before a class list: what the rows are matched with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.values import ClassName, PersonName, fold
from backend.exchange.problems import refused
from backend.identity import roster as accounts
from backend.identity.roster import KnownAccount
from backend.school import roster
from backend.school.models import (
    Enrolment,
    Guardianship,
    School,
    SchoolClass,
    SchoolRole,
    SchoolYear,
    Student,
    StudyGroup,
)


@dataclass(slots=True)
class Snapshot:
    """Everything of one school that a class list may touch.

    Attributes:
        year: the running school year, or in summer the next one.
        class_of: the class of this year in which a student is now.
        guardians: the accounts that are or were guardians of a student.
    """

    school: School
    year: SchoolYear
    today: date
    students: list[Student]
    classes: dict[ClassName, SchoolClass]
    whole_groups: set[UUID]
    class_of: dict[UUID, ClassName]
    staff: list[KnownAccount]
    guardians: dict[UUID, list[KnownAccount]]
    accounts: dict[UUID, KnownAccount]
    by_login: dict[str, Student] = field(default_factory=dict)
    by_name: dict[tuple[str, str], list[Student]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for student in self.students:
            name = (fold(student.family_name), fold(student.given_name))
            self.by_name.setdefault(name, []).append(student)
            account = self.accounts.get(student.account_id) if student.account_id else None
            if account is not None:
                self.by_login[account.login.lower()] = student


async def take_snapshot(session: AsyncSession, file: str, school_id: UUID, now_day: date) -> Snapshot:
    """Reads the school.

    Raises:
        ImportRefused: there is no such school, or it has no school year for now.
    """
    school = (await roster.schools(session, [school_id])).get(school_id)
    if school is None:
        raise refused(file, "unknown-school", "There is no school of this id.")
    year = _current(await roster.of_schools(session, SchoolYear, [school_id]), now_day)
    if year is None:
        raise refused(file, "no-school-year", "The school has no school year for today or later: create it first.")
    students = await roster.of_schools(session, Student, [school_id])
    classes = [row for row in await roster.of_schools(session, SchoolClass, [school_id]) if row.year_id == year.id]
    groups = await roster.of_schools(session, StudyGroup, [school_id])
    roles = await roster.of_schools(session, SchoolRole, [school_id])
    staff = {row.account_id for row in roles if row.ends is None or row.ends >= now_day}
    links = await roster.spans(session, Guardianship, [school_id])
    wanted = {row.account_id for row in students if row.account_id} | staff | {link.key[1] for link in links}
    known = await accounts.accounts_by_id(session, wanted)
    guardians: dict[UUID, list[KnownAccount]] = {}
    for student_id, account_id in dict.fromkeys(link.key for link in links):
        guardians.setdefault(student_id, []).append(known[account_id])
    names = {row.id: ClassName(row.grade, row.letter) for row in classes}
    enrolled = await roster.spans(session, Enrolment, [school_id], now_day)
    return Snapshot(
        school=school,
        year=year,
        today=now_day,
        students=students,
        classes={names[row.id]: row for row in classes},
        whole_groups={row.class_id for row in groups if row.whole_class and row.class_id},
        class_of={link.key[0]: names[link.key[1]] for link in enrolled if link.key[1] in names},
        staff=[known[account] for account in sorted(staff)],
        guardians=guardians,
        accounts=known,
    )


def _current(years: Iterable[SchoolYear], today: date) -> SchoolYear | None:
    later = sorted((year for year in years if year.ends >= today), key=lambda year: year.starts)
    return later[0] if later else None


def same_person(name: PersonName, family: str, given: str, patronymic: str | None) -> bool:
    """Family and given name are the same, and the patronymic where both have one."""
    both = name.patronymic and patronymic
    return (
        fold(name.family) == fold(family)
        and fold(name.given) == fold(given)
        and (not both or fold(name.patronymic or "") == fold(patronymic or ""))
    )
