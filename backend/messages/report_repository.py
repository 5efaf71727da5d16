"""The SQL of reports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.messages.models import MessageReport
from backend.messages.repository import PAGE
from backend.school.school_rights import LEADERS

# Nobody judges what they wrote themselves.
_LISTED = text("""
    SELECT r.id, r.message_id, r.student_id AS child_id, st.family_name, st.given_name, r.author_id,
           concat_ws(' ', w.family_name, w.given_name, w.patronymic) AS author_name, r.body AS text, r.sent_at,
           r.reported_by, concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS reporter_name, r.reported_at,
           r.reason, r.decision, r.answer, r.blocked_until, r.decided_at
      FROM message_report r
      JOIN student st ON st.id = r.student_id
      JOIN account w ON w.id = r.author_id
      JOIN account a ON a.id = r.reported_by
     WHERE r.school_id = :school AND r.author_id <> :account
       AND (r.id = :report OR cast(:report AS uuid) IS NULL)
       AND ((r.decision IS NOT NULL) = :decided OR cast(:decided AS boolean) IS NULL)
       AND (r.id < :before OR cast(:before AS uuid) IS NULL)
     ORDER BY r.id DESC LIMIT :limit
""")
_SHOWN_TO_LEADERS = text("""
    SELECT EXISTS (SELECT FROM message_report r
                     JOIN school s ON s.id = r.school_id
                     JOIN school_role mine ON mine.school_id = r.school_id
                    WHERE r.message_id = :message AND r.author_id <> :account AND mine.account_id = :account
                      AND mine.role = ANY (:roles)
                      AND (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date
                          BETWEEN mine.starts AND coalesce(mine.ends, 'infinity'))
""")


async def reports(
    session: AsyncSession,
    account_id: UUID,
    school_id: UUID,
    *,
    decided: bool | None = None,
    before: UUID | None = None,
    report_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """The reports that somebody may decide or has decided, newest first: a page and one more; or the one with an id."""
    values = {
        "account": account_id, "school": school_id, "decided": decided, "before": before, "report": report_id,
        "limit": PAGE + 1,
    }  # fmt: skip
    return [dict(row) for row in (await session.execute(_LISTED, values)).mappings()]


async def report_for_update(session: AsyncSession, report_id: UUID) -> MessageReport | None:
    statement = select(MessageReport).where(col(MessageReport.id) == report_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def shown_to_leader(session: AsyncSession, account_id: UUID, message_id: UUID, now: datetime) -> bool:
    """Whether the message was reported at a school that the account leads."""
    values = {"account": account_id, "message": message_id, "roles": list(LEADERS), "now": now}
    return bool((await session.execute(_SHOWN_TO_LEADERS, values)).scalar_one())
