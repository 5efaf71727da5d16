"""Giving homework."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.homework.models import Homework
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.school.repository import Receiver
from backend.school.rules import is_old_news
from backend.timetable import repository as timetable
from backend.timetable.repository import LessonInSchool
from backend.timetable.service import lesson_to_write
from push import outbox
from push.outbox import NewAlert
from schemas import homework as wire
from schemas.alerts import HomeworkSet, Target

FURTHEST = timedelta(days=120)


async def give(
    session: AsyncSession, acting: Acting, lesson_id: UUID, wish: wire.GiveHomework, now: datetime
) -> wire.Homework:
    """Homework for the lesson's group; students and parents are told, one item a child and day.

    Raises:
        NotFound: the lesson is not the caller's.
        Invalid: the date is before the lesson, or too far away.
    """
    lesson, today = await lesson_to_write(session, acting.account_id, lesson_id, now)
    return as_wire(await write(session, lesson, today, acting.account_id, wish, now))


async def write(
    session: AsyncSession, lesson: LessonInSchool, today: date, author: UUID, wish: wire.GiveHomework, now: datetime,
    pointer: str = "",
) -> Homework:  # fmt: skip
    """The same for a lesson that the author may write in; `pointer` says where it stands in the request."""
    if (problem := due_problem(lesson.day, wish.due_on)) is not None:
        raise Invalid({f"{pointer}/dueOn": problem})
    homework = new_homework(lesson, author, wish, now)
    session.add(homework)
    await session.flush()
    touch(session, [lesson.group_id])
    await tell(session, [(lesson, homework)], today, now)
    return homework


def due_problem(day: date, due_on: date) -> str | None:
    """What is wrong with the date until which homework of a lesson is due."""
    if due_on < day:
        return "before-the-lesson"
    return "too-far" if due_on > day + FURTHEST else None


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
        set_by=author,
        created_at=now,
    )


def as_wire(homework: Homework) -> wire.Homework:
    return wire.Homework(
        id=homework.id,
        lesson_id=homework.lesson_id,
        due_on=homework.due_on,
        text=homework.body,
        mandatory=homework.mandatory,
        minutes=homework.minutes,
        created_at=homework.created_at,
    )


async def tell(
    session: AsyncSession, given: Sequence[tuple[LessonInSchool, Homework]], today: date, now: datetime
) -> None:
    """Students of the groups and their parents, one item a child and day (DOMAIN.md section 12)."""
    members: dict[tuple[UUID, date], set[UUID]] = {
        (lesson.group_id, max(lesson.day, today)): set() for lesson, _ in given
    }
    for group, day, student in await school.members_on(session, members.keys()):
        members[group, day].add(student)
    children = sorted(set().union(*members.values()))
    receivers: dict[UUID, list[Receiver]] = {}
    for receiver in await school.receivers(session, children, today):
        receivers.setdefault(receiver.child_id, []).append(receiver)
    in_lessons = await timetable.in_lessons_until(session, children, now)
    alerts = [
        _alert(lesson, homework, receiver, in_lessons.get(child), today, now)
        for lesson, homework in given
        for child in sorted(members[lesson.group_id, max(lesson.day, today)])
        for receiver in receivers.get(child, [])
    ]
    await outbox.append(session, alerts)


def thread_of(child_id: UUID, day: date) -> str:
    """What is said of a child's homework on a day is one item."""
    return f"homework:{child_id}:{day}"


def _alert(
    lesson: LessonInSchool, homework: Homework, receiver: Receiver, until: datetime | None, today: date, now: datetime
) -> NewAlert:
    return NewAlert(
        school_id=lesson.school_id,
        account_id=receiver.account_id,
        child_id=receiver.child_id,
        body=HomeworkSet(child=receiver.child_name, subject=lesson.subject, due_on=homework.due_on),
        target=Target(screen="homework", child_id=receiver.child_id, on=homework.due_on, entity_id=homework.id),
        thread=thread_of(receiver.child_id, today),
        entity=str(homework.id),
        occurred_at=now,
        timezone=lesson.timezone,
        silent_until=until if receiver.is_student else None,
        feed_only=is_old_news(today - lesson.day),
    )
