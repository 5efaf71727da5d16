"""What the rows of all kinds share while a request is being taken."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.exchange.feed.credentials import Feeder
from backend.exchange.feed.people import People, own_id
from backend.exchange.feed.rows import Named, Row, W
from backend.exchange.links import Links
from backend.journal.models import Work
from backend.timetable import feeding as timetable
from backend.timetable.repository import LessonInSchool


@dataclass
class Desk:
    """One request under way.

    Attributes:
        silent: families are not to be told.
        lessons, works: what further rows may name, once rows of these kinds have been taken.
        held_works: the works that are concerned, locked.
    """

    session: AsyncSession
    feeder: Feeder
    links: Links
    people: People
    today: date
    now: datetime
    silent: bool
    lessons: Named = field(default_factory=lambda: Named({}))
    works: Named = field(default_factory=lambda: Named({}))
    held_works: dict[UUID, Work] = field(default_factory=dict)
    _places: dict[UUID, LessonInSchool] = field(default_factory=dict)

    def linked(self, kind: str, row: Row[W]) -> UUID | None:
        """What was sent under the row's id before."""
        link = self.links.find(kind, row.wish.external_id)
        return link.entity_id if link else None

    def meant(self, kind: str, names: Iterable[str | None]) -> dict[str, UUID]:
        """What the names mean: by the sender's ids, which count first, or by ours."""
        found = {}
        for name in names:
            link = self.links.find(kind, name) if name is not None else None
            id_ = link.entity_id if link else own_id(name or "")
            if name is not None and id_ is not None:
                found[name] = id_
        return found

    def teacher(self, row: Row[W], name: str | None) -> UUID | None:
        """In whose name the row is written; None stands for the system."""
        return self.people.teachers.find(row, "teacher", name)

    async def visit(self, lessons: Iterable[UUID]) -> None:
        """Makes `lesson` know these."""
        missing = {lesson for lesson in lessons if lesson not in self._places}
        if missing:
            self._places |= await timetable.in_their_school(self.session, missing)

    def lesson_to_write(self, row: Row[W], name: str | None) -> UUID | None:
        """The lesson at which the row is written; the row is refused where there is none, or it was cancelled."""
        found = self.lessons.find(row, "lesson", name)
        if found is not None and self.lesson(found).state == "cancelled":
            row.refuse("lesson", "lesson-cancelled")
        return found

    def lesson(self, lesson_id: UUID) -> LessonInSchool:
        return self._places[lesson_id]
