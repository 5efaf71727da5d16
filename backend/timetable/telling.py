"""What families hear of a changed timetable: today's and tomorrow's changes at once, later ones in the feed (DOMAIN.md
section 12)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.school import repository as school
from backend.school.models import Subject
from backend.timetable.hearers import Hearer, hearers
from backend.timetable.models import Lesson
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import FirstLessonChanged, Target, TimetableChanged

# What is said of a lesson that changed in several ways at once. A note beside it rings no phone.
_WEIGHT = ("cancelled", "moved", "added", "restored", "teacher", "subject", "remote", "in-person", "room")

# Whose first lesson of the day it is, or was.
_FIRST = text("""
    SELECT m.student_id FROM unnest(cast(:students AS uuid[])) AS m(student_id)
     WHERE NOT EXISTS (SELECT FROM lesson l JOIN membership s ON s.group_id = l.group_id
                        WHERE s.student_id = m.student_id AND l.day = :day AND l.starts_at < :starts
                          AND l.state = 'planned'
                          AND l.day BETWEEN s.starts AND coalesce(s.ends, 'infinity'))
""")


# Changes that are so near are told at once.
_NEAR = timedelta(days=1)


class Scene(Protocol):
    """Whose school it is, and when."""

    @property
    def school_id(self) -> UUID: ...
    @property
    def timezone(self) -> str: ...
    @property
    def today(self) -> date: ...
    @property
    def now(self) -> datetime: ...


@dataclass(frozen=True)
class Told:
    """A change of a lesson; `moved_from`: the one that stays, cancelled, where it was."""

    lesson: Lesson
    change: str
    moved_from: Lesson | None = None

    @property
    def place(self) -> Lesson:
        """Where families looked for the lesson."""
        return self.moved_from or self.lesson

    def near(self, today: date) -> Lesson:
        """Where it matters first: where families looked for the lesson, or, where that is over or far away, where they
        find it now."""
        if self.moved_from is None or today <= self.moved_from.day <= today + _NEAR:
            return self.place
        return self.lesson if self.moved_from.day < today or self.lesson.day <= today + _NEAR else self.place


async def tell(session: AsyncSession, scene: Scene, told: Sequence[Told]) -> None:
    """Students of the group and parents, one item a child and day; today's first lesson urgently."""
    weightiest = _weightiest(told, scene.today)
    places = {(item.near(scene.today).group_id, item.near(scene.today).day) for item in weightiest}
    members: dict[tuple[UUID, date], set[UUID]] = defaultdict(set)
    for group, day, student in await school.members_on(session, places) if places else ():
        members[group, day].add(student)
    children = sorted(set().union(*members.values()))
    told_of = await hearers(session, children, scene.today, scene.now)
    alerts: list[NewAlert] = []
    for item in weightiest:
        near = item.near(scene.today)
        students = sorted(members[near.group_id, near.day])
        first = await _first_today(session, students, item, scene.today)
        # Read once for all lessons of the subject: the session knows it then.
        subject = await session.get_one(Subject, item.lesson.subject_id)
        alerts += [
            _alert(item, subject.name, hearer, scene, urgent=student in first)
            for student in students
            for hearer in told_of[student]
        ]
    await outbox.append(session, alerts)


def _weightiest(told: Sequence[Told], today: date) -> list[Told]:
    """One a lesson, of those that are not over."""
    found: dict[UUID, Told] = {}
    for item in told:
        if item.change not in _WEIGHT or item.near(today).day < today:
            continue
        there = found.get(item.place.id)
        if there is None or _WEIGHT.index(item.change) <= _WEIGHT.index(there.change):
            found[item.place.id] = item
    return list(found.values())


async def _first_today(session: AsyncSession, students: Sequence[UUID], item: Told, today: date) -> set[UUID]:
    """Whose first lesson of today it was, or has become."""
    found: set[UUID] = set()
    for lesson in {item.place.id: item.place, item.lesson.id: item.lesson}.values():
        if lesson.day == today:
            found |= await _first_lessons(session, students, lesson)
    return found


async def _first_lessons(session: AsyncSession, students: Sequence[UUID], lesson: Lesson) -> set[UUID]:
    values = {"students": list(students), "day": lesson.day, "starts": lesson.starts_at}
    return set((await session.execute(_FIRST, values)).scalars())


def _alert(item: Told, subject: str, hearer: Hearer, scene: Scene, *, urgent: bool) -> NewAlert:
    body = FirstLessonChanged if urgent else TimetableChanged
    near = item.near(scene.today)
    return NewAlert(
        school_id=scene.school_id,
        account_id=hearer.account_id,
        child_id=hearer.child_id,
        body=body(
            child=hearer.child_name, subject=subject, number=near.number, day=near.day,
            # Where it is moved to, it is one more.
            change=item.change if near is item.place else "added",
            room=item.lesson.room or "", to_day=item.lesson.day, to_number=item.lesson.number,
        ),
        target=Target(screen="diary-day", child_id=hearer.child_id, on=near.day, entity_id=item.lesson.id),
        thread=f"timetable:{hearer.child_id}:{near.day}",
        entity=str(item.place.id),
        occurred_at=scene.now,
        timezone=scene.timezone,
        silent_until=hearer.silent_until,
        feed_only=near.day > scene.today + _NEAR,
    )  # fmt: skip
