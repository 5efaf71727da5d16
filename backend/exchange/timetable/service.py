"""One timetable onto one school, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.ids import new_id
from backend.core.values import fold
from backend.exchange.problems import Problems, refused
from backend.exchange.roster.snapshot import Snapshot, take_snapshot
from backend.exchange.tables import Row
from backend.exchange.timetable.entries import Names, read_lessons
from backend.school import roster
from backend.school.models import StudyGroup, Subject, TeachingLoad
from backend.timetable import plan_repository, plan_service
from backend.timetable.plan_service import Scope
from schemas import timetable as wire
from schemas.exchange import TimetableImported


async def take_plan(
    session: AsyncSession, rows: Sequence[Row], name: str, problems: Problems, *, school_id: UUID, timezone: str,
    starts: date | None, now: datetime, dry_run: bool,
) -> TimetableImported:  # fmt: skip
    """Sets the weekly lessons of every class and group that the file names; who teaches what follows it.

    A class that is named is set whole, with its parts: what the file does not have, it no longer has. Classes that are
    not named stay as they are.

    Raises:
        ImportRefused: with everything that is wrong; nothing was written.
    """
    today = school_date(now, timezone)
    first = starts or today
    if first < today:
        raise refused(name, "in-the-past", "A timetable holds from today on at the earliest.")
    school = await take_snapshot(session, name, school_id, today)
    groups = [group for group in await roster.of_schools(session, StudyGroup, [school_id]) if _of(group, school)]
    lessons = read_lessons(rows, name, await _names(session, school, groups), problems)
    problems.refuse()
    loads = await _add_loads(session, school_id, lessons, first)
    by_id = {group.id: group for group in groups}
    named = {(by_id[lesson.group_id].class_id or lesson.group_id) for lesson in lessons}
    planned: set[UUID] = set()
    for scope_id in sorted(named):
        of_scope = {group.id: group.name for group in groups if scope_id in (group.class_id, group.id)}
        class_id = None if scope_id in by_id else scope_id
        scope = Scope(school_id, timezone, today, class_id, of_scope)
        wish = wire.SetPlan(lessons=[one for one in lessons if one.group_id in of_scope], starts=first)
        await plan_service.store_plan(session, scope, wish)
        planned |= of_scope.keys()
    followed = plan_service.first_followed(first, today)
    made = await plan_service.replan(session, school_id, timezone, followed, today, planned)
    return TimetableImported(
        dry_run=dry_run,
        weekly_lessons=len(lessons),
        classes=len(named),
        loads=loads,
        lessons=plan_service.as_wire(made),
    )


def _of(group: StudyGroup, school: Snapshot) -> bool:
    return group.year_id == school.year.id


async def _names(session: AsyncSession, school: Snapshot, groups: Sequence[StudyGroup]) -> Names:
    by_name: dict[str, list[UUID]] = defaultdict(list)
    for group in groups:
        by_name[fold(group.name)].append(group.id)
    subjects = await roster.of_schools(session, Subject, [school.school.id])
    return Names(by_name, {fold(subject.name): subject.id for subject in subjects}, school.staff)


async def _add_loads(session: AsyncSession, school_id: UUID, lessons: Sequence[wire.PlannedLesson], first: date) -> int:
    """Whoever stands in the timetable teaches: the loads that are missing begin with it. Returns how many."""
    wanted = {(lesson.teacher_id, lesson.subject_id, lesson.group_id) for lesson in lessons}
    known = await plan_repository.loads(session, school_id, {group for _, _, group in wanted}, first)
    fresh: list[dict[str, Any]] = [
        {
            "id": new_id(), "school_id": school_id, "teacher_id": teacher, "subject_id": subject, "group_id": group,
            "starts": first, "ends": None,
        }
        for teacher, subject, group in sorted(wanted - known)
    ]  # fmt: skip
    await roster.add(session, TeachingLoad, fresh)
    return len(fresh)
