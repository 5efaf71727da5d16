"""Finals of a period, and its closing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.journal import final_telling, final_versions, jobs, repository
from backend.journal.averages import Sums
from backend.journal.final_rules import PARTS, propose
from backend.journal.final_telling import Published
from backend.journal.final_versions import NOTHING, Scope
from backend.journal.models import MarkVersion, PeriodClosing
from backend.school import repository as school
from backend.school import rights
from backend.school.models import Period
from backend.school.rights import TaughtGroup
from schemas import finals as wire
from schemas.finals import Part

KIND = "period"

# Of closed periods; of a year whose last period is closed; exams and certificates at once.
_OF_CHILD = text("""
    WITH newest AS (
        SELECT DISTINCT ON (subject_id, scope_id, kind) * FROM final_version
         WHERE student_id = :child ORDER BY subject_id, scope_id, kind, version DESC)
    SELECT f.kind, f.subject_id, s.name AS subject, f.scope_id AS period_id, shown.name AS period, shown.starts,
           f.value, f.comment, f.set_at
      FROM newest f
      JOIN subject s ON s.id = f.subject_id
      JOIN (SELECT p.id, p.name, p.starts, p.id AS closes_with, p.ends FROM period p
            UNION ALL
            SELECT y.id, y.name, y.starts, last.id, last.ends FROM school_year y
              CROSS JOIN LATERAL (SELECT p.id, p.ends FROM period p WHERE p.year_id = y.id
                                   ORDER BY p.ends DESC LIMIT 1) AS last) AS shown ON shown.id = f.scope_id
     WHERE f.value IS NOT NULL AND (f.kind IN ('exam', 'certificate') OR EXISTS (
           SELECT FROM enrolment e
            CROSS JOIN LATERAL (SELECT c.closed FROM period_closing c
                                 WHERE c.class_id = e.class_id AND c.period_id = shown.closes_with
                                 ORDER BY c.id DESC LIMIT 1) AS state
            WHERE e.student_id = :child AND shown.ends BETWEEN e.starts AND coalesce(e.ends, 'infinity')
              AND state.closed))
     ORDER BY shown.starts, array_position(ARRAY['period', 'year', 'exam', 'certificate'], f.kind), s.name
""")
_LOCK_PERIOD = text("SELECT id FROM period WHERE id = :period AND school_id = :school FOR UPDATE")
_CLOSED = text("""
    SELECT coalesce((array_agg(closed ORDER BY id DESC))[1], false) AS closed,
           max(made_at) FILTER (WHERE closed) AS last_closed_at
      FROM period_closing WHERE class_id = :class_id AND period_id = :period
""")


async def page(
    session: AsyncSession, acting: Acting, group_id: UUID, subject_id: UUID, period_id: UUID, now: datetime
) -> wire.Finals:
    """Each student's proposal and final, for who teaches the group. Raises NotFound for others."""
    taught, period = await _taught(session, acting, group_id, subject_id, period_id, now)
    return await _page(session, taught, subject_id, period)


async def decide(
    session: AsyncSession, acting: Acting, group_id: UUID, subject_id: UUID, period_id: UUID, wish: wire.SetFinals,
    now: datetime,
) -> wire.Finals:  # fmt: skip
    """Sets finals, all or nothing; families see them when the period is closed.

    Raises:
        NotFound: the group is not the caller's to teach.
        Invalid: a student is named twice, is not in the group, or the period is closed for the class.
        Stale: somebody changed a final after the caller saw it.
        Conflict: the period has not begun (`period-not-begun`).
    """
    taught, period = await _taught(session, acting, group_id, subject_id, period_id, now)
    if period.starts > taught.today:
        raise Conflict(code="period-not-begun")
    await final_versions.lock(session, subject_id, period_id)
    await _check(session, taught, period, wish)
    before = await final_versions.standing(
        session, [final.student_id for final in wish.finals], subject_id, period_id, KIND
    )
    scope = Scope(taught.school_id, subject_id, period_id, KIND, acting.account_id, now)
    await final_versions.append(session, scope, wish, before)
    return await _page(session, taught, subject_id, period)


async def _check(session: AsyncSession, taught: TaughtGroup, period: Period, wish: wire.SetFinals) -> None:
    last = min(period.ends, taught.today)
    wrong = final_versions.member_problems(wish, await school.member_ids(session, taught.group_id, last))
    await repository.hold_period(session, taught.school_id, last)
    closed = await repository.closed_for(session, last, [final.student_id for final in wish.finals])
    for number, final in enumerate(wish.finals):
        if final.student_id in closed:
            wrong.setdefault(f"/finals/{number}", "period-closed")
    if wrong:
        raise Invalid(wrong)


