"""Who may, derived from the declared access of an operation and from the rows of the database."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Self, TypeAlias
from uuid import UUID

import asyncpg

from backend.core.access import Access

_TODAY = "$1 BETWEEN starts AND coalesce(ends, 'infinity')"
_ROLES = f"SELECT account_id, school_id, role FROM school_role WHERE {_TODAY}"
_LOADS = f"SELECT teacher_id, group_id, subject_id FROM teaching_load WHERE {_TODAY}"
_GUARDIANS = f"SELECT account_id, student_id, may_view, may_file_absence FROM guardianship WHERE {_TODAY}"
_STUDENTS = f"""
    SELECT s.id, s.account_id, e.class_id FROM student s JOIN enrolment e ON e.student_id = s.id
     WHERE {_TODAY} AND s.left_on IS NULL
"""
_THREADS = "SELECT id, family_id, staff_id FROM message_thread"
_MESSAGES = """
    SELECT m.id, m.author_id, CASE t.family_id WHEN m.author_id THEN t.staff_id ELSE t.family_id END
      FROM message m JOIN message_thread t ON t.id = m.thread_id
"""
_OWNERS = """
    SELECT id, account_id FROM auth_session UNION ALL SELECT installation_id, account_id FROM installation_account
     UNION ALL SELECT id, uploaded_by FROM stored_file
    UNION ALL SELECT id, account_id FROM calendar_feed
     UNION ALL SELECT id, account_id FROM support_request WHERE account_id IS NOT NULL
"""
_AUTHORS = """
    SELECT id, author_id FROM remark WHERE taken_back_at IS NULL UNION ALL
    SELECT id, filed_by FROM absence_notice WHERE state IN ('filed', 'accepted')
"""
_MEETINGS = "SELECT id, class_id, called_by FROM meeting"
_CLASSES_OF = """
    SELECT announcement_id, class_id FROM announcement_class UNION ALL SELECT event_id, class_id FROM school_event_class
"""
_ANNOUNCED = "SELECT id, to_parents, to_students, to_staff FROM announcement WHERE taken_back_at IS NULL"
_TABLES = """
    SELECT table_name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = ANY ($1::text[]) AND data_type = 'uuid'
     GROUP BY table_name HAVING count(*) = cardinality($1::text[])
