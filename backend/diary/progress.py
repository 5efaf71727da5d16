"""The progress table, statistics, dynamics, the way to a goal, the place in the class."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import overview as attendance
from backend.core.errors import NotFound
from backend.diary import progress_rules as rules
from backend.identity.acting import Acting
from backend.journal import finals, listing
from backend.journal import repository as journal
from backend.journal.listing import ListedMark
from backend.journal.rules import WEIGHTS, weight_of
from backend.school import reads, rights
from backend.school import repository as school
from backend.school.models import Period
from backend.school.rights import ChildAccess
from schemas import progress as wire
from schemas.attendance import MissedDay
from schemas.finals import ChildFinal
from schemas.journal import WorkKind


async def table(
    session: AsyncSession, acting: Acting, child_id: UUID, period_id: UUID | None, now: datetime
) -> wire.Progress:
    """The table of a period, of the current one if none is named.

    Raises:
        NotFound: no right to the child, or no such period at its school.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    year, periods = await reads.year_of(session, child.school_id, child.today)
    shown = await _period(session, child, period_id)
    # In summer there is no period: the days of the month.
    first, last = (shown.starts, shown.ends) if shown else (child.today.replace(day=1), child.today)
    marks = await listing.marks(session, child_id, first, last, now)
    _, days = await attendance.noted(session, child, first, last, now)
    of_child = await finals.listed(session, child_id)
    in_class = await reads.class_id_of(session, child_id, child.today)
    closed = await listing.closed_periods(session, in_class) if in_class else set()
    subjects = _subjects(marks, days, of_child)
    return wire.Progress(
        first_day=first,
        last_day=last,
        period_id=shown.id if shown else None,
        periods=[
            wire.PeriodOfTable(id=one.id, name=one.name, starts=one.starts, ends=one.ends, closed=one.id in closed)
            for one in (periods if year else [])
        ],
        subjects=subjects,
        average=rules.overall(rules.sum_of(found) for found in rules.by_subject(marks).values()),
    )


async def statistics(
    session: AsyncSession, acting: Acting, child_id: UUID, first: date | None, last: date | None,
    kinds: Sequence[WorkKind], subjects: Sequence[UUID], now: datetime,
) -> wire.Statistics:  # fmt: skip
    """Averages and counts of any range, by subject and by kind of work; without dates of the current period.

    Raises:
        NotFound: no right to the child.
        Invalid: the days are in the wrong order, or more than a year.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    first, last = await reads.range_asked(session, child.school_id, child.today, first, last)
    marks = _chosen(await listing.marks(session, child_id, first, last, now), kinds, subjects)
    counters, _ = await attendance.noted(session, child, first, last, now)
    grouped = rules.by_subject(marks)
    return wire.Statistics(
        first_day=first,
        last_day=last,
        average=rules.overall(rules.sum_of(found) for found in grouped.values()),
        marks=len(marks),
        counts=rules.counts_by_value(marks),  # type: ignore[arg-type]
        subjects=[
            wire.SubjectStatistics(
                subject_id=subject_id, subject=subject, average=rules.sum_of(found).average, marks=len(found),
                counts=rules.counts_by_value(found),  # type: ignore[arg-type]
            )
            for (subject, subject_id), found in grouped.items()
        ],
        kinds=_by_kind(marks),
        attendance=counters,
    )  # fmt: skip


async def dynamics(
    session: AsyncSession, acting: Acting, child_id: UUID, first: date | None, last: date | None, step: wire.Step,
    now: datetime,
) -> wire.Dynamics:  # fmt: skip
    """How averages went, week by week or month by month: overall and by subject; data for charts.

    Raises:
        NotFound: no right to the child.
        Invalid: the days are in the wrong order, or more than a year.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    first, last = await reads.range_asked(session, child.school_id, child.today, first, last)
    marks = await listing.marks(session, child_id, first, last, now)
    spans = rules.steps(first, last, step)
    lines = [wire.Line(subject_id=None, subject=None, points=rules.points(marks, spans))]
    lines += [
        wire.Line(subject_id=subject_id, subject=subject, points=rules.points(found, spans))
        for (subject, subject_id), found in rules.by_subject(marks).items()
    ]
    return wire.Dynamics(first_day=first, last_day=last, step=step, lines=lines)


