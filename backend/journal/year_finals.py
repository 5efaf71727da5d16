"""Finals of a year, exams, and the final certification.

A year's final is shown to families when the last period of the year is closed for the class, and is fixed from then on.
Exams and the certificate come after that: they are shown as soon as they are set.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, Invalid, NotFound
from backend.identity.acting import Acting
from backend.journal import final_telling, final_versions, repository
from backend.journal.final_telling import Published
from backend.journal.final_versions import NOTHING, Scope, Standing
from backend.journal.year_rules import propose_year
from backend.school import reads, rights
from backend.school import repository as school
from backend.school.models import Period, SchoolYear, Student
from backend.school.rights import TaughtGroup
from schemas import finals as wire

_PARTS = text("""
    SELECT DISTINCT ON (student_id, scope_id, kind) student_id, scope_id, kind, value FROM final_version
     WHERE student_id = ANY (:students) AND subject_id = :subject AND scope_id = ANY (:scopes)
     ORDER BY student_id, scope_id, kind, version DESC
""")


async def page(
    session: AsyncSession, acting: Acting, group_id: UUID, subject_id: UUID, year_id: UUID, kind: wire.YearKind,
    now: datetime,
) -> wire.YearFinals:  # fmt: skip
    """Each student's proposal and final, for who teaches the group. Raises NotFound for others."""
    taught, year, periods = await _taught(session, acting, group_id, subject_id, year_id, now)
    return await _page(session, taught, subject_id, year, periods, kind)


async def decide(
    session: AsyncSession, acting: Acting, group_id: UUID, subject_id: UUID, year_id: UUID, kind: wire.YearKind,
    wish: wire.SetFinals, now: datetime,
) -> wire.YearFinals:  # fmt: skip
    """Sets finals, all or nothing.

    Raises:
        NotFound: the group is not the caller's to teach.
        Invalid: a student is named twice or is not in the group, the year is closed for the class, or an exam or
            certificate is changed without a reason.
        Stale: somebody changed a final after the caller saw it.
        Conflict: the last period has not begun (`period-not-begun`).
    """
    taught, year, periods = await _taught(session, acting, group_id, subject_id, year_id, now)
    if not periods or periods[-1].starts > taught.today:
        raise Conflict(code="period-not-begun")
    await final_versions.lock(session, subject_id, year_id)
    last = min(periods[-1].ends, taught.today)
    wrong = final_versions.member_problems(wish, await school.member_ids(session, taught.group_id, last))
    named = [final.student_id for final in wish.finals]
    standing = await final_versions.standing(session, named, subject_id, year_id, kind)
    if kind == "year":
        await repository.hold_period(session, taught.school_id, periods[-1].ends)
        closed = await repository.closed_for(session, periods[-1].ends, named)
        wrong |= {f"/finals/{n}": "period-closed" for n, final in enumerate(wish.finals) if final.student_id in closed}
    else:
        wrong |= _reasons_missing(wish, standing)
    if wrong:
        raise Invalid(wrong)
    scope = Scope(taught.school_id, subject_id, year_id, kind, acting.account_id, now)
    changed = await final_versions.append(session, scope, wish, standing)
    if kind != "year":
        published = Published(taught.school_id, taught.timezone, year)
        await final_telling.tell(session, published, changed, taught.today, now)
    return await _page(session, taught, subject_id, year, periods, kind)


def _reasons_missing(wish: wire.SetFinals, standing: dict[UUID, Standing]) -> dict[str, str]:
    return {
        f"/finals/{number}/reason": "required"
        for number, final in enumerate(wish.finals)
        if final.reason is None
        and (before := standing.get(final.student_id)) is not None
        and before.value not in (None, final.value)
    }


async def _taught(
    session: AsyncSession, acting: Acting, group_id: UUID, subject_id: UUID, year_id: UUID, now: datetime
) -> tuple[TaughtGroup, SchoolYear, list[Period]]:
    taught = await rights.group_to_teach(session, acting.account_id, group_id, subject_id, now)
    year = await session.get(SchoolYear, year_id)
    if year is None or year.school_id != taught.school_id:
        raise NotFound
    return taught, year, await reads.periods_of(session, year_id)


async def _page(
    session: AsyncSession, taught: TaughtGroup, subject_id: UUID, year: SchoolYear, periods: Sequence[Period],
    kind: wire.YearKind,
) -> wire.YearFinals:  # fmt: skip
    students = await school.students_of_group(session, taught.group_id, min(year.ends, taught.today))
    ids = [student.id for student in students]
    parts = await _parts(session, ids, subject_id, year, periods, kind)
    standing = await final_versions.standing(session, ids, subject_id, year.id, kind)
    return wire.YearFinals(
        group_id=taught.group_id, subject_id=subject_id, year_id=year.id, kind=kind,
        items=[_item(one, parts[one.id], kind, standing.get(one.id, NOTHING)) for one in students],
    )  # fmt: skip


def _item(student: Student, parts: list[wire.YearPart], kind: wire.YearKind, final: Standing) -> wire.StudentYearFinal:
    proposal = propose_year(kind, [part.value for part in parts])
    return wire.StudentYearFinal(
        student_id=student.id, family_name=student.family_name, given_name=student.given_name, parts=parts,
        average=proposal.average, proposal=proposal.value, between=proposal.between,
        value=final.value, comment=final.comment, version=final.version,
    )  # fmt: skip


async def _parts(
    session: AsyncSession, students: Sequence[UUID], subject_id: UUID, year: SchoolYear, periods: Sequence[Period],
    kind: wire.YearKind,
) -> dict[UUID, list[wire.YearPart]]:  # fmt: skip
    """By student, the finals that a proposal is made of: of the periods, or of the year and the exam."""
    scopes = [period.id for period in periods] if kind == "year" else [year.id]
    values = {"students": list(students), "subject": subject_id, "scopes": scopes}
    found: dict[UUID, dict[tuple[UUID, str], wire.FinalValue | None]] = defaultdict(dict)
    for student, scope, of_kind, value in await session.execute(_PARTS, values):
        found[student][scope, of_kind] = value
    wanted: list[tuple[str, UUID, str]] = []
    if kind == "year":
        wanted = [(period.name, period.id, "period") for period in periods]
    elif kind == "certificate":
        wanted = [(name, year.id, name) for name in ("year", "exam")]
    return {
        student: [
            wire.YearPart(name=name, value=found[student].get((scope, of_kind))) for name, scope, of_kind in wanted
        ]
        for student in students
    }