"""

Connection: TypeAlias = "asyncpg.Connection[Any]"


@dataclass(frozen=True)
class Relations:
    """Who is what to whom, today. Things are known by their ids, whatever they are.

    Attributes:
        taught: the group and the subject of lessons, works and the like.
        about: the student whom a thing is about.
        meetings: the class that a meeting is of, and who has called it.
        letters: the author and the reader of a message; `threads`: the two people of a thread.
        views: who may view whom; `files`: who may file absences for whom.
        classes_of: the classes that an announcement or an event is for; `announced`: what it is for besides.
    """

    school: dict[UUID, UUID]
    taught: dict[UUID, tuple[UUID, UUID]]
    about: dict[UUID, UUID]
    roles: set[tuple[UUID, UUID, str]]
    loads: set[tuple[UUID, UUID, UUID]]
    accounts: dict[UUID, UUID | None]
    classes: dict[UUID, UUID]
    class_teachers: dict[UUID, UUID | None]
    views: set[tuple[UUID, UUID]]
    files: set[tuple[UUID, UUID]]
    owned: set[tuple[UUID, UUID]]
    group_classes: dict[UUID, UUID | None]
    authors: dict[UUID, UUID]
    meetings: dict[UUID, tuple[UUID, UUID]]
    classes_of: dict[UUID, set[UUID]]
    announced: dict[UUID, tuple[bool, bool, bool]]
    threads: dict[UUID, tuple[UUID, UUID]]
    letters: dict[UUID, tuple[UUID, UUID]]

    @classmethod
    async def read(cls, connection: Connection, today: date) -> Self:
        guardians = await connection.fetch(_GUARDIANS, today)
        students = await connection.fetch(_STUDENTS, today)
        schools = {row[0]: row[0] for row in await connection.fetch("SELECT id FROM school")}
        return cls(
            school=schools | {row[0]: row[1] for row in await _things(connection, "school_id")},
            taught={row[0]: (row[1], row[2]) for row in await _things(connection, "group_id", "subject_id")},
            about={row[0]: row[1] for row in await _things(connection, "student_id")}
            | {row[0]: row[0] for row in students},
            roles={(row[0], row[1], row[2]) for row in await connection.fetch(_ROLES, today)},
            loads={(row[0], row[1], row[2]) for row in await connection.fetch(_LOADS, today)},
            accounts={row[0]: row[1] for row in students},
            classes={row[0]: row[2] for row in students},
            class_teachers=dict(await connection.fetch("SELECT id, class_teacher_id FROM school_class")),
            views={(row[0], row[1]) for row in guardians if row[2]},
            files={(row[0], row[1]) for row in guardians if row[3]},
            group_classes=dict(await connection.fetch("SELECT id, class_id FROM study_group")),
            authors=dict(await connection.fetch(_AUTHORS)),
            meetings={row[0]: (row[1], row[2]) for row in await connection.fetch(_MEETINGS)},
            threads={row[0]: (row[1], row[2]) for row in await connection.fetch(_THREADS)},
            letters={row[0]: (row[1], row[2]) for row in await connection.fetch(_MESSAGES)},
            owned={(row[1], row[0]) for row in await connection.fetch(_OWNERS)},
            classes_of={
                thing: {row[1] for row in rows}
                for thing, rows in groupby(sorted(await connection.fetch(_CLASSES_OF)), lambda row: row[0])
            },
            announced={row[0]: (row[1], row[2], row[3]) for row in await connection.fetch(_ANNOUNCED)},
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

    def classes_taught(self, ids: Mapping[str, UUID]) -> list[UUID]:
        """The classes of the groups that lessons, works and the like are given to."""
        groups = {self.taught[thing][0] for thing in ids.values() if thing in self.taught}
        return [class_id for group in groups if (class_id := self.group_classes.get(group)) is not None]

    def leads_meeting(self, person: UUID, meeting: UUID) -> bool:
        class_id, caller = self.meetings[meeting]
        school = self.school[meeting]
        return self.has_role(person, school, "deputy", "director", "administrator") or (
            self.has_role(person, school) and person in (caller, self.class_teachers.get(class_id))
        )

    def invited(self, meeting: UUID) -> list[UUID]:
        """The students whose families are."""
        return [child for child, class_id in self.classes.items() if class_id == self.meetings[meeting][0]]

    def is_class_teacher(self, person: UUID, things: Iterable[UUID]) -> bool:
        """Of a class, or of the class of the student whom something is about."""
        classes = {self.classes.get(self.about.get(thing, thing), thing) for thing in things}
        return any(self.class_teachers.get(class_id) == person for class_id in classes)

    def leads_all(self, person: UUID, thing: UUID) -> bool:
        """The class teacher of all classes that something is for."""
        classes = self.classes_of.get(thing, set())
        return bool(classes) and all(self.class_teachers.get(one) == person for one in classes)

    def leads_at(self, person: UUID, school: UUID | None) -> bool:
        """The class teacher of a class of the school."""
        return any(who == person and self.school.get(one) == school for one, who in self.class_teachers.items())

    def tied(self, person: UUID, school: UUID | None) -> bool:
        children = [child for child, account in self.accounts.items() if account == person]
        children += [child for who, child in self.views if who == person]
        return self.has_role(person, school) or any(self.school[child] == school for child in children)

    def is_family(self, person: UUID, child: UUID) -> bool:
        return child in self.accounts and (self.accounts[child] == person or (person, child) in self.views)

    def is_staff_of(self, person: UUID, child: UUID) -> bool:
        """Who may write to the child's family."""
        groups = {group for who, group, _ in self.loads if who == person}
        return child in self.accounts and (
            any(self.group_classes.get(group) == self.classes[child] for group in groups)
            or self.is_class_teacher(person, [child])
            or self.has_role(person, self.school[child], "deputy")
        )

    def sees(self, person: UUID, child: UUID) -> bool:
        return (
            self.accounts.get(child) == person
            or (person, child) in self.views
            or self.is_class_teacher(person, [child])
            or self.has_role(person, self.school[child], "deputy", "director")
        )


