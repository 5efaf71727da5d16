"""Who asked support hears of what was done: by an alert, and by mail."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.school.models import School
from backend.support.letters import Letters
from backend.support.models import SupportChange, SupportRequest
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import SupportAnswered, Target

SCREEN = "support"


async def tell(
    session: AsyncSession, request: SupportRequest, change: SupportChange, letters: Letters, now: datetime
) -> None:
    """An alert says number and state, never a text. Who has nothing to do with any school gets the mail only."""
    await letters.tell(session, request, [change.body] if change.body else [], now)
    if request.account_id is None or request.school_id is None:
        return
    school = await session.get_one(School, request.school_id)
    alert = NewAlert(
        school_id=school.id, account_id=request.account_id, child_id=None,
        body=SupportAnswered(number=request.number, status=change.state),
        target=Target(screen=SCREEN, entity_id=request.id), thread=f"support:{request.id}", entity=str(request.id),
        occurred_at=now, timezone=school.timezone,
    )  # fmt: skip
    await outbox.append(session, [alert])
