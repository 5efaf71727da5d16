"""Giving homework, changing it, taking it back: the teacher's side."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid, NotFound, Stale
from backend.core.ids import new_id
from backend.core.validation import named_problems
from backend.core.versions import touch
from backend.files import service as files
from backend.files.service import Owner
from backend.homework import repository, rules, telling
from backend.homework.models import Homework, HomeworkEdit
from backend.homework.repository import FILES, Around
from backend.homework.telling import Told
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.timetable.repository import LessonInSchool
from backend.timetable.service import lesson_to_write
from schemas import homework as wire
from schemas.alerts import HomeworkChanged
from schemas.files import AttachedFile


async def give(
    session: AsyncSession, acting: Acting, lesson_id: UUID, wish: wire.GiveHomework, now: datetime
) -> wire.Homework:
    """Homework for the lesson's group or some of its students; they and their parents are told, one item a child and
    day.

    Raises:
        NotFound: the lesson is not the caller's.
        Invalid: the date is before the lesson or too far away, a student is not in the group, a file is not the
            caller's.
    """
    lesson, today = await lesson_to_write(session, acting.account_id, lesson_id, now)
    homework = await write(session, lesson, today, acting.account_id, wish, now)
    return (await as_wire(session, [homework]))[0]


async def write(
    session: AsyncSession, lesson: LessonInSchool, today: date, author: UUID, wish: wire.GiveHomework, now: datetime,
    pointer: str = "",
) -> Homework:  # fmt: skip
    """The same for a lesson that the author may write in; `pointer` says where it stands in the request."""
    problem = rules.due_problem(lesson.day, wish.due_on)
    wrong = {f"{pointer}/dueOn": problem} if problem is not None else {}
    students = wish.students or []
    if students:
        members = await school.member_ids(session, lesson.group_id, lesson.day)
        wrong |= named_problems(students, members, f"{pointer}/students", "not-in-group")
    if wrong:
        raise Invalid(wrong)
    homework = new_homework(lesson, author, wish, now)
    session.add(homework)
    await session.flush()
    await repository.give_to(session, homework, students)
    await files.attach(session, author, lesson.school_id, Owner(FILES, homework.id), wish.files, f"{pointer}/files")
    touch(session, [lesson.group_id])
    await telling.tell(session, [Told(lesson, homework, students)], today, now)
    return homework


async def change(
    session: AsyncSession, acting: Acting, homework_id: UUID, wish: wire.ChangeHomework, now: datetime
) -> wire.Homework:
    """Changes homework; another text, date, link or file is told, the rest is no event.

    Raises:
        NotFound: no such homework, or its lesson is not the caller's.
        Stale: somebody has changed it since the caller saw it.
        Invalid: the date is before the lesson or too far away, a file is neither its own nor the caller's.
    """
    lesson, today, homework = await _own(session, acting, homework_id, now)
    if wish.version != homework.version:
        raise Stale(current=homework.version)
    new = {field: value for name, field in _FIELDS.items() if (value := getattr(wish, name)) is not msgspec.UNSET}
    if isinstance(wish.due_on, date) and (problem := rules.due_problem(lesson.day, wish.due_on)) is not None:
        raise Invalid({"/dueOn": problem})
    changed: dict[str, Any] = {name: value for name, value in new.items() if value != getattr(homework, name)}
    if isinstance(wish.files, list) and await files.replace(
        session, acting.account_id, lesson.school_id, Owner(FILES, homework.id), wish.files
    ):
        changed["files"] = wish.files
    if changed:
        await _edit(session, acting, homework, changed, now)
        touch(session, [lesson.group_id])
    if rules.is_told(changed):
        students = (await repository.around(session, [homework.id]))[homework.id].students
        await telling.tell(session, [Told(lesson, homework, students)], today, now, HomeworkChanged)
    return (await as_wire(session, [homework]))[0]


async def remove(session: AsyncSession, acting: Acting, homework_id: UUID, now: datetime) -> None:
    """Takes homework back, and what was said of it. Raises NotFound where its lesson is not the caller's."""
    lesson, _, homework = await _own(session, acting, homework_id, now)
    await take_away(session, lesson, homework, now)


async def take_away(session: AsyncSession, lesson: LessonInSchool, homework: Homework, now: datetime) -> None:
    """The same where the right is known."""
    homework.removed_at = now
    await session.flush()
    await files.detach(session, FILES, [homework.id])
    touch(session, [homework.group_id])
    await telling.withdraw(session, lesson, homework, now)


def new_homework(lesson: LessonInSchool, author: UUID | None, wish: wire.GiveHomework, now: datetime) -> Homework:
    return Homework(
        id=new_id(),
        school_id=lesson.school_id,
        lesson_id=lesson.id,
        group_id=lesson.group_id,
        subject_id=lesson.subject_id,
        due_on=wish.due_on,
        body=wish.text,
        mandatory=wish.mandatory,
        minutes=wish.minutes,
        links=wish.links,
        individual=wish.students is not None,
        set_by=author,
        created_at=now,
    )


async def as_wire(session: AsyncSession, given: Sequence[Homework]) -> list[wire.Homework]:
    """Homework as its teacher sees it, in two statements however much it is."""
    if not given:
        return []
    ids = [one.id for one in given]
    around = await repository.around(session, ids)
    attached = await files.attached(session, FILES, ids)
    return [_as_wire(one, around.get(one.id, Around()), attached.get(one.id, [])) for one in given]


# The fields of ChangeHomework by the columns that they set.
_FIELDS = {"due_on": "due_on", "text": "body", "mandatory": "mandatory", "minutes": "minutes", "links": "links"}


async def _own(
    session: AsyncSession, acting: Acting, homework_id: UUID, now: datetime
) -> tuple[LessonInSchool, date, Homework]:
    """A homework, locked, with its lesson and today."""
    lesson_id = await repository.lesson_of(session, homework_id)
    if lesson_id is None:
        raise NotFound
    lesson, today = await lesson_to_write(session, acting.account_id, lesson_id, now)
    homework = await repository.to_change(session, homework_id)
    if homework is None:
        raise NotFound
    return lesson, today, homework


async def _edit(
    session: AsyncSession, acting: Acting, homework: Homework, changed: dict[str, Any], now: datetime
) -> None:
    """Sets what is new and keeps what was."""
    columns = [name for name in changed if name != "files"]
    old = {name: msgspec.to_builtins(getattr(homework, name)) for name in columns}
    session.add(
        HomeworkEdit(
            homework_id=homework.id, version=homework.version, school_id=homework.school_id, old=old,
            edited_by=acting.account_id, edited_at=now,
        )
    )  # fmt: skip
    for name in columns:
        setattr(homework, name, changed[name])
    homework.version, homework.edited_at = homework.version + 1, now
    await session.flush()


def _as_wire(homework: Homework, around: Around, attached: list[AttachedFile]) -> wire.Homework:
    return wire.Homework(
        id=homework.id,
        lesson_id=homework.lesson_id,
        due_on=homework.due_on,
        text=homework.body,
        mandatory=homework.mandatory,
        minutes=homework.minutes,
        links=homework.links,
        files=attached,
        students=around.students if homework.individual else None,
        done=around.done,
        version=homework.version,
        created_at=homework.created_at,
        edited_at=homework.edited_at,
    )
