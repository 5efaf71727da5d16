"""What families hear of finals: one item a child for all subjects (DOMAIN.md section 12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.school.models import Period, SchoolYear
from backend.timetable.hearers import hearers
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import FinalsPublished, Target


@dataclass(frozen=True)
class Published:
    """Finals of a period or a year that families may see from now on."""

    school_id: UUID
    timezone: str
    scope: Period | SchoolYear


async def tell(
    session: AsyncSession, published: Published, students: Iterable[UUID], today: date, now: datetime
) -> None:
    """Tells the students and their parents."""
    scope = published.scope
    told_of = await hearers(session, sorted(students), today, now)
    await outbox.append(
        session,
        [
            NewAlert(
                school_id=published.school_id,
                account_id=hearer.account_id,
                child_id=hearer.child_id,
                body=FinalsPublished(child=hearer.child_name, period=scope.name),
                target=Target(screen="finals", child_id=hearer.child_id, entity_id=scope.id),
                thread=f"finals:{hearer.child_id}",
                entity=str(scope.id),
                occurred_at=now,
                timezone=published.timezone,
                silent_until=hearer.silent_until,
            )
            for hearer in chain.from_iterable(told_of.values())
        ],
    )
