"""Writing and reading messages (DOMAIN.md section 10)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from backend.core.ids import new_id
from backend.files import service as files
from backend.files.service import Owner
from backend.identity.acting import Acting
from backend.messages import people_repository, repository, rules, showing, telling
from backend.messages.models import Message, MessageThread
from backend.messages.repository import ThreadSeen
from backend.messages.showing import FILES
from push import outbox
from schemas import messages as wire


async def write_to_person(
    session: AsyncSession, acting: Acting, child_id: UUID, other_id: UUID, wish: wire.WriteMessage, now: datetime
) -> wire.Sent:
    """Writes to somebody about a child, in the thread of the two; begins it where there is none.

    Raises:
        NotFound: the one is not of the child's family, or the other not of its staff, now.
        Invalid, Forbidden, TooMany: as `write` says.
    """
    found = await people_repository.sides(session, acting.account_id, child_id, other_id, now)
    if found is None:
        raise NotFound
    school_id, as_family = found
    family, staff = (acting.account_id, other_id) if as_family else (other_id, acting.account_id)
    thread = MessageThread(
        id=new_id(), school_id=school_id, student_id=child_id, family_id=family, staff_id=staff, created_at=now
    )
    return await write(session, acting, await repository.open_thread(session, thread), wish, now)


async def write(
    session: AsyncSession, acting: Acting, thread_id: UUID, wish: wire.WriteMessage, now: datetime
) -> wire.Sent:
    """Writes in a thread, and tells the other person.

    Raises:
        NotFound: not the caller's thread to read.
        Forbidden: one of the two has nothing to do with the child any more, or the school has forbidden it
            (`may-not-write`).
        Invalid: no text, urgent from a family, written in the future or over a week ago, or a file that is not there.
        TooMany: over 60 messages in an hour.
    """
    thread = await thread_to_read(session, acting, thread_id, now)
    if not thread.may_write:
        raise Forbidden(code="may-not-write")
    wrong = rules.message_problems(wish, now, as_family=thread.as_family)
    if wrong:
        raise Invalid(wrong)
    await _keep_pace(session, acting, now)
    message_id = new_id()
    number = await repository.next_number(session, thread_id, message_id)
    session.add(
        Message(
            id=message_id, thread_id=thread_id, number=number, school_id=thread.school_id, author_id=acting.account_id,
            body=wish.text, urgent=wish.urgent, written_at=min(wish.occurred_at or now, now), sent_at=now,
        )
    )  # fmt: skip
    await session.flush()
    await files.attach(session, acting.account_id, thread.school_id, Owner(FILES, message_id), wish.files)
    await telling.tell(session, thread, message_id, wish.urgent, now)
    return wire.Sent(id=message_id, thread_id=thread_id, number=number, sent_at=now)


async def take_back(session: AsyncSession, acting: Acting, message_id: UUID, now: datetime) -> None:
    """The author takes a message back within 15 minutes: its text and files are gone for everybody, its place stays.

    Raises:
        NotFound: no such message, another's, taken back already, or no right to the thread any more.
        Conflict: too late (`too-late`).
    """
    message = await repository.message_for_update(session, message_id)
    if message is None or message.author_id != acting.account_id or message.taken_back_at is not None:
        raise NotFound
    await thread_to_read(session, acting, message.thread_id, now)
    if not rules.may_take_back(message.sent_at, now):
        raise Conflict(code="too-late")
    message.body, message.taken_back_at = None, now
    await session.flush()
    await files.detach(session, FILES, [message_id])
    await outbox.withdraw(session, telling.thread_name(message.thread_id), str(message_id), now)


async def list_threads(
    session: AsyncSession, acting: Acting, child_id: UUID | None, cursor: UUID | None, now: datetime
) -> wire.Threads:
    """One's threads, of all children or of one, the newest message first."""
    found = await repository.threads_seen(session, acting.account_id, child_id, cursor, now)
    shown = found[: repository.PAGE]
    return wire.Threads(
        items=[showing.thread(one) for one in shown],
        next=shown[-1].last_message_id if len(found) > repository.PAGE else None,
    )


async def read_thread(
    session: AsyncSession, acting: Acting, thread_id: UUID, cursor: int | None, now: datetime
) -> wire.ThreadPage:
    """A thread and a page of its messages, newest first. Raises NotFound for who is not one of the two."""
    thread = await thread_to_read(session, acting, thread_id, now)
    rows = await repository.messages(session, acting.account_id, thread_id, cursor)
    shown = rows[: repository.PAGE]
    attached = await files.attached(session, FILES, [row["id"] for row in shown])
    return wire.ThreadPage(
        thread=showing.thread(thread),
        items=[showing.message(row, attached) for row in shown],
        next=shown[-1]["number"] if len(rows) > repository.PAGE else None,
    )


async def mark_read(
    session: AsyncSession, acting: Acting, thread_id: UUID, number: int, now: datetime
) -> wire.ReadMarks:
    """Notes that one has read a thread up to a message: the other sees it, and one's other devices need not say it.

    Raises:
        NotFound: not the caller's thread to read.
        Invalid: the thread has no such message yet.
    """
    thread = await thread_to_read(session, acting, thread_id, now)
    if number > thread.last_number:
        raise Invalid({"/number": "not-written-yet"})
    if number > thread.read:
        await repository.move_mark(session, thread_id, number, as_family=thread.as_family)
        fresh = await repository.ids_up_to(session, thread_id, thread.read, number, thread.other_id)
        entities = [str(message_id) for message_id in fresh]
        await outbox.mark_entities_read(session, acting.account_id, telling.thread_name(thread_id), entities, now)
    return wire.ReadMarks(read=max(number, thread.read), read_by_other=thread.read_by_other)


async def mute(session: AsyncSession, acting: Acting, thread_id: UUID, muted: bool, now: datetime) -> None:
    """What the other person of a thread writes from now on, in all threads, comes to the inbox only; or aloud again.

    Raises:
        NotFound: not the caller's thread to read.
    """
    thread = await thread_to_read(session, acting, thread_id, now)
    await repository.set_mute(session, acting.account_id, thread.other_id, muted, now)


async def thread_to_read(session: AsyncSession, acting: Acting, thread_id: UUID, now: datetime) -> ThreadSeen:
    """The thread, for its two people while they may read it. Raises NotFound for everybody else."""
    thread = await repository.thread_seen(session, acting.account_id, thread_id, now)
    if thread is None:
        raise NotFound
    return thread


async def _keep_pace(session: AsyncSession, acting: Acting, now: datetime) -> None:
    pace = await repository.count_sent(session, acting.account_id, now, now - rules.HOUR)
    if pace.sent > rules.MOST_AN_HOUR:
        raise TooMany(seconds=int((pace.since + rules.HOUR - now).total_seconds()) + 1)
