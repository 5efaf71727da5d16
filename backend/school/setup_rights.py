"""Who sets a school up, and who edits its students: decided on the rows as they are in this transaction.

Whoever sets something up holds the school until the commit, so that two deputies write one after the other; what
imports write beside them is kept apart by constraints.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Forbidden, NotFound
from backend.school.school_rights import SchoolAccess, school_to_manage


@dataclass(frozen=True)
class StudentAccess:
    """A student whom the acting account may edit.

    Attributes:
        whole_school: as deputy director or administrator; otherwise as the class teacher.
    """

    student_id: UUID
    school_id: UUID
    today: date
    whole_school: bool

    def require_whole_school(self) -> None:
        """Raises Forbidden for a class teacher: the student is theirs to see, and this is not theirs to do."""
        if not self.whole_school:
            raise Forbidden


# A class teacher also has the students who are only going to be in the class.
_STUDENT = text("""
    SELECT st.school_id, day.today,
           EXISTS (SELECT FROM school_role r
                    WHERE r.account_id = :account AND r.school_id = st.school_id
                      AND r.role IN ('deputy', 'administrator')
                      AND day.today BETWEEN r.starts AND coalesce(r.ends, 'infinity')) AS whole_school,
           st.left_on IS NULL AND works_at(:account, st.school_id, day.today)
           AND EXISTS (SELECT FROM enrolment e JOIN school_class c ON c.id = e.class_id
                        WHERE e.student_id = st.id AND c.class_teacher_id = :account
                          AND day.today <= coalesce(e.ends, 'infinity')) AS leads
      FROM student st
      JOIN school s ON s.id = st.school_id
      CROSS JOIN LATERAL (SELECT (cast(:now AS timestamptz) AT TIME ZONE s.timezone)::date AS today) AS day
     WHERE st.id = :student
""")
_HOLD = text("SELECT FROM school WHERE id = :school FOR NO KEY UPDATE")


async def school_to_read(session: AsyncSession, account_id: UUID, school_id: UUID, now: datetime) -> SchoolAccess:
    """The school, for whoever works there. Raises NotFound for others."""
    return await school_to_manage(session, account_id, school_id, now, None)


async def school_to_set_up(session: AsyncSession, account_id: UUID, school_id: UUID, now: datetime) -> SchoolAccess:
    """The school, for its deputy director or administrator, held until the commit. Raises NotFound for others."""
    access = await school_to_manage(session, account_id, school_id, now)
    await hold_school(session, school_id)
    return access


async def student_to_edit(session: AsyncSession, account_id: UUID, student_id: UUID, now: datetime) -> StudentAccess:
    """The student, for the class teacher, the deputy or the administrator. Raises NotFound for others."""
    values = {"account": account_id, "student": student_id, "now": now}
    row = (await session.execute(_STUDENT, values)).mappings().first()
    if row is None or not (row["whole_school"] or row["leads"]):
        raise NotFound
    return StudentAccess(student_id, row["school_id"], row["today"], row["whole_school"])


async def hold_school(session: AsyncSession, school_id: UUID) -> None:
    """Until the commit nobody else sets this school up. Whoever only refers to it does not wait."""
    await session.execute(_HOLD, {"school": school_id})
