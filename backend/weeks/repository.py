"""The SQL of signed weeks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.weeks.models import WeekSignature

# Children of running classes who had lessons in the week, with each guardian who is told and has not signed it.
_TO_ASK = text("""
    SELECT st.id AS child_id, st.given_name AS child_name, g.account_id
      FROM enrolment e
      JOIN school_class c ON c.id = e.class_id
      JOIN school_year y ON y.id = c.year_id AND cast(:today AS date) BETWEEN y.starts AND y.ends
      JOIN student st ON st.id = e.student_id AND st.left_on IS NULL
      JOIN guardianship g ON g.student_id = st.id AND g.may_view AND g.receives_push
       AND cast(:today AS date) BETWEEN g.starts AND coalesce(g.ends, 'infinity')
     WHERE e.school_id = :school AND cast(:today AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
       AND EXISTS (SELECT FROM membership m
                     JOIN lesson l ON l.group_id = m.group_id AND l.day BETWEEN :week AND cast(:week AS date) + 6
                      AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity') AND l.state = 'planned'
                    WHERE m.student_id = st.id)
       AND NOT EXISTS (SELECT FROM week_signature w
                        WHERE w.student_id = st.id AND w.week = :week AND w.account_id = g.account_id)
     ORDER BY 1, 3
""")
# Guardians of today who may see the child, and whoever else has signed.
_OF_CLASS = text("""
    SELECT st.id AS student_id, st.family_name, st.given_name, coalesce(signers.items, '[]') AS guardians
      FROM enrolment e
      JOIN student st ON st.id = e.student_id AND st.left_on IS NULL
      CROSS JOIN LATERAL (
          SELECT json_agg(json_build_object(
                     'accountId', g.account_id, 'kind', g.kind, 'signedAt', g.signed_at,
                     'name', concat_ws(' ', p.family_name, p.given_name, p.patronymic))
                     ORDER BY g.contact_order, g.account_id) AS items
            FROM (SELECT DISTINCT ON (l.account_id) l.account_id, l.kind, l.contact_order, w.signed_at
                    FROM guardianship l
                    LEFT JOIN week_signature w
                      ON w.student_id = l.student_id AND w.account_id = l.account_id AND w.week = :week
                   WHERE l.student_id = st.id
                     AND (w.signed_at IS NOT NULL
                          OR l.may_view AND cast(:today AS date) BETWEEN l.starts AND coalesce(l.ends, 'infinity'))
                   ORDER BY l.account_id, l.starts DESC) AS g
            JOIN account p ON p.id = g.account_id) AS signers
     WHERE e.class_id = :class_id AND cast(:day AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
     ORDER BY translate(lower(st.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", lower(st.family_name),
              translate(lower(st.given_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", st.id
""")


async def to_ask(session: AsyncSession, school_id: UUID, week: date, today: date) -> list[dict[str, Any]]:
    rows = await session.execute(_TO_ASK, {"school": school_id, "week": week, "today": today})
    return [dict(row) for row in rows.mappings()]


async def of_class(session: AsyncSession, class_id: UUID, week: date, day: date, today: date) -> list[dict[str, Any]]:
    """The students of a class on a day, each with the guardians who have signed the week or may."""
    rows = await session.execute(_OF_CLASS, {"class_id": class_id, "week": week, "day": day, "today": today})
    return [dict(row) for row in rows.mappings()]


async def sign(session: AsyncSession, signature: WeekSignature) -> None:
    """Signed twice, the first signature stands."""
    statement = insert(WeekSignature).values(signature.model_dump())
    await session.execute(statement.on_conflict_do_nothing())


async def signed_by(
    session: AsyncSession, account_id: UUID, child_id: UUID, first: date, last: date
) -> dict[date, datetime]:
    """Which weeks of a child an account has signed when."""
    statement = select(col(WeekSignature.week), col(WeekSignature.signed_at)).where(
        col(WeekSignature.student_id) == child_id,
        col(WeekSignature.account_id) == account_id,
        col(WeekSignature.week).between(first, last),
    )
    return {week: signed_at for week, signed_at in await session.execute(statement)}
