"""The SQL of absence notices, and the reads that it publishes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.attendance.models import AbsenceNotice, AbsenceNoticeChange, AbsenceNoticeDay
from backend.attendance.notice_rules import Cover, Lessons, Limits
from backend.attendance.repository import setting
from backend.core.ids import new_id
from backend.core.reads import Day, Whose

_OF_CLASS = text("""
    SELECT n.id, n.student_id, st.family_name, st.given_name, n.first_day, n.last_day, n.lessons, n.reason, n.comment,
           n.state, n.created_at
      FROM absence_notice n
      JOIN student st ON st.id = n.student_id AND st.left_on IS NULL
      JOIN enrolment e ON e.student_id = n.student_id AND e.class_id = :class_id
       AND cast(:today AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
     WHERE n.last_day >= cast(:since AS date) AND n.state <> 'cancelled'
     ORDER BY n.first_day, n.id
""")
_OF_SCHOOL = text("""
    SELECT d.student_id, st.family_name, st.given_name, c.grade || c.letter AS class_name, d.lessons, n.reason, n.id
      FROM absence_notice_day d
      JOIN absence_notice n ON n.id = d.notice_id
      JOIN student st ON st.id = d.student_id AND st.left_on IS NULL
      JOIN enrolment e ON e.student_id = d.student_id
       AND cast(:day AS date) BETWEEN e.starts AND coalesce(e.ends, 'infinity')
      JOIN school_class c ON c.id = e.class_id
     WHERE d.day = :day AND d.school_id = :school_id
     ORDER BY c.grade, c.letter, translate(lower(st.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C",
              lower(st.family_name), st.id
""")
# Whole days only: whoever was at the doctor's for two lessons is back the same day.
_EXPECTED_BACK = text("""
    SELECT DISTINCT ON (n.student_id) n.id AS notice_id, n.student_id, st.given_name, n.filed_by, lessons.begins
      FROM absence_notice n
      JOIN student st ON st.id = n.student_id AND st.left_on IS NULL
      JOIN guardianship g ON g.student_id = n.student_id AND g.account_id = n.filed_by
       AND g.may_view AND g.may_file_absence AND g.receives_push
       AND cast(:day AS date) BETWEEN g.starts AND coalesce(g.ends, 'infinity')
      CROSS JOIN LATERAL (
           SELECT min(l.starts_at) AS begins,
                  min(l.day) AS next_day
             FROM lesson l
             JOIN membership m ON m.group_id = l.group_id AND m.student_id = n.student_id
              AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
            WHERE l.day > n.last_day AND l.day <= :day AND l.state = 'planned') AS lessons
     WHERE n.school_id = :school_id AND n.state IN ('filed', 'accepted') AND n.lessons IS NULL
       AND n.last_day BETWEEN cast(:since AS date) AND cast(:day AS date) - 1
       AND lessons.next_day = :day AND lessons.begins > :now
       AND NOT EXISTS (SELECT FROM absence_notice_day other
                        WHERE other.student_id = n.student_id AND other.day > n.last_day AND other.day <= :day)
       AND (SELECT e.state FROM excuse_version e WHERE e.student_id = n.student_id AND e.day = :day
             ORDER BY e.version DESC LIMIT 1) IS NULL
     ORDER BY n.student_id, n.last_day DESC, n.id DESC
""")


@dataclass(frozen=True)
class Noticed:
    """What a notice says of a student's day. `lessons` None: the whole day; `reason` is health data."""

    lessons: Lessons
    reason: str


def notice_days_of_child(child: Whose, first: Day, last: Day) -> Select[date]:
    """Published read: which of some days notices cover, whole or in part."""
    return select(col(AbsenceNoticeDay.day)).where(
        col(AbsenceNoticeDay.student_id) == child, col(AbsenceNoticeDay.day).between(first, last)
    )


async def noticed(session: AsyncSession, students: Sequence[UUID], day: date) -> dict[UUID, list[Noticed]]:
    """Published read: what notices say of these students on a day, of those of whom they say something."""
    statement = (
        select(col(AbsenceNoticeDay.student_id), col(AbsenceNoticeDay.lessons), col(AbsenceNotice.reason))
        .join(AbsenceNotice, col(AbsenceNotice.id) == col(AbsenceNoticeDay.notice_id))
        .where(col(AbsenceNoticeDay.student_id).in_(students), col(AbsenceNoticeDay.day) == day)
    )
    found: dict[UUID, list[Noticed]] = defaultdict(list)
    for student, lessons, reason in await session.execute(statement):
        found[student].append(Noticed(_numbers(lessons), reason))
    return found


async def students_with_notice(session: AsyncSession, students: Sequence[UUID], day: date, number: int) -> set[UUID]:
    """Published read: of these students, those with a notice for a lesson of the day."""
    said = await noticed(session, students, day)
    return {
        student
        for student, parts in said.items()
        if any(part.lessons is None or number in part.lessons for part in parts)
    }


async def limits(session: AsyncSession, school_id: UUID) -> Limits:
    """How far from today a notice may begin at a school."""
    known = await setting(session, school_id)
    return Limits(known.notice_days_back, known.notice_days_ahead)


async def taken(session: AsyncSession, child_id: UUID, first: date, last: date) -> dict[date, list[Lessons]]:
    """What notices cover of a child's days."""
    mine = (col(AbsenceNoticeDay.student_id) == child_id, col(AbsenceNoticeDay.day).between(first, last))
    found: dict[date, list[Lessons]] = defaultdict(list)
    for day, lessons in await session.execute(
        select(col(AbsenceNoticeDay.day), col(AbsenceNoticeDay.lessons)).where(*mine)
    ):
        found[day].append(_numbers(lessons))
    return found


async def covered_on(session: AsyncSession, notice_id: UUID, day: date) -> Lessons:
    """The lessons that a notice covers on one of its days."""
    statement = select(col(AbsenceNoticeDay.lessons)).where(
        col(AbsenceNoticeDay.notice_id) == notice_id, col(AbsenceNoticeDay.day) == day
    )
    return _numbers((await session.execute(statement)).scalar())


async def cover_days(session: AsyncSession, notice: AbsenceNotice, days: Sequence[Cover]) -> None:
    """Covers the days by the notice; the caller has found them free under the student's lock."""
    rows = [
        {
            "student_id": notice.student_id, "day": cover.day, "notice_id": notice.id, "school_id": notice.school_id,
            "lessons": None if cover.whole else list(cover.numbers),
        }
        for cover in days
    ]  # fmt: skip
    # Else rows with a null go into a statement of their own.
    await session.execute(insert(AbsenceNoticeDay), rows, execution_options={"render_nulls": True})


async def uncover(session: AsyncSession, notice_id: UUID, after: date | None = None) -> None:
    """Frees the days of a notice, all of them or those after a day."""
    mine = [col(AbsenceNoticeDay.notice_id) == notice_id]
    if after is not None:
        mine.append(col(AbsenceNoticeDay.day) > after)
    await session.execute(delete(AbsenceNoticeDay).where(*mine))


async def note_change(session: AsyncSession, notice: AbsenceNotice, change: str, author: UUID, now: datetime) -> None:
    """Appends a step to the notice's history."""
    session.add(
        AbsenceNoticeChange(
            id=new_id(), school_id=notice.school_id, notice_id=notice.id, change=change, last_day=notice.last_day,
            made_by=author, made_at=now,
        )
    )  # fmt: skip
    await session.flush()


async def notice(session: AsyncSession, notice_id: UUID) -> AbsenceNotice | None:
    return await session.get(AbsenceNotice, notice_id)


async def lock_notice(session: AsyncSession, notice: AbsenceNotice) -> None:
    """Until the commit nobody else changes the notice, which is as it stands now."""
    await session.refresh(notice, with_for_update=True)


async def notices_of_child(session: AsyncSession, child_id: UUID) -> list[AbsenceNotice]:
    statement = select(AbsenceNotice).where(col(AbsenceNotice.student_id) == child_id)
    return list((await session.execute(statement.order_by(col(AbsenceNotice.first_day).desc()).limit(100))).scalars())


async def notices_of_class(session: AsyncSession, class_id: UUID, since: date, today: date) -> list[dict[str, Any]]:
    """Notices that end on a day or later, of those who are in the class today."""
    rows = await session.execute(_OF_CLASS, {"class_id": class_id, "since": since, "today": today})
    return [dict(row) for row in rows.mappings()]


async def noticed_at_school(session: AsyncSession, school_id: UUID, day: date) -> list[dict[str, Any]]:
    """Whom notices excuse at a school on a day, class by class."""
    rows = await session.execute(_OF_SCHOOL, {"school_id": school_id, "day": day})
    return [dict(row) for row in rows.mappings()]


async def expected_back(
    session: AsyncSession, school_id: UUID, day: date, since: date, now: datetime
) -> list[dict[str, Any]]:
    """The children whose notice ended on their last school day, who have lessons on the day that have not begun, and of
    whom nobody has said anything for it: with the notice, its filer, and when the lessons begin."""
    values = {"school_id": school_id, "day": day, "since": since, "now": now}
    return [dict(row) for row in (await session.execute(_EXPECTED_BACK, values)).mappings()]


def _numbers(lessons: list[int] | None) -> Lessons:
    return None if lessons is None else frozenset(lessons)
