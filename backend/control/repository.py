"""The SQL of control: each question one statement over what the journals hold. Reads only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_TEACHERS = text("""
    WITH held AS (
        SELECT l.id, l.teacher_id, l.day, l.topic,
               (c.checked_at AT TIME ZONE s.timezone)::date - l.day AS after_days,
               EXISTS (SELECT FROM homework h WHERE h.lesson_id = l.id) AS has_homework
          FROM lesson l
          JOIN school s ON s.id = l.school_id
          LEFT JOIN attendance_check c ON c.lesson_id = l.id
         WHERE l.school_id = :school AND l.day BETWEEN :first AND :last AND l.state = 'planned' AND l.ends_at <= :now)
    SELECT h.teacher_id, concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS teacher, count(*) AS lessons,
           count(*) FILTER (WHERE after_days <= 0) AS same_day, count(*) FILTER (WHERE after_days = 1) AS next_day,
           count(*) FILTER (WHERE after_days > 1) AS late, count(*) FILTER (WHERE after_days IS NULL) AS missing,
           count(*) FILTER (WHERE after_days IS NOT NULL AND topic IS NULL) AS without_topic,
           count(*) FILTER (WHERE after_days IS NOT NULL AND NOT has_homework) AS without_homework
      FROM held h JOIN account a ON a.id = h.teacher_id
     GROUP BY h.teacher_id, a.id
     ORDER BY translate(lower(a.family_name COLLATE pg_c_utf8), 'ё', 'е') COLLATE "C", lower(a.family_name),
              lower(a.given_name), a.id
""")
_GAPS = text("""
    SELECT l.id AS lesson_id, l.day, l.number, s.name AS subject, g.name AS group_name,
           concat_ws(' ', a.family_name, a.given_name, a.patronymic) AS teacher,
           c.lesson_id IS NULL AS no_attendance, l.topic IS NULL AS no_topic,
           NOT EXISTS (SELECT FROM homework h WHERE h.lesson_id = l.id) AS no_homework
      FROM lesson l
      JOIN study_group g ON g.id = l.group_id
      JOIN subject s ON s.id = l.subject_id
      JOIN account a ON a.id = l.teacher_id
      LEFT JOIN attendance_check c ON c.lesson_id = l.id
     WHERE g.class_id = :class_id AND l.day BETWEEN :first AND :last AND l.state = 'planned' AND l.ends_at <= :now
     ORDER BY l.starts_at, g.name
""")
# Whoever was at the lesson of a test and has no mark that stands: neither now nor as a dot.
_MISSING = text("""
    SELECT st.id AS student_id, concat_ws(' ', st.family_name, st.given_name) AS student, s.name AS subject,
           w.id AS work_id, w.day
      FROM work w
      JOIN subject s ON s.id = w.subject_id
      JOIN membership m ON m.group_id = w.group_id AND w.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
      JOIN student st ON st.id = m.student_id
     WHERE m.student_id = ANY (:students) AND w.day BETWEEN :first AND :last AND w.kind IN ('test', 'control-work')
       AND EXISTS (SELECT FROM attendance_check c WHERE c.lesson_id = w.lesson_id)
       AND coalesce((SELECT v.code FROM attendance_version v WHERE v.lesson_id = w.lesson_id AND v.student_id = st.id
                      ORDER BY v.version DESC LIMIT 1), 'present') IN ('present', 'late')
       AND (SELECT k.value FROM mark_version k WHERE k.work_id = w.id AND k.student_id = st.id
             ORDER BY k.version DESC LIMIT 1) IS NULL
     ORDER BY w.day, s.name, student
""")
# Days on which a list was gone through, and whether the student was at any lesson of them.
_DAYS = text("""
    SELECT st.id AS student_id, concat_ws(' ', st.family_name, st.given_name) AS student, l.day,
           bool_or(coalesce(n.code, 'present') NOT IN ('absent', 'excused', 'unexcused', 'ill')) AS attended,
           bool_or(excused.code = 'absent') AS unexplained
      FROM student st
      JOIN membership m ON m.student_id = st.id
      JOIN lesson l ON l.group_id = m.group_id AND l.day BETWEEN m.starts AND coalesce(m.ends, 'infinity')
      JOIN attendance_check c ON c.lesson_id = l.id
      LEFT JOIN LATERAL (SELECT v.code FROM attendance_version v WHERE v.lesson_id = l.id AND v.student_id = st.id
                          ORDER BY v.version DESC LIMIT 1) AS n ON true
      CROSS JOIN LATERAL code_with_excuse(n.code, st.id, l.day, l.number) AS excused
     WHERE st.id = ANY (:students) AND l.day BETWEEN :first AND :last AND l.state = 'planned'
     GROUP BY st.id, l.day
     ORDER BY student, st.id, l.day DESC
""")
_SUMS = text("""
    WITH newest AS (
        SELECT DISTINCT ON (student_id, work_id, slot) student_id, work_id, value, day FROM mark_version
         WHERE student_id = ANY (:students) AND day BETWEEN :first AND :last
         ORDER BY student_id, work_id, slot, version DESC)
    SELECT n.student_id, concat_ws(' ', st.family_name, st.given_name) AS student, w.subject_id, s.name AS subject,
           n.day, n.value::numeric * w.weight AS total, w.weight
      FROM newest n JOIN work w ON w.id = n.work_id JOIN subject s ON s.id = w.subject_id
      JOIN student st ON st.id = n.student_id
     WHERE n.value IN ('1', '2', '3', '4', '5') AND w.counted
     ORDER BY student, n.student_id, s.name
""")


async def timeliness(
    session: AsyncSession, school_id: UUID, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """Each teacher's lessons that are over, by when they were filled; teachers by name."""
    values = {"school": school_id, "first": first, "last": last, "now": now}
    return [dict(row) for row in (await session.execute(_TEACHERS, values)).mappings()]


async def lessons_of_class(
    session: AsyncSession, class_id: UUID, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """The lessons of a class and its parts that are over, with what they lack."""
    values = {"class_id": class_id, "first": first, "last": last, "now": now}
    return [dict(row) for row in (await session.execute(_GAPS, values)).mappings()]


async def missing_marks(
    session: AsyncSession, students: Sequence[UUID], first: date, last: date
) -> list[dict[str, Any]]:
    return await _of_students(session, _MISSING, students, first, last)


async def attended_days(
    session: AsyncSession, students: Sequence[UUID], first: date, last: date
) -> list[dict[str, Any]]:
    """(student, day, attended, unexplained) of the days of which something is known, newest first."""
    return await _of_students(session, _DAYS, students, first, last)


async def marks(session: AsyncSession, students: Sequence[UUID], first: date, last: date) -> list[dict[str, Any]]:
    """(student, subject, day, mark x weight, weight) of the marks that count, also of those families do not see yet."""
    return await _of_students(session, _SUMS, students, first, last)


async def _of_students(
    session: AsyncSession, statement: Any, students: Sequence[UUID], first: date, last: date
) -> list[dict[str, Any]]:
    values = {"students": list(students), "first": first, "last": last}
    return [dict(row) for row in (await session.execute(statement, values)).mappings()]
