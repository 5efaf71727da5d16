"""Which student, and which class teacher, a row means. Pure: no session, no writing."""

from collections.abc import Sequence

from backend.core.values import PersonName, fold, person_name
from backend.exchange.problems import Problems
from backend.exchange.roster.columns import BIRTH, FAMILY, LOGIN
from backend.exchange.roster.entries import Entry
from backend.exchange.roster.snapshot import Snapshot, same_person
from backend.identity.roster import KnownAccount
from backend.school.models import Student


def find_student(entry: Entry, school: Snapshot, file: str, problems: Problems) -> Student | None:
    """The student of this school that the row means; None for a new one, or with a problem.

    By login; else by name and birth date. Where one of the two birth dates is missing, the name alone
    counts only inside the same class: a namesake's parents must never get another child's diary.
    """

    def wrong(column: str, code: str, message: str) -> None:
        problems.add(file, entry.row, column, code, message)

    if entry.login and (named := school.by_login.get(entry.login)) is not None:
        if not _alike(entry.name, named):
            wrong(LOGIN, "login-of-another-student", "This login belongs to a student of another name.")
        return named
    namesakes = [
        student
        for student in school.by_name.get((fold(entry.name.family), fold(entry.name.given)), [])
        if same_person(entry.name, student.family_name, student.given_name, student.patronymic)
    ]
    sure = [student for student in namesakes if entry.birth and student.birth_date == entry.birth]
    if len(sure) > 1:
        wrong(FAMILY, "ambiguous-student", "Several students have this name and birth date: give the login.")
    if sure:
        return sure[0]
    vague = [student for student in namesakes if entry.birth is None or student.birth_date is None]
    here = [student for student in vague if school.class_of.get(student.id, entry.class_name) == entry.class_name]
    if len(here) > 1 or (vague and not here):
        wrong(
            BIRTH,
            "ambiguous-student",
            "The school has a student of this name: give the birth date or the login.",
        )
    return here[0] if here else None


def find_teacher(
    text: str, staff: Sequence[KnownAccount], place: tuple[str, int, str], problems: Problems
) -> KnownAccount | None:
    """The member of a school's staff that a cell names, by login or full name.

    Args:
        place: file, row and column of the cell, for what is wrong with it.
    """
    by_login = [account for account in staff if account.login.lower() == text.lower()]
    name = person_name(text)
    by_name = [
        account
        for account in staff
        if name and same_person(name, account.family_name, account.given_name, account.patronymic)
    ]
    found = by_login or by_name
    if len(found) == 1:
        return found[0]
    if found:
        problems.add(*place, "ambiguous-teacher", "Several teachers have this name: give the login.")
    else:
        problems.add(*place, "unknown-teacher", "The school has no teacher of this login or full name.")
    return None


def _alike(name: PersonName, student: Student) -> bool:
    # One of the two may have changed or been misspelt; both at once is somebody else.
    return fold(name.family) == fold(student.family_name) or fold(name.given) == fold(student.given_name)
