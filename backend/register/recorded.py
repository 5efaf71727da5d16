"""What journals hold, for the school's set-up below: marks and attendance together."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance.repository import checked_lessons, lessons_with_codes, students_with_codes
from backend.journal.periods import closed_periods, used_periods
from backend.journal.repository import lessons_with_marks, students_with_marks
from backend.school.recorded import Recorded
from backend.timetable.repository import lessons_between


class RecordedInJournals(Recorded):
    async def closed_periods(self, session: AsyncSession, periods: Collection[UUID]) -> set[UUID]:
        return await closed_periods(session, periods)

    async def used_periods(self, session: AsyncSession, periods: Collection[UUID]) -> set[UUID]:
        return await used_periods(session, periods)

    async def students_since(
        self, session: AsyncSession, students: Collection[UUID], since: date, groups: Collection[UUID] | None = None
    ) -> set[UUID]:
        marked = await session.execute(students_with_marks(students, since, groups))
        lessons = lessons_between(since, date.max, groups=groups)
        absent = await session.execute(students_with_codes(students, lessons))
        return {*marked.scalars(), *absent.scalars()}

    async def written_between(self, session: AsyncSession, school_id: UUID, first: date, last: date) -> bool:
        lessons = lessons_between(first, last, school_id=school_id).subquery()
        reads = (lessons_with_marks(), checked_lessons(), lessons_with_codes())
        written = or_(*(lessons.c.id.in_(read) for read in reads))
        return (await session.execute(select(lessons.c.id).where(written).limit(1))).first() is not None
