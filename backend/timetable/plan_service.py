"""Planning lessons: bells and weekly lessons. Lessons on dates follow in the same transaction."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import reads, rights, school_rights
from backend.school.models import SchoolClass, StudyGroup
from backend.timetable import plan_repository as repository
from backend.timetable.models import WeeklyLesson
from backend.timetable.planning import Edits, edits, wanted_lessons
from schemas import timetable as wire

# As far ahead as a notice of absence may reach (DOMAIN.md section 8), and a little more.
HORIZON = timedelta(days=70)
FURTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Scope:
    """Whose weekly lessons are set."""

    school_id: UUID
    timezone: str
    today: date
    class_id: UUID | None
    groups: dict[UUID, str]


async def replan(
    session: AsyncSession, school_id: UUID, timezone: str, first: date, today: date, groups: Collection[UUID] | None
) -> Edits:
    """Lets lessons on dates from `first` on follow the plan, as far ahead as they are made. None: of all groups."""
    await repository.lock_plan(session, school_id)
    last = today + HORIZON
    weekly = await repository.weekly_lessons(session, school_id, groups, first, last)
    spans = await repository.plan_spans(session, school_id, first, last)
    bells = await repository.bells(session, school_id)
    existing = await repository.existing_lessons(session, school_id, groups, first, last)
    made = edits(wanted_lessons(weekly, bells, spans, timezone, first, last), existing)
    await repository.remove_lessons(session, made.remove)
    await repository.change_lessons(session, made.change)
    await repository.add_lessons(session, school_id, made.add)
    touch(session, made.groups)
    return made


def as_wire(made: Edits) -> wire.Replanned:
    return wire.Replanned(added=len(made.add), changed=len(made.change), removed=len(made.remove), kept=len(made.kept))


async def get_bells(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.Bells:
    await rights.require_staff(session, acting.account_id, school_id, now)
    found = await repository.bells(session, school_id)
    return wire.Bells(
        school_id=school_id,
        bells=[
            wire.BellTime(shift=shift, weekday=weekday, number=number, starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")
            for (shift, weekday, number), (starts, ends) in sorted(found.items())
        ],
    )


async def set_bells(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.SetBells, now: datetime
) -> wire.Bells:
    """Replaces the bells; lessons from tomorrow on follow them.

    Raises:
        NotFound: not the caller's to arrange.
        Invalid: a bell is there twice, ends before it begins, or overlaps the next one.
    """
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now)
    _check_bells(wish)
    await repository.lock_plan(session, school_id)
    rows = [
        msgspec.structs.asdict(bell) | {"school_id": school_id, "starts": _wall(bell.starts), "ends": _wall(bell.ends)}
        for bell in wish.bells
    ]
    await repository.set_bells(session, rows, school_id)
    await replan(session, school_id, access.timezone, access.today + timedelta(days=1), access.today, None)
    return await get_bells(session, acting, school_id, now)


def _check_bells(wish: wire.SetBells) -> None:
    wrong: dict[str, str] = {}
    seen: dict[tuple[int, int, int], int] = {}
    for place, bell in enumerate(wish.bells):
        if seen.setdefault((bell.shift, bell.weekday, bell.number), place) != place:
            wrong[f"/bells/{place}/number"] = "repeated"
        if bell.ends <= bell.starts:
            wrong[f"/bells/{place}/ends"] = "ends-before-it-begins"
    ordered = sorted(enumerate(wish.bells), key=lambda item: (item[1].shift, item[1].weekday, item[1].number))
    for (_, bell), (place, after) in pairwise(ordered):
        if (bell.shift, bell.weekday) == (after.shift, after.weekday) and after.starts < bell.ends:
            wrong.setdefault(f"/bells/{place}/starts", "overlaps")
    if wrong:
        raise Invalid(wrong)


def _wall(clock: str) -> time:
    return time.fromisoformat(clock)


async def class_plan(session: AsyncSession, acting: Acting, class_id: UUID, now: datetime) -> wire.Plan:
    """The weekly lessons of a class and its parts. Raises NotFound for who does not lead it."""
    scope = await _class_scope(session, acting, class_id, now)
    return await _plan(session, scope, scope.today)


async def set_class_plan(
    session: AsyncSession, acting: Acting, class_id: UUID, wish: wire.SetPlan, now: datetime
) -> wire.PlanSet:
    """Sets the weekly lessons of a class and its parts, all or nothing.

    Raises:
        NotFound: the class is not the caller's to lead.
        Invalid: names every row that cannot be: a group of another class, who does not teach it, a place taken twice.
    """
    scope = await _class_scope(session, acting, class_id, now)
    led = await session.get_one(SchoolClass, class_id)
    led.shift, led.days_a_week = wish.shift or led.shift, wish.days_a_week or led.days_a_week
    await session.flush()
    return await _set_plan(session, scope, wish)


async def group_plan(session: AsyncSession, acting: Acting, group_id: UUID, now: datetime) -> wire.Plan:
    """The weekly lessons of one group. Raises NotFound for who does not arrange the school."""
    scope = await _group_scope(session, acting, group_id, now)
    return await _plan(session, scope, scope.today)


async def set_group_plan(
    session: AsyncSession, acting: Acting, group_id: UUID, wish: wire.SetPlan, now: datetime
) -> wire.PlanSet:
    """The same for one group, also one across classes; its shift and week are its classes'."""
    scope = await _group_scope(session, acting, group_id, now)
    if wish.shift is not None or wish.days_a_week is not None:
        raise Invalid({"/shift" if wish.shift is not None else "/daysAWeek": "only-for-classes"})
    return await _set_plan(session, scope, wish)


