"""What an adult hears of the own link to a child: that it is there, and that it allows something else. An end, and the
loss of the right to see, are silent (DOMAIN.md sections 1 and 12)."""

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from backend.school.models import Guardianship, School, Student
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import GuardianshipChanged, Target


async def tell(session: AsyncSession, link: Guardianship, change: Literal["added", "changed"], now: datetime) -> None:
    """Tells the adult, where the link lets them see the child."""
    if not link.may_view or link.ends is not None:
        return
    student = await session.get_one(Student, link.student_id)
    school = await session.get_one(School, link.school_id)
    alert = NewAlert(
        school_id=link.school_id,
        account_id=link.account_id,
        child_id=link.student_id,
        body=GuardianshipChanged(child=student.given_name, change=change),
        target=Target(screen="home", child_id=link.student_id),
        thread=f"guardianship:{link.student_id}",
        entity=str(link.id),
        occurred_at=now,
        timezone=school.timezone,
    )
    await outbox.append(session, [alert])
