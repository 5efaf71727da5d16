"""The SQL of meetings as people see them, and the read that it publishes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.meetings.models import Meeting

MOST_LISTED = 100

# As one account sees it, with what it may do there (migration 0013).
_SHOWN = """
    SELECT m.id, m.school_id, m.class_id, m.audience, m.title, m.place, m.link, m.agenda, m.starts_at, m.ends_at,
           CASE WHEN m.cancelled_at IS NULL THEN 'called' ELSE 'cancelled' END AS state, m.cancel_reason, m.version,
           a.coming, access.asked AS may_answer, access.leads, m.minutes IS NOT NULL AS has_minutes
"""
_FROM = """
      FROM meeting m
      JOIN school s ON s.id = m.school_id
      CROSS JOIN LATERAL meeting_access(:account, m.id, :now) AS access
      LEFT JOIN meeting_answer a ON a.meeting_id = m.id AND a.account_id = :account
"""
_ONE = text(f"{_SHOWN}, m.minutes, m.minutes_at {_FROM} WHERE m.id = :meeting AND access.sees")

# By the school first: nobody's list costs more because there are other schools.
_OF_CHILD = """
    m.school_id = (SELECT st.school_id FROM student st WHERE st.id = :child)
    AND EXISTS (SELECT FROM meeting_guest q
             WHERE q.meeting_id = m.id AND q.student_id = :child
               AND (least(:now, m.starts_at) AT TIME ZONE s.timezone)::date BETWEEN q.starts AND q.ends)
"""
_MINE = """
    m.id IN (SELECT c.id FROM meeting c WHERE c.called_by = :account
             UNION SELECT t.meeting_id FROM meeting_staff t WHERE t.account_id = :account
             UNION SELECT q.meeting_id FROM meeting_guest q
                    WHERE q.student_id = ANY (ARRAY(
                          SELECT g.student_id FROM guardianship g WHERE g.account_id = :account
                          UNION SELECT st.id FROM student st WHERE st.account_id = :account)))
    AND access.sees
"""
_OF_CLASS = """
    m.school_id = (SELECT c.school_id FROM school_class c WHERE c.id = :class_id)
    AND (m.class_id = :class_id OR m.audience = 'school'
         OR m.id IN (SELECT c.meeting_id FROM meeting_class c WHERE c.class_id = :class_id))
"""
_OF_SCHOOL = "m.school_id = :school_id"
_WHEN = {
    "coming": f"m.ends_at >= :now ORDER BY m.starts_at, m.id LIMIT {MOST_LISTED}",
    "past": f"m.ends_at < :now ORDER BY m.starts_at DESC, m.id LIMIT {MOST_LISTED}",
}


def _lists(where: str) -> dict[str, TextClause]:
    return {when: text(f"{_SHOWN} {_FROM} WHERE {where} AND {order}") for when, order in _WHEN.items()}


_LISTS = {"child": _lists(_OF_CHILD), "mine": _lists(_MINE), "class": _lists(_OF_CLASS), "school": _lists(_OF_SCHOOL)}


_CALENDAR = {
    which: text(f"""
        {_SHOWN}, coalesce(m.changed_at, m.created_at) AS changed_at {_FROM}
         WHERE {where} AND (m.starts_at AT TIME ZONE s.timezone)::date BETWEEN :first AND :last ORDER BY m.id
    """)
    for which, where in (("child", _OF_CHILD), ("mine", _MINE))
}


async def listed(
    session: AsyncSession, which: str, when: str, account_id: UUID, now: datetime, **ids: UUID
) -> list[dict[str, Any]]:
    """Meetings as an account sees them: of a `child`, of a `class`, of a `school`, or `mine`. Coming ones by time, past
    ones newest first."""
    values = {"account": account_id, "now": now, **ids}
    return [dict(row) for row in (await session.execute(_LISTS[which][when], values)).mappings()]


async def meetings_in_calendar(
    session: AsyncSession, account_id: UUID, child_id: UUID | None, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """Published read: meetings of some days to which a child's family is invited; without a child those of an account.
    The caller has asked for the right to the child."""
    values = {"account": account_id, "child": child_id, "first": first, "last": last, "now": now}
    statement = _CALENDAR["mine" if child_id is None else "child"]
    if child_id is None:
        del values["child"]
    return [dict(row) for row in (await session.execute(statement, values)).mappings()]


async def shown(session: AsyncSession, account_id: UUID, meeting_id: UUID, now: datetime) -> dict[str, Any] | None:
    """A meeting with its minutes, for who may see it now."""
    values = {"account": account_id, "meeting": meeting_id, "now": now}
    row = (await session.execute(_ONE, values)).mappings().first()
    return dict(row) if row else None


async def for_update(session: AsyncSession, meeting_id: UUID) -> Meeting:
    """A meeting that is there, locked against everybody else who changes or answers it."""
    statement = select(Meeting).where(col(Meeting.id) == meeting_id).with_for_update(key_share=True)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()


async def to_answer(session: AsyncSession, meeting_id: UUID) -> Meeting:
    """A meeting that is there; until the commit nobody changes it, and others may answer."""
    statement = select(Meeting).where(col(Meeting.id) == meeting_id).with_for_update(read=True)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()