async def close(
    session: AsyncSession, acting: Acting, class_id: UUID, period_id: UUID, wish: wire.ClosePeriod, now: datetime
) -> wire.PeriodClosed:
    """Closes a period for a class, or opens it again. Closing ends every dot, and tells families of the finals.

    Whoever writes a mark at the same moment is waited for; who comes later finds the period closed.

    Raises:
        NotFound: the class is not at a school where the caller is deputy director, or has no such period.
        Invalid: opened again without a reason.
        Conflict: it is so already (`period-unchanged`), or has not begun (`period-not-begun`).
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    if led.school_id not in await rights.schools_with_role(session, acting.account_id, "deputy", now):
        raise NotFound
    if (await session.execute(_LOCK_PERIOD, {"period": period_id, "school": led.school_id})).scalar() is None:
        raise NotFound
    if not wish.closed and wish.reason is None:
        raise Invalid({"/reason": "required"})
    state = (await session.execute(_CLOSED, {"class_id": class_id, "period": period_id})).one()
    if state.closed == wish.closed:
        raise Conflict(code="period-unchanged")
    period = await session.get_one(Period, period_id)
    if period.starts > led.today:
        raise Conflict(code="period-not-begun")
    students = await school.students_of_class(session, class_id, min(period.ends, led.today))
    resolved = 0
    if wish.closed:
        of_period = col(MarkVersion.student_id).in_(students) & col(MarkVersion.day).between(period.starts, period.ends)
        resolved = await jobs.end_dots(session, of_period, None, led.today, now, reason="period-closed")
    session.add(
        PeriodClosing(
            id=new_id(), school_id=led.school_id, period_id=period_id, class_id=class_id, closed=wish.closed,
            reason=wish.reason, made_by=acting.account_id, made_at=now,
        )
    )  # fmt: skip
    await session.flush()
    touch(session, students)
    if wish.closed:
        # Closed once more, only what is new is told.
        students = await final_versions.with_finals(
            session, students, [period_id, period.year_id], state.last_closed_at
        )
        published = Published(led.school_id, led.timezone, period)
        await final_telling.tell(session, published, students, led.today, now)
    return wire.PeriodClosed(class_id=class_id, period_id=period_id, closed=wish.closed, resolved_dots=resolved)


async def of_child(session: AsyncSession, acting: Acting, child_id: UUID, now: datetime) -> wire.ChildFinals:
    """A child's finals of closed periods. Raises NotFound without the right to the child."""
    await rights.child_to_view(session, acting.account_id, child_id, now)
    return wire.ChildFinals(items=await listed(session, child_id))


async def listed(session: AsyncSession, child_id: UUID) -> list[wire.ChildFinal]:
    """Published read: the finals that families see."""
    rows = (await session.execute(_OF_CHILD, {"child": child_id})).mappings()
    return [wire.ChildFinal(**row) for row in rows]


async def _taught(
    session: AsyncSession, acting: Acting, group_id: UUID, subject_id: UUID, period_id: UUID, now: datetime
) -> tuple[TaughtGroup, Period]:
    taught = await rights.group_to_teach(session, acting.account_id, group_id, subject_id, now)
    period = await session.get(Period, period_id)
    if period is None or period.school_id != taught.school_id:
        raise NotFound
    return taught, period


async def _page(session: AsyncSession, taught: TaughtGroup, subject_id: UUID, period: Period) -> wire.Finals:
    students = await school.students_of_group(session, taught.group_id, min(period.ends, taught.today))
    ids = [student.id for student in students]
    sums = await _sums(session, ids, subject_id, period)
    before = await final_versions.standing(session, ids, subject_id, period.id, KIND)
    items = []
    for student in students:
        parts = sums[student.id]
        whole = sum(parts.values(), Sums())
        final = before.get(student.id, NOTHING)
        items.append(
            wire.StudentFinal(
                student_id=student.id, family_name=student.family_name, given_name=student.given_name,
                average=whole.average, proposal=propose(parts), value=final.value,
                comment=final.comment, version=final.version,
            )
        )  # fmt: skip
    return wire.Finals(group_id=taught.group_id, subject_id=subject_id, period_id=period.id, items=items)


async def _sums(
    session: AsyncSession, students: Sequence[UUID], subject_id: UUID, period: Period
) -> dict[UUID, dict[Part, Sums]]:
    """Of the students' marks in the subject, in whatever class they got them."""
    found: dict[UUID, dict[Part, Sums]] = defaultdict(dict)
    for row in await repository.sums_of_students(session, students, subject_id, period.starts, period.ends):
        part = PARTS[row["kind"]]
        sums = Sums(Decimal(row["total"]), Decimal(row["weight"]), row["marks"])
        found[row["student_id"]][part] = found[row["student_id"]].get(part, Sums()) + sums
    return found