async def _things(connection: Connection, *columns: str) -> list[asyncpg.Record]:
    """What stands in some columns, of everything that has them."""
    tables = await connection.fetch(_TABLES, ["id", *columns])
    return await connection.fetch(
        " UNION ALL ".join(f"SELECT id, {', '.join(columns)} FROM {row[0]}" for row in tables)
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
    if not ids:  # then it is enough to be something at some school
        return any(_RULES[access](person, school, ids, known) for who, school, _ in known.roles if who == person)
    (school,) = schools if len(schools) == 1 else {None}
    return school is not None and _RULES[access](person, school, ids, known)


_Rule = Callable[[UUID, UUID, Mapping[str, UUID], Relations], bool]

_HEADS = ("deputy", "director", "administrator")
_RULES: dict[Access, _Rule] = {
    Access.CHILD: lambda person, _, ids, known: known.sees(person, ids["child_id"]),
    Access.FILE_ABSENCE: lambda person, _, ids, known: (person, ids["child_id"]) in known.files & known.views,
    Access.STUDENT: lambda person, _, ids, known: known.accounts.get(ids["child_id"]) == person,
    Access.FILER: lambda person, _, ids, known: any(
        known.authors.get(thing) == person and (person, known.about[thing]) in known.files & known.views
        for thing in ids.values()
    ),
    Access.HEALTH: lambda person, school, _, known: known.has_role(person, school, "deputy", "health-worker"),
    Access.TEACHER: lambda person, school, ids, known: (
        known.has_role(person, school, "deputy") or known.teaches(person, ids)
    ),
    Access.FAMILY: lambda person, _, ids, known: known.is_family(person, ids["child_id"]),
    Access.STAFF_OF_CHILD: lambda person, _, ids, known: any(
        known.is_staff_of(person, child)
        for child in known.accounts
        if ids.get("child_id", child) == child and ids.get("class_id", known.classes[child]) == known.classes[child]
    ),
    Access.THREAD: lambda person, _, ids, known: any(
        person in (known.threads | known.letters).get(thing, ()) for thing in ids.values()
    ),
    Access.STAFF: lambda person, school, _, known: known.has_role(person, school),
    Access.DEPUTY: lambda person, school, _, known: known.has_role(person, school, "deputy"),
    Access.MANAGERS: lambda person, school, _, known: known.has_role(person, school, "deputy", "administrator"),
    Access.ADMINISTRATOR: lambda person, school, _, known: known.has_role(person, school, "administrator"),
    Access.LEADERS: lambda person, school, _, known: known.has_role(person, school, "deputy", "director"),
    Access.MARKERS: lambda person, school, ids, known: (
        known.has_role(person, school, "deputy")
        or known.teaches(person, ids)
        or known.is_class_teacher(person, known.classes_taught(ids))
    ),
    Access.CHILD_LED: lambda person, school, ids, known: (
        known.has_role(person, school, "deputy") or known.is_class_teacher(person, ids.values())
    ),
    Access.AUTHOR: lambda person, school, ids, known: (
        known.has_role(person, school, "deputy") or any(known.authors.get(thing) == person for thing in ids.values())
    ),
    Access.CREDENTIALS: lambda person, school, ids, known: (
        known.has_role(person, school, "administrator") or known.is_class_teacher(person, ids.values())
    ),
    Access.HEADS: lambda person, school, _, known: known.has_role(
        person, school, "deputy", "director", "administrator"
    ),
    Access.MEETING_LED: lambda person, _, ids, known: (
        ids["meeting_id"] in known.meetings and known.leads_meeting(person, ids["meeting_id"])
    ),
    Access.MEETING: lambda person, _, ids, known: (
        ids["meeting_id"] in known.meetings
        and (
            known.leads_meeting(person, ids["meeting_id"])
            or any(known.sees(person, child) for child in known.invited(ids["meeting_id"]))
        )
    ),
    Access.INVITED: lambda person, _, ids, known: (
        ids["meeting_id"] in known.meetings
        and any((person, child) in known.views for child in known.invited(ids["meeting_id"]))
    ),
    Access.GUARDIAN: lambda person, _, ids, known: any(
        (person, known.about.get(thing)) in known.views for thing in ids.values()
    ),
    Access.TIED: lambda person, school, _, known: known.tied(person, school),
    Access.PUBLISHERS: lambda person, school, ids, known: (
        known.has_role(person, school, *_HEADS)
        or ("school_id" in ids and known.leads_at(person, school))
        or any(known.leads_all(person, thing) for thing in ids.values())
    ),
    Access.CLASS: lambda person, school, ids, known: (
        known.has_role(person, school, "deputy", "administrator") or known.is_class_teacher(person, ids.values())
    ),
}


def _notices(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    child = ids["child_id"]
    return child in known.accounts and (
        (person, child) in known.views
        or known.is_class_teacher(person, [child])
        or known.has_role(person, known.school[child], "deputy")
    )


def _credentials(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    subject = ids["account_id"]
    of = [child for child, account in known.accounts.items() if account == subject]
    of += [child for who, child in known.views if who == subject]
    schools = {known.school[child] for child in of} | {school for who, school, _ in known.roles if who == subject}
    if any(known.has_role(person, school, "administrator") for school in schools):
        return True
    works = any(who == subject for who, _, _ in known.roles)
    return not works and len(schools) == 1 and known.is_class_teacher(person, of)


def _lists(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    school = known.school.get(ids["school_id"])
    led = [class_id for class_id, teacher in known.class_teachers.items() if teacher == person]
    return known.has_role(person, school, "deputy", "administrator") or school in {known.school[one] for one in led}


def _absence(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    return known.has_role(person, known.school.get(ids["school_id"]), "deputy", "administrator")


def _remark(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    remark = ids["remark_id"]
    school = known.school.get(remark)
    mine = known.authors.get(remark) == person and known.has_role(person, school)
    return mine or known.has_role(person, school, "deputy") or known.is_class_teacher(person, [remark])


def _event(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    event = ids["event_id"]
    return known.has_role(person, known.school.get(event), "deputy", "administrator") or known.leads_all(person, event)


def _announcement(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    thing = ids["announcement_id"]
    if thing not in known.announced:
        return False
    to_parents, to_students, to_staff = known.announced[thing]
    school, classes = known.school[thing], known.classes_of.get(thing)
    children = [child for child, one in known.classes.items() if classes is None or one in classes]
    children = [child for child in children if known.school[child] == school]
    groups = {group for group, one in known.group_classes.items() if classes and one in classes}
    works = known.has_role(person, school) and (
        classes is None
        or any(known.class_teachers.get(one) == person for one in classes)
        or any(who == person and group in groups for who, group, _ in known.loads)
    )
    return (
        known.has_role(person, school, *_HEADS)
        or known.leads_all(person, thing)
        or (to_parents and any((person, child) in known.views for child in children))
        or (to_students and any(known.accounts[child] == person for child in children))
        or (to_staff and works)
    )


def _pair(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    child, other = ids["child_id"], ids["account_id"]
    return person != other and (
        (known.is_family(person, child) and known.is_staff_of(other, child))
        or (known.is_staff_of(person, child) and known.is_family(other, child))
    )


def _author(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    return known.letters.get(ids["message_id"], (None,))[0] == person


def _reader(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    return known.letters.get(ids["message_id"], (None,))[-1] == person


def _support(person: UUID, ids: Mapping[str, UUID], known: Relations) -> bool:
    thing = ids["request_id"]
    school = known.school.get(thing)
    return (person, thing) in known.owned or (school is not None and known.has_role(person, school, "administrator"))


# Where the use case decides finer than what is declared: who may, and why.
Finer = Callable[[UUID, Mapping[str, UUID], Relations], bool]
FINER: dict[str, tuple[Finer, str]] = {
    "listAbsenceNotices": (_notices, "what a parent writes is not for the student, health data not for the director"),
    "issueOneTimePassword": (_credentials, "not for deputies, and never for colleagues but by the administrator"),
    "importClassList": (_lists, "class teachers bring lists of their classes"),
    "getAbsenceOfTeacher": (_absence, "whoever is no teacher of the school leaves no lessons there"),
    "getRemark": (_remark, "the class teacher reads what parents of the own class say"),
    "createEvent": (_lists, "class teachers for their classes"),
    "changeEvent": (_event, "class teachers what is for their classes only"),
    "removeEvent": (_event, "class teachers what is for their classes only"),
    "getAnnouncement": (_announcement, "whom it is for, and who may change it"),
    "writeToPerson": (_pair, "of the two one is of the child's family and one of its staff"),
    "takeBackMessage": (_author, "only who wrote it"),
    "reportMessage": (_reader, "only who got it"),
    "getSupportRequest": (_support, "who asked, and the administrator of their school"),
    "registerDevice": (lambda *_: True, "the app chooses the id; another account's is a conflict"),
}
