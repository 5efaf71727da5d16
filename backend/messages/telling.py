"""What the other side hears of a message: who writes, as what, about which child; never a word of it (DOMAIN.md section
12)."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.messages import rules
from backend.messages.repository import ThreadSeen
from backend.timetable import repository as timetable
from push import outbox
from push.outbox import NewAlert
from schemas import messages as wire
from schemas.alerts import MessageReceived, Target, UrgentMessage


async def tell(session: AsyncSession, thread: ThreadSeen, message_id: UUID, urgent: bool, now: datetime) -> None:
    """Tells the other person of a thread of a message that its viewer has written.

    The family's side hears of it while it may see the child; the school's while it works there, so that alert is about
    no child.
    """
    to_family = not thread.as_family
    body = UrgentMessage if urgent else MessageReceived
    alert = NewAlert(
        school_id=thread.school_id,
        account_id=thread.other_id,
        child_id=thread.child_id if to_family else None,
        body=body(
            child=thread.given_name,
            class_name=thread.class_name or "",
            writer=role_of_writer(thread),
            subject=", ".join(thread.subjects) if role_of_writer(thread) == "teacher" else "",
        ),
        target=Target(screen="messages", child_id=thread.child_id if to_family else None, entity_id=thread.id),
        thread=thread_name(thread.id),
        entity=str(message_id),
        occurred_at=now,
        timezone=thread.timezone,
        silent_until=await _silent_until(session, thread, now),
        feed_only=thread.muted_by_other or (to_family and not thread.receives_push),
    )
    await outbox.append(session, [alert])


def role_of_writer(thread: ThreadSeen) -> wire.Role:
    """As what the viewer of a thread, who may write in it, writes."""
    if thread.as_family:
        return rules.family_role(thread.family_kind or "")
    return rules.staff_role(thread.capacities or [])


def thread_name(thread_id: UUID) -> str:
    """All that is written in a thread is one item on the screen."""
    return f"message:{thread_id}"


async def _silent_until(session: AsyncSession, thread: ThreadSeen, now: datetime) -> datetime | None:
    """Until the teacher's next office hour, or the end of the student's lessons."""
    if thread.as_family:
        return rules.next_opening(rules.office_hours(thread.hours), ZoneInfo(thread.timezone), now)
    if thread.family_kind != "student":
        return None
    return (await timetable.in_lessons_until(session, [thread.child_id], now)).get(thread.child_id)
