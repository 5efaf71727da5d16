"""Giving homework."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.homework.models import Homework
from backend.identity.acting import Acting
from backend.school import repository as school
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
    if wish.due_on < lesson.day:
        raise Invalid({f"{pointer}/dueOn": "before-the-lesson"})
    if wish.due_on > lesson.day + FURTHEST:
        raise Invalid({f"{pointer}/dueOn": "too-far"})
    homework = Homework(
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
    session.add(homework)
    await session.flush()
    touch(session, [lesson.group_id])
    await _tell(session, lesson, homework, today, now)
    return homework


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


async def _tell(session: AsyncSession, lesson: LessonInSchool, homework: Homework, today: date, now: datetime) -> None:
    """Students of the group and their parents, one item a child and day (DOMAIN.md section 12)."""
    members = await school.member_ids(session, lesson.group_id, max(lesson.day, today))
    receivers = await school.receivers(session, sorted(members), today)
    in_lessons = await timetable.in_lessons_until(session, sorted(members), now)
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=lesson.school_id,
                account_id=receiver.account_id,
                child_id=receiver.child_id,
                body=HomeworkSet(child=receiver.child_name, subject=lesson.subject, due_on=homework.due_on),
                target=Target(screen="homework", child_id=receiver.child_id, on=homework.due_on, entity_id=homework.id),
                thread=f"homework:{receiver.child_id}:{today}",
                entity=str(homework.id),
                occurred_at=now,
                timezone=lesson.timezone,
                silent_until=in_lessons.get(receiver.child_id) if receiver.is_student else None,
                feed_only=is_old_news(today - lesson.day),
            )
            for receiver in receivers
        ],
    )
