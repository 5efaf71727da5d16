"""The SQL of the event ribbon."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.board.models import SchoolEvent, SchoolEventClass

# Whoever works there is shown with what they are there today, and is nobody to write to when they have gone.
_ROWS = """
    SELECT v.id, v.school_id, v.kind, v.title, v.first_day, v.last_day, v.body AS text, v.place, v.subject_id,
           u.name AS subject, named.classes,
           CASE WHEN works.roles IS NOT NULL THEN json_build_object(
               'accountId', p.id, 'name', concat_ws(' ', p.family_name, p.given_name, p.patronymic),
               'roles', works.roles) END AS contact
      FROM school_event v
      JOIN school s ON s.id = v.school_id
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
      LEFT JOIN subject u ON u.id = v.subject_id
      LEFT JOIN account p ON p.id = v.contact_id
      CROSS JOIN LATERAL (SELECT json_agg(r.role ORDER BY r.role) AS roles FROM school_role r
                           WHERE r.account_id = v.contact_id AND r.school_id = v.school_id
                             AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')) AS works
      CROSS JOIN LATERAL (
          SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.grade || c.letter)
                                   ORDER BY c.grade, c.letter COLLATE "C"), '[]') AS classes,
                 array_agg(c.id) AS class_ids
            FROM school_event_class n JOIN school_class c ON c.id = n.class_id
           WHERE n.event_id = v.id) AS named
     WHERE v.school_id = :school
"""
# A class's events are for the class; the staff sees all.
_BETWEEN = text(f"""
    WITH ties AS MATERIALIZED (SELECT * FROM school_ties(:account, :now) t WHERE t.school_id = :school)
    {_ROWS} AND v.first_day <= :last AND v.last_day >= :first
       AND (v.kind = :kind OR cast(:kind AS text) IS NULL)
       AND (named.class_ids IS NULL OR EXISTS (SELECT FROM ties t
                                                WHERE t.who = 'staff' OR t.class_id = ANY (named.class_ids)))
     ORDER BY v.first_day, v.last_day, v.id
""")
_ONE = text(f"{_ROWS} AND v.id = :id")


async def events(
    session: AsyncSession,
    account_id: UUID,
    school_id: UUID,
    first: date,
    last: date,
    kind: str | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """The events of some days that are for a person."""
    values = {
        "account": account_id, "school": school_id, "first": first, "last": last, "kind": kind, "now": now
    }  # fmt: skip
    return [dict(row) for row in (await session.execute(_BETWEEN, values)).mappings()]


async def one(session: AsyncSession, event: SchoolEvent, now: datetime) -> dict[str, Any]:
    values = {"school": event.school_id, "id": event.id, "now": now}
    return dict((await session.execute(_ONE, values)).mappings().one())


async def event_for_update(session: AsyncSession, event_id: UUID) -> SchoolEvent | None:
    statement = select(SchoolEvent).where(col(SchoolEvent.id) == event_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def classes_of(session: AsyncSession, event_id: UUID) -> list[UUID]:
    statement = select(col(SchoolEventClass.class_id)).where(col(SchoolEventClass.event_id) == event_id)
    return list((await session.execute(statement)).scalars())


async def set_classes(session: AsyncSession, event_id: UUID, classes: Collection[UUID]) -> None:
    await session.execute(delete(SchoolEventClass).where(col(SchoolEventClass.event_id) == event_id))
    if classes:
        rows = [{"event_id": event_id, "class_id": class_id} for class_id in classes]
        await session.execute(insert(SchoolEventClass), rows)
