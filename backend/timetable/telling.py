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
from backend.school.repository import Receiver
from backend.timetable.models import Lesson
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import FirstLessonChanged, Target, TimetableChanged

# A note beside a lesson rings no phone.
_SILENT = frozenset({"", "note"})

# Whose first lesson of the day it is, or was.
_FIRST = text("""
    SELECT m.student_id FROM unnest(cast(:students AS uuid[])) AS m(student_id)
     WHERE NOT EXISTS (SELECT FROM lesson l JOIN membership s ON s.group_id = l.group_id
                        WHERE s.student_id = m.student_id AND l.day = :day AND l.starts_at < :starts
                          AND l.state = 'planned'
                          AND l.day BETWEEN s.starts AND coalesce(s.ends, 'infinity'))
""")


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

    @property
    def where(self) -> tuple[UUID, date]:
        """Whose day it was."""
        return self.place.group_id, self.place.day


async def tell(session: AsyncSession, scene: Scene, told: Sequence[Told]) -> None:
    """Students of the group and parents, one item a child and day; today's first lesson urgently."""
    newest = {
        item.place.id: item for item in told if item.change not in _SILENT and item.place.day >= scene.today
    }.values()
    members: dict[tuple[UUID, date], set[UUID]] = defaultdict(set)
    for group, day, student in await school.members_on(session, {item.where for item in newest}) if newest else ():
        members[group, day].add(student)
    receivers: dict[UUID, list[Receiver]] = defaultdict(list)
    for receiver in await school.receivers(session, sorted(set().union(*members.values())), scene.today):
        receivers[receiver.child_id].append(receiver)
    alerts: list[NewAlert] = []
    for item in newest:
        students = sorted(members[item.where])
        first = await _first_lessons(session, students, item.place) if item.place.day == scene.today else set()
        # Read once for all lessons of the subject: the session knows it then.
        subject = await session.get_one(Subject, item.lesson.subject_id)
        alerts += [
            _alert(item, subject.name, receiver, scene, urgent=student in first)
            for student in students
            for receiver in receivers[student]
        ]
    await outbox.append(session, alerts)


async def _first_lessons(session: AsyncSession, students: Sequence[UUID], lesson: Lesson) -> set[UUID]:
    values = {"students": list(students), "day": lesson.day, "starts": lesson.starts_at}
    return set((await session.execute(_FIRST, values)).scalars())


def _alert(item: Told, subject: str, receiver: Receiver, scene: Scene, *, urgent: bool) -> NewAlert:
    body = FirstLessonChanged if urgent else TimetableChanged
    place = item.place
    return NewAlert(
        school_id=scene.school_id,
        account_id=receiver.account_id,
        child_id=receiver.child_id,
        body=body(
            child=receiver.child_name, subject=subject, number=place.number, day=place.day, change=item.change,
            room=item.lesson.room or "", to_day=item.lesson.day, to_number=item.lesson.number,
        ),
        target=Target(screen="diary-day", child_id=receiver.child_id, on=place.day, entity_id=item.lesson.id),
        thread=f"timetable:{receiver.child_id}:{place.day}",
        entity=str(place.id),
        occurred_at=scene.now,
        timezone=scene.timezone,
        feed_only=place.day > scene.today + timedelta(days=1),
    )  # fmt: skip