async def goal(
    session: AsyncSession, acting: Acting, child_id: UUID, subject_id: UUID, wanted: Decimal, now: datetime
) -> wire.GoalPlan:
    """How many fives, or fours, bring a subject's average of the current period to a goal.

    Raises:
        NotFound: no right to the child, or no such subject at its school.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    if subject_id not in await reads.subject_ids(session, child.school_id):
        raise NotFound
    first, last = await reads.range_asked(session, child.school_id, child.today, None, None)
    marks = _chosen(await listing.marks(session, child_id, first, last, now), [], [subject_id])
    own = await journal.weights(session, child.school_id)
    standing = rules.sum_of(marks)
    reached = bool(standing.weight) and standing.total >= wanted * standing.weight
    return wire.GoalPlan(
        subject_id=subject_id, goal=wanted, average=standing.average, reached=reached,
        ways=rules.ways(standing, wanted, [(kind, weight_of(kind, own)) for kind in WEIGHTS]),
    )  # fmt: skip


async def rating(
    session: AsyncSession, acting: Acting, child_id: UUID, period_id: UUID | None, now: datetime
) -> wire.Rating:
    """The child's place in its class in a period, and an anonymous spread; nobody else's name or mark.

    Raises:
        NotFound: no right to the child, or no such period at its school.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    shown = await _period(session, child, period_id)
    in_class = await reads.class_id_of(session, child_id, child.today)
    setting = await journal.setting(session, child.school_id)
    if shown is None or in_class is None or not setting.rating_shown:
        return rules.NO_RATING
    students = await school.students_of_class(session, in_class, child.today)
    sums = await listing.sums(session, students, shown.starts, shown.ends, now)
    return rules.rate(child_id, sums, shown.name) or rules.NO_RATING


def _subjects(
    marks: Sequence[ListedMark], days: Sequence[MissedDay], of_child: Sequence[ChildFinal]
) -> list[wire.SubjectProgress]:
    """A row for each subject that has a mark, an absence or a final, by name."""
    rows: dict[tuple[str, UUID], wire.SubjectProgress] = {}

    def row(subject: str, subject_id: UUID) -> wire.SubjectProgress:
        empty = wire.SubjectProgress(
            subject_id=subject_id, subject=subject, marks=[], absences=[], average=None, finals=[]
        )
        return rows.setdefault((subject, subject_id), empty)

    for (subject, subject_id), found in rules.by_subject(marks).items():
        mine = row(subject, subject_id)
        mine.average = rules.sum_of(found).average
        mine.marks = [_mark(mark) for mark in found]
    for day in days:
        for lesson in day.lessons:
            row(lesson.subject, lesson.subject_id).absences.append(
                wire.ProgressAbsence(day=day.day, code=lesson.code, symbol=lesson.symbol, minutes=lesson.minutes)
            )
    for final in of_child:
        row(final.subject, final.subject_id).finals.append(
            wire.PeriodFinal(kind=final.kind, period_id=final.period_id, value=final.value)
        )
    return [rows[key] for key in sorted(rows)]


def _mark(mark: ListedMark) -> wire.ProgressMark:
    return wire.ProgressMark(
        work_id=mark.work_id, slot=mark.slot, day=mark.day, kind=mark.kind, topic=mark.topic, value=mark.value,
        due_on=mark.due_on, weight=mark.weight, counted=rules.counts(mark), comment=mark.comment, set_at=mark.set_at,
    )  # fmt: skip


def _by_kind(marks: Sequence[ListedMark]) -> list[wire.KindStatistics]:
    grouped: dict[WorkKind, list[ListedMark]] = defaultdict(list)
    for mark in marks:
        grouped[mark.kind].append(mark)
    return [
        wire.KindStatistics(kind=kind, average=rules.sum_of(found).average, marks=len(found))
        for kind, found in sorted(grouped.items())
    ]


def _chosen(marks: Sequence[ListedMark], kinds: Sequence[WorkKind], subjects: Sequence[UUID]) -> list[ListedMark]:
    """An empty choice is all."""
    return [
        mark for mark in marks if (not kinds or mark.kind in kinds) and (not subjects or mark.subject_id in subjects)
    ]


async def _period(session: AsyncSession, child: ChildAccess, period_id: UUID | None) -> Period | None:
    """The named period of the child's school, or the current one. Raises NotFound for another school's."""
    if period_id is None:
        return await school.period_on(session, child.school_id, child.today)
    found = await session.get(Period, period_id)
    if found is None or found.school_id != child.school_id:
        raise NotFound
    return found
