"""Single students: found by name, added to a class, corrected."""

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Conflict, Invalid
from backend.core.ids import new_id
from backend.core.values import PersonName, fold, tidy
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import people, rights, school_rights, setup_rights, setup_rules
from backend.school import student_repository as repository
from backend.school.models import Enrolment, SchoolYear, Student
from schemas import students as wire

PAGE = 50
CLASHES = {"one_class_at_a_time": "already-enrolled"}


async def search(
    session: AsyncSession,
    acting: Acting,
    school_id: UUID,
    *,
    query: str,
    left: bool,
    after: UUID | None,
    now: datetime,
) -> wire.StudentCards:
    """Students whose names have words that begin like those of the query; ё is е, case does not matter.

    Raises:
        NotFound: the school is not the caller's to set up.
        Invalid: the cursor is none.
    """
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now)
    if after is not None:
        last = await session.get(Student, after)
        if last is None or last.school_id != school_id:
            raise Invalid({"query:after": "bad-cursor"})
    words = fold(query).replace("-", " ").split()
    rows = await repository.cards(session, school_id, access.today, words=words, left=left, after=after, size=PAGE + 1)
    items = [wire.StudentCard(**row) for row in rows[:PAGE]]
    return wire.StudentCards(items=items, next=items[-1].id if len(rows) > PAGE else None)


async def add(
    session: AsyncSession, acting: Acting, class_id: UUID, wish: wire.AddStudent, now: datetime
) -> wire.StudentCard:
    """A new student with an account of the own, in the class from a day on.

    Raises:
        NotFound: the class is not the caller's to lead.
        Invalid: names every field that cannot be so.
        Conflict: the class's year is over (`year-over`), or the school has a student of the same full name and birth
            date (`student-exists`).
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    await setup_rights.hold_school(session, led.school_id)
    found, year = await repository.year_of_class(session, class_id)
    wrong = _problems(wish.family_name, wish.given_name, wish.patronymic, wish.birth_date, led.today)
    wrong |= setup_rules.span_problems(wish.starts, None, year)
    if wrong:
        raise Invalid(wrong)
    require_running(year, led.today)
    name = _name(wish.family_name, wish.given_name, wish.patronymic)
    if await repository.has_namesake(session, led.school_id, name, wish.birth_date):
        raise Conflict(code="student-exists")
    student = Student(
        id=new_id(), school_id=led.school_id, account_id=await people.make_account(session, name, now),
        family_name=name.family, given_name=name.given, patronymic=name.patronymic, birth_date=wish.birth_date,
        sex=wish.sex, grade=found.grade,
    )  # fmt: skip
    session.add(student)
    await session.flush()
    async with conflicts(session, CLASHES):
        session.add(
            Enrolment(
                id=new_id(), school_id=led.school_id, student_id=student.id, class_id=class_id, starts=wish.starts
            )
        )
    touch(session, [student.id])
    return await card(session, student, led.today)


async def change(
    session: AsyncSession, acting: Acting, student_id: UUID, wish: wire.ChangeStudent, now: datetime
) -> wire.StudentCard:
    """Another name, birth date or sex; the student's account is called the same.

    Raises:
        NotFound: the student is not the caller's to edit.
        Invalid: names every field that cannot be so.
    """
    access = await setup_rights.student_to_edit(session, acting.account_id, student_id, now)
    student = await repository.student_for_update(session, student_id)
    family = student.family_name if wish.family_name is UNSET else wish.family_name
    given = student.given_name if wish.given_name is UNSET else wish.given_name
    patronymic = student.patronymic if wish.patronymic is UNSET else wish.patronymic
    born = student.birth_date if wish.birth_date is UNSET else wish.birth_date
    wrong = _problems(family, given, patronymic, born, access.today)
    if wrong:
        raise Invalid(wrong)
    name = _name(family, given, patronymic)
    student.family_name, student.given_name, student.patronymic = name
    student.birth_date = born
    student.sex = student.sex if wish.sex is UNSET else wish.sex
    await session.flush()
    if student.account_id is not None:
        await repository.rename_account(session, student.account_id, name)
    touch(session, [student_id])
    return await card(session, student, access.today)


async def card(session: AsyncSession, student: Student, today: date) -> wire.StudentCard:
    """The student as the school's list shows it."""
    return wire.StudentCard(**await repository.card(session, student.school_id, student.id, today))


def require_running(year: SchoolYear, today: date) -> None:
    """Raises Conflict for a year that is over: nobody comes into its classes any more."""
    if year.ends < today:
        raise Conflict(code="year-over")


def _problems(family: str, given: str, patronymic: str | None, born: date | None, today: date) -> dict[str, str]:
    names = {"/familyName": family, "/givenName": given, "/patronymic": patronymic}
    wrong = setup_rules.name_problems(names)
    if born is not None and not setup_rules.is_birth_date(born, today):
        wrong["/birthDate"] = "bad-birth-date"
    return wrong


def _name(family: str, given: str, patronymic: str | None) -> PersonName:
    return PersonName(tidy(family), tidy(given), tidy(patronymic) if patronymic else None)