async def _set_plan(session: AsyncSession, scope: Scope, wish: wire.SetPlan) -> wire.PlanSet:
    starts = await store_plan(session, scope, wish)
    first = first_followed(starts, scope.today)
    made = await replan(session, scope.school_id, scope.timezone, first, scope.today, scope.groups)
    return wire.PlanSet(plan=await _plan(session, scope, starts), lessons=as_wire(made))


def first_followed(starts: date, today: date) -> date:
    """From when on lessons follow a plan that holds from `starts` on: today's stay."""
    return max(starts, today + timedelta(days=1))


async def store_plan(session: AsyncSession, scope: Scope, wish: wire.SetPlan) -> date:
    """Writes weekly lessons for a scope that the caller may arrange; lessons on dates follow by `replan`. Returns from
    when on they hold.

    Raises:
        Invalid: names every row that cannot be.
    """
    await repository.lock_plan(session, scope.school_id)
    starts = wish.starts or scope.today
    if not scope.today <= starts <= scope.today + FURTHEST:
        raise Invalid({"/starts": "in-the-past" if starts < scope.today else "too-far"})
    known = await repository.loads(session, scope.school_id, scope.groups, starts)
    wrong = dict(_plan_problems(wish, scope, known))
    if wrong:
        raise Invalid(wrong)
    standing = await repository.standing_plan(session, scope.groups, starts)
    wanted = {_key(lesson): lesson for lesson in wish.lessons}
    kept = {_key(row) for row in standing if row.ends is None and row.starts <= starts} & wanted.keys()
    goes = [row.id for row in standing if row.ends is not None or row.starts > starts or _key(row) not in kept]
    await repository.end_plan(session, goes, starts)
    fresh: list[dict[str, Any]] = [
        msgspec.structs.asdict(lesson) | {"id": new_id(), "school_id": scope.school_id, "starts": starts, "ends": None}
        for key, lesson in wanted.items()
        if key not in kept
    ]
    await repository.add_plan(session, fresh)
    return starts


def _key(row: "wire.PlannedLesson | WeeklyLesson") -> tuple[object, ...]:
    return row.group_id, row.subject_id, row.teacher_id, row.weekday, row.number, row.room


def _plan_problems(wish: wire.SetPlan, scope: Scope, known: set[tuple[UUID, UUID, UUID]]) -> Iterator[tuple[str, str]]:
    places: dict[tuple[UUID, int, int], int] = {}
    for number, lesson in enumerate(wish.lessons):
        place = f"/lessons/{number}"
        if lesson.group_id not in scope.groups:
            yield f"{place}/groupId", "not-of-this-class"
        elif (lesson.teacher_id, lesson.subject_id, lesson.group_id) not in known:
            yield f"{place}/teacherId", "does-not-teach-this"
        if places.setdefault((lesson.group_id, lesson.weekday, lesson.number), number) != number:
            yield f"{place}/number", "place-taken"


async def _class_scope(session: AsyncSession, acting: Acting, class_id: UUID, now: datetime) -> Scope:
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    groups = await reads.groups_of_class(session, class_id)
    return Scope(led.school_id, led.timezone, led.today, class_id, groups)


async def _group_scope(session: AsyncSession, acting: Acting, group_id: UUID, now: datetime) -> Scope:
    group = await session.get(StudyGroup, group_id)
    if group is None:
        raise NotFound
    access = await school_rights.school_to_manage(session, acting.account_id, group.school_id, now)
    return Scope(group.school_id, access.timezone, access.today, group.class_id, {group.id: group.name})


async def _plan(session: AsyncSession, scope: Scope, day: date) -> wire.Plan:
    of_class = await session.get(SchoolClass, scope.class_id) if scope.class_id else None
    rows = await repository.plan(session, scope.groups, day)
    doubled = await repository.clashes(session, scope.school_id, scope.groups, day)
    return wire.Plan(
        class_id=scope.class_id,
        shift=of_class.shift if of_class else 1,
        days_a_week=of_class.days_a_week if of_class else 5,
        lessons=[wire.PlanLesson(**row) for row in rows],
        clashes=[wire.Clash(**row) for row in doubled],
    )
