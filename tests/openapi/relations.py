"""Who may, derived from the declared access of an operation and from the rows of the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

import asyncpg

from backend.core.access import Access

_ROLES = "SELECT account_id, school_id, role FROM school_role WHERE $1 BETWEEN starts AND coalesce(ends, 'infinity')"
_GUARDIANS = """
    SELECT account_id, student_id, may_view, may_file_absence FROM guardianship
     WHERE $1 BETWEEN starts AND coalesce(ends, 'infinity')
"""
_STUDENTS = """
    SELECT s.id, s.account_id, e.class_id, c.class_teacher_id FROM student s
      JOIN enrolment e ON e.student_id = s.id AND $1 BETWEEN e.starts AND coalesce(e.ends, 'infinity')
      JOIN school_class c ON c.id = e.class_id
"""
_LOADS = """
    SELECT teacher_id, group_id, subject_id FROM teaching_load WHERE $1 BETWEEN starts AND coalesce(ends, 'infinity')
"""
_TAUGHT = """
    SELECT id, group_id, subject_id FROM lesson
     UNION ALL SELECT w.id, l.group_id, l.subject_id FROM work w JOIN lesson l ON l.id = w.lesson_id
"""
_OWNERS = """
    SELECT id, account_id FROM auth_session UNION ALL SELECT installation_id, account_id FROM installation_account
"""


@dataclass(frozen=True)
class Student:
    account: UUID | None
    class_id: UUID
    class_teacher: UUID | None


@dataclass(frozen=True)
class Relations:
    """Who is what to whom, today.

    Attributes:
        school: the school of anything that has one, by its id.
        taught: the group and the subject of lessons and works.
        views: who may view whom; `files`: who may file absences for whom.
    """

    school: dict[UUID, UUID]
    taught: dict[UUID, tuple[UUID, UUID]]
    roles: set[tuple[UUID, UUID, str]]
    loads: set[tuple[UUID, UUID, UUID]]
    students: dict[UUID, Student]
    views: set[tuple[UUID, UUID]]
    files: set[tuple[UUID, UUID]]
    owned: set[tuple[UUID, UUID]]

    @classmethod
    async def read(cls, connection: "asyncpg.Connection[Any]", today: date) -> Self:
        tables = await connection.fetch("""
            SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'
               AND column_name IN ('id', 'school_id') AND data_type = 'uuid'
             GROUP BY table_name HAVING count(*) = 2
        """)
        union = " UNION ALL ".join(f"SELECT id, school_id FROM {row[0]}" for row in tables)
        guardians = await connection.fetch(_GUARDIANS, today)
        return cls(
            school=dict(await connection.fetch(f"{union} UNION ALL SELECT id, id FROM school")),
            taught={row[0]: (row[1], row[2]) for row in await connection.fetch(_TAUGHT)},
            roles={(row[0], row[1], row[2]) for row in await connection.fetch(_ROLES, today)},
            loads={(row[0], row[1], row[2]) for row in await connection.fetch(_LOADS, today)},
            students={row[0]: Student(row[1], row[2], row[3]) for row in await connection.fetch(_STUDENTS, today)},
            views={(row[0], row[1]) for row in guardians if row[2]},
            files={(row[0], row[1]) for row in guardians if row[3]},
            owned={(row[1], row[0]) for row in await connection.fetch(_OWNERS)},
        )

    def has_role(self, person: UUID, school: UUID | None, *roles: str) -> bool:
        """One of the roles, or any role where none is named."""
        return any(
            who == person and where == school and (not roles or role in roles) for who, where, role in self.roles
        )

    def teaches(self, person: UUID, ids: Mapping[str, UUID]) -> bool:
        pairs = {self.taught[thing] for thing in ids.values() if thing in self.taught}
        if "group_id" in ids and "subject_id" in ids:
            pairs.add((ids["group_id"], ids["subject_id"]))
        return len(pairs) == 1 and any((person, *pair) in self.loads for pair in pairs)

    def is_class_teacher(self, person: UUID, class_id: UUID) -> bool:
        return any(
            student.class_id == class_id and student.class_teacher == person for student in self.students.values()
        )

    def sees(self, person: UUID, child: UUID) -> bool:
        student = self.students[child]
        return (
            person in (student.account, student.class_teacher)
            or (person, child) in self.views
            or self.has_role(person, self.school[child], "deputy", "director")
        )


def may(access: Access, person: UUID | None, ids: Mapping[str, UUID], known: Relations) -> bool:
    """Whether a person may do with some things what is open to `access`."""
    if access in (Access.PUBLIC, Access.OPERATORS):
        return True
    if person is None:
        return False
    if access in (Access.SELF, Access.FIRST_LOGIN):
        return all((person, thing) in known.owned for thing in ids.values())
    schools = {known.school.get(thing) for thing in ids.values()}
    (school,) = schools if len(schools) == 1 else {None}
    return school is not None and _RULES[access](person, school, ids, known)


_Rule = Callable[[UUID, UUID, Mapping[str, UUID], Relations], bool]

_RULES: dict[Access, _Rule] = {
    Access.CHILD: lambda person, _, ids, known: known.sees(person, ids["child_id"]),
    Access.FILE_ABSENCE: lambda person, _, ids, known: (person, ids["child_id"]) in known.files & known.views,
    Access.TEACHER: lambda person, school, ids, known: (
        known.has_role(person, school, "deputy") or known.teaches(person, ids)
    ),
    Access.STAFF: lambda person, school, _, known: known.has_role(person, school),
    Access.DEPUTY: lambda person, school, _, known: known.has_role(person, school, "deputy"),
    Access.CLASS: lambda person, school, ids, known: (
        known.has_role(person, school, "deputy", "administrator") or known.is_class_teacher(person, ids["class_id"])
    ),
}


def _notices(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    child = known.students.get(ids["child_id"])
    return child is not None and (
        person == child.class_teacher
        or (person, ids["child_id"]) in known.views
        or known.has_role(person, known.school[ids["child_id"]], "deputy")
    )


def _credentials(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    subject = ids["account_id"]
    of = [child for child in known.students if known.students[child].account == subject]
    of += [child for who, child in known.views if who == subject]
    schools = {known.school[child] for child in of} | {school for who, school, _ in known.roles if who == subject}
    if any(known.has_role(person, school, "administrator") for school in schools):
        return True
    works = any(who == subject for who, _, _ in known.roles)
    return not works and len(schools) == 1 and any(known.students[child].class_teacher == person for child in of)


# Where the use case decides finer than what is declared: who may, and why.
Finer = Callable[[UUID, Mapping[str, UUID], Relations], bool]
FINER: dict[str, tuple[Finer, str]] = {
    "listAbsenceNotices": (_notices, "what a parent writes is not for the student, health data not for the director"),
    "issueOneTimePassword": (_credentials, "not for deputies, and never for colleagues but by the administrator"),
    "registerDevice": (lambda *_: True, "the app chooses the id; another account's is a conflict"),
}
