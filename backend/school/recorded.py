"""What the school asks of rooms above before it changes its structure; `backend/parts.py` hands the answers over."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


class Recorded(ABC):
    """What has been recorded in journals."""

    @abstractmethod
    async def closed_periods(self, session: AsyncSession, periods: Collection[UUID]) -> set[UUID]:
        """Of these periods, those that are closed for some class now."""

    @abstractmethod
    async def used_periods(self, session: AsyncSession, periods: Collection[UUID]) -> set[UUID]:
        """Of these periods, those with finals, or that were ever closed."""

    @abstractmethod
    async def students_since(
        self, session: AsyncSession, students: Collection[UUID], since: date, groups: Collection[UUID] | None = None
    ) -> set[UUID]:
        """Of these students, those with marks or attendance in lessons from a day on: of these groups, or of any."""

    @abstractmethod
    async def written_between(self, session: AsyncSession, school_id: UUID, first: date, last: date) -> bool:
        """Whether some lesson of the school in these days has marks or attendance."""
