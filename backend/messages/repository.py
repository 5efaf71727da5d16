"""The SQL of threads and messages. Who may write to whom: `people_repository.py`; reports: `report_repository.py`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.messages.models import Message, MessageMute, MessagePace, MessageThread

PAGE = 50


@dataclass(frozen=True)
class ThreadSeen:
    """A thread as one of its two people sees it now.

    Attributes:
        family_kind: what the family's account is to the child (`student`, `mother`, ...); None: nothing any more.
        receives_push: whether the family's account is told of the child.
        capacities: as what the staff's account may write; None: it may not any more.
        hours: the office hours of the staff's account.
        blocked_until: the day up to which the viewer may not write to the other.
        muted: the viewer has muted the other; `muted_by_other` the other way round.
        last: the newest message; its parts begin with `last_`.
    """

    id: UUID
    school_id: UUID
    timezone: str
    child_id: UUID
    family_name: str
    given_name: str
    class_name: str | None
    family_kind: str | None
    receives_push: bool
    capacities: list[str] | None
    subjects: list[str]
    hours: list[dict[str, Any]]
    as_family: bool
    other_id: UUID
    other_name: str
    blocked_until: date | None
    muted: bool
    muted_by_other: bool
    read: int
    read_by_other: int
    unread: int
    last_number: int
    last_message_id: UUID | None
    last_mine: bool
    last_text: str | None
    last_sent_at: datetime | None
    last_taken_back: bool

    @property
    def may_write(self) -> bool:
        """Both sides are something to the child now, and the leaders of the school have not forbidden it."""
        return self.family_kind is not None and self.capacities is not None and self.blocked_until is None


# The family reads while it has a right to the child; the staff while they work at the school, so that who no longer
# teaches the child still finds what was written.
_MAY_READ = """
    SELECT t.* FROM message_thread t
     WHERE (t.family_id = :account
            AND EXISTS (SELECT FROM child_family(t.student_id, :now) f WHERE f.account_id = :account)
         OR t.staff_id = :account
            AND (SELECT works_at(:account, s.id, (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date)
                   FROM school s WHERE s.id = t.school_id))
"""
# Of the few that are shown.
_SEEN = """
    SELECT t.id, t.school_id, s.timezone, t.student_id AS child_id, st.family_name, st.given_name,
           (SELECT c.grade || c.letter FROM enrolment e JOIN school_class c ON c.id = e.class_id
             WHERE e.student_id = st.id AND day.today BETWEEN e.starts AND coalesce(e.ends, 'infinity')) AS class_name,
           family.kind AS family_kind, coalesce(family.receives_push, false) AS receives_push,
           staff.capacities, coalesce(staff.subjects, '{}') AS subjects, coalesce(o.hours, '[]') AS hours,
           side.family AS as_family, a.id AS other_id,
           concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS other_name,
           (SELECT max(r.blocked_until) FROM message_report r
             WHERE r.author_id = :account AND r.reported_by = a.id AND r.school_id = t.school_id
               AND r.blocked_until >= day.today) AS blocked_until,
           EXISTS (SELECT FROM message_mute u WHERE u.account_id = :account AND u.muted_id = a.id) AS muted,
           EXISTS (SELECT FROM message_mute u WHERE u.account_id = a.id AND u.muted_id = :account) AS muted_by_other,
           marks.mine AS read, marks.others AS read_by_other,
           (SELECT count(*) FROM message u
             WHERE u.thread_id = t.id AND u.number > marks.mine AND u.author_id <> :account
               AND u.taken_back_at IS NULL) AS unread,
           t.last_number, t.last_message_id, coalesce(m.author_id = :account, false) AS last_mine, m.body AS last_text,
           m.sent_at AS last_sent_at, m.taken_back_at IS NOT NULL AS last_taken_back
      FROM ({picked}) t
      JOIN student st ON st.id = t.student_id
      JOIN school s ON s.id = t.school_id
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
      CROSS JOIN LATERAL (SELECT t.family_id = :account AS family) AS side
      CROSS JOIN LATERAL (SELECT CASE WHEN side.family THEN t.family_read ELSE t.staff_read END AS mine,
                                 CASE WHEN side.family THEN t.staff_read ELSE t.family_read END AS others) AS marks
      JOIN account a ON a.id = CASE WHEN side.family THEN t.staff_id ELSE t.family_id END
      LEFT JOIN LATERAL (SELECT f.kind, f.receives_push FROM child_family(t.student_id, :now) f
                          WHERE f.account_id = t.family_id LIMIT 1) AS family ON true
      LEFT JOIN LATERAL (SELECT array_agg(DISTINCT c.capacity) AS capacities,
                                array_agg(DISTINCT u.name ORDER BY u.name) FILTER (WHERE u.id IS NOT NULL) AS subjects
                           FROM (SELECT account_id, capacity, subject_id FROM child_staff(t.student_id, :now)
                                  UNION ALL
                                 -- Whom an event names answers, and begins nothing, not even in an old thread.
                                 SELECT e.account_id, 'staff', NULL FROM event_contacts(t.student_id, :now) e
                                  WHERE side.family OR EXISTS (
                                        SELECT FROM message f WHERE f.thread_id = t.id AND f.author_id = t.family_id
                                                                AND f.sent_at >= e.since)) c
                           LEFT JOIN subject u ON u.id = c.subject_id
                          WHERE c.account_id = t.staff_id) AS staff ON true
      LEFT JOIN office_hours o ON o.account_id = t.staff_id AND o.school_id = t.school_id
      LEFT JOIN message m ON m.id = t.last_message_id
     ORDER BY t.last_message_id DESC
"""
_PAGE = f"""{_MAY_READ}
       AND t.last_message_id IS NOT NULL
       AND (t.last_message_id < :before OR cast(:before AS uuid) IS NULL)
       AND (t.student_id = :child OR cast(:child AS uuid) IS NULL)
     ORDER BY t.last_message_id DESC LIMIT :limit
"""
_ONE = text(_SEEN.replace("{picked}", f"{_MAY_READ} AND t.id = :thread"))
_LISTED = text(_SEEN.replace("{picked}", _PAGE))
_MESSAGES = text("""
    SELECT m.id, m.number, m.author_id = :account AS mine, m.body AS text, m.urgent, m.written_at, m.sent_at,
           m.taken_back_at IS NOT NULL AS taken_back,
           r.id AS report_id, r.reported_at, r.decision, r.answer
      FROM message m
      LEFT JOIN message_report r ON r.message_id = m.id AND r.reported_by = :account
     WHERE m.thread_id = :thread AND (m.number < :before OR cast(:before AS integer) IS NULL)
     ORDER BY m.number DESC LIMIT :limit
""")
_PACE = text("""
    INSERT INTO message_pace AS p (account_id, since, sent) VALUES (:account, :now, 1)
    ON CONFLICT (account_id) DO UPDATE
       SET since = CASE WHEN p.since <= :hour_ago THEN excluded.since ELSE p.since END,
           sent = CASE WHEN p.since <= :hour_ago THEN 1 ELSE p.sent + 1 END
    RETURNING since, sent
""")


async def thread_seen(session: AsyncSession, account_id: UUID, thread_id: UUID, now: datetime) -> ThreadSeen | None:
    """A thread that the account may read now."""
    row = (await session.execute(_ONE, {"account": account_id, "thread": thread_id, "now": now})).mappings().first()
    return ThreadSeen(**row) if row else None


async def threads_seen(
    session: AsyncSession, account_id: UUID, child_id: UUID | None, before: UUID | None, now: datetime
) -> list[ThreadSeen]:
    """The threads in which something was written, the newest message first: a page and one more."""
    values = {"account": account_id, "child": child_id, "before": before, "now": now, "limit": PAGE + 1}
    return [ThreadSeen(**row) for row in (await session.execute(_LISTED, values)).mappings()]


async def open_thread(session: AsyncSession, thread: MessageThread) -> UUID:
    """The thread of these people about the child; makes it where there is none. Returns its id."""
    people = {"student_id": thread.student_id, "family_id": thread.family_id, "staff_id": thread.staff_id}
    fresh = upsert(MessageThread).values(
        id=thread.id, school_id=thread.school_id, created_at=thread.created_at, **people
    )
    await session.execute(fresh.on_conflict_do_nothing(constraint="message_thread_people"))
    statement = select(col(MessageThread.id)).where(
        *(getattr(MessageThread, name) == value for name, value in people.items())
    )
    return (await session.execute(statement)).scalar_one()


async def next_number(session: AsyncSession, thread_id: UUID, message_id: UUID) -> int:
    """Makes a message the newest of its thread. Who writes at the same moment waits for us, and comes after."""
    statement = (
        update(MessageThread)
        .where(col(MessageThread.id) == thread_id)
        .values(last_number=col(MessageThread.last_number) + 1, last_message_id=message_id)
        .returning(col(MessageThread.last_number))
    )
    return (await session.execute(statement)).scalar_one()


async def messages(
    session: AsyncSession, account_id: UUID, thread_id: UUID, before: int | None
) -> list[dict[str, Any]]:
    """The messages of a thread, newest first: a page and one more."""
    values = {"account": account_id, "thread": thread_id, "before": before, "limit": PAGE + 1}
    return [dict(row) for row in (await session.execute(_MESSAGES, values)).mappings()]


async def message_for_update(session: AsyncSession, message_id: UUID) -> Message | None:
    """A message of the acting account's threads, locked."""
    return (
        await session.execute(select(Message).where(col(Message.id) == message_id).with_for_update())
    ).scalar_one_or_none()


async def message(session: AsyncSession, message_id: UUID) -> Message | None:
    return await session.get(Message, message_id)


async def move_mark(session: AsyncSession, thread_id: UUID, number: int, *, as_family: bool) -> None:
    """Notes that a side has read up to a number; never back."""
    mark = MessageThread.family_read if as_family else MessageThread.staff_read
    values = {mark: func.greatest(mark, number)}
    await session.execute(update(MessageThread).where(col(MessageThread.id) == thread_id).values(values))


async def ids_up_to(session: AsyncSession, thread_id: UUID, after: int, number: int, author_id: UUID) -> list[UUID]:
    """The messages of an author between two numbers of a thread."""
    statement = select(col(Message.id)).where(
        col(Message.thread_id) == thread_id,
        col(Message.number) > after,
        col(Message.number) <= number,
        col(Message.author_id) == author_id,
    )
    return list((await session.execute(statement)).scalars())


async def count_sent(session: AsyncSession, account_id: UUID, now: datetime, hour_ago: datetime) -> MessagePace:
    """Counts one more message of an account; who sends at the same moment waits, and is counted after."""
    row = (await session.execute(_PACE, {"account": account_id, "now": now, "hour_ago": hour_ago})).one()
    return MessagePace(account_id=account_id, since=row.since, sent=row.sent)


async def set_mute(session: AsyncSession, account_id: UUID, muted_id: UUID, muted: bool, now: datetime) -> None:
    if muted:
        values = {"account_id": account_id, "muted_id": muted_id, "muted_at": now}
        await session.execute(upsert(MessageMute).values(values).on_conflict_do_nothing())
    else:
        mine = (col(MessageMute.account_id) == account_id, col(MessageMute.muted_id) == muted_id)
        await session.execute(delete(MessageMute).where(*mine))
