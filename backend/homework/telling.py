"""What students and parents hear of homework (DOMAIN.md sections 9 and 12)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.days import days_between
from backend.homework import repository
from backend.homework.models import Homework
from backend.school import repository as school
from backend.school.rules import is_old_news
from backend.timetable.hearers import Hearer, hearers
from backend.timetable.repository import LessonInSchool
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import HomeworkChanged, HomeworkSet, Target


@dataclass(frozen=True)
class Told:
    """A homework to tell of, at its lesson. `students`: those it was given to, empty for the whole group."""

    lesson: LessonInSchool
    homework: Homework
    students: Sequence[UUID] = field(default=())


async def tell(
    session: AsyncSession, given: Sequence[Told], today: date, now: datetime,
    kind: type[HomeworkSet | HomeworkChanged] = HomeworkSet,
) -> None:  # fmt: skip
    """Students of the groups and their parents, one item a child and day. On a quiet day no phone hears of it."""
    members = await _members(session, given)
    children = sorted(set().union(*members.values()))
    told_of = await hearers(session, children, today, now)
    quiet = await repository.who_has_quiet(session, children, today)
    alerts = [
        _alert(one, hearer, kind, today, now, quiet=child in quiet)
        for one in given
        for child in sorted(members[one.homework.id])
        for hearer in told_of[child]
    ]
    await outbox.append(session, alerts)


async def withdraw(session: AsyncSession, lesson: LessonInSchool, homework: Homework, now: datetime) -> None:
    """Takes back what was said of homework that is still to be done: on the day when it was given, and on that of any
    edit since."""
    today = school_date(now, lesson.timezone)
    if homework.due_on < today:
        return
    first = school_date(homework.created_at, lesson.timezone)
    last = school_date(homework.edited_at or homework.created_at, lesson.timezone)
    days = days_between(first, last)
    members = await school.members_on(session, {(lesson.group_id, day) for day in (*days, homework.due_on)})
    said = {(thread_of(child, day), str(homework.id)) for _, _, child in members for day in days}
    await outbox.withdraw_all(session, sorted(said), now)


def thread_of(child_id: UUID, day: date) -> str:
    """What is said of a child's homework on a day is one item."""
    return f"homework:{child_id}:{day}"


async def _members(session: AsyncSession, given: Sequence[Told]) -> Mapping[UUID, set[UUID]]:
    """Whom each homework is for, by its id: of those named, whoever finds it in the diary, being in the group when it
    is due."""
    wanted = {(one.lesson.group_id, one.homework.due_on) for one in given}
    found: dict[tuple[UUID, date], set[UUID]] = defaultdict(set)
    for group, day, student in await school.members_on(session, wanted):
        found[group, day].add(student)
    members = {}
    for one in given:
        everybody = found[one.lesson.group_id, one.homework.due_on]
        members[one.homework.id] = everybody & set(one.students) if one.homework.individual else everybody
    return members


def _alert(
    told: Told, hearer: Hearer, kind: type[HomeworkSet | HomeworkChanged], today: date, now: datetime, *, quiet: bool
) -> NewAlert:  # fmt: skip
    lesson, homework = told.lesson, told.homework
    return NewAlert(
        school_id=lesson.school_id,
        account_id=hearer.account_id,
        child_id=hearer.child_id,
        body=kind(child=hearer.child_name, subject=lesson.subject, due_on=homework.due_on),
        target=Target(screen="homework", child_id=hearer.child_id, on=homework.due_on, entity_id=homework.id),
        thread=thread_of(hearer.child_id, today),
        entity=str(homework.id),
        occurred_at=now,
        timezone=lesson.timezone,
        silent_until=hearer.silent_until,
        # What is changed is of today, as long as it is still to be done.
        feed_only=quiet or (is_old_news(today - lesson.day) if kind is HomeworkSet else homework.due_on < today),
    )
