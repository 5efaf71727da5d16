"""The year's rollover: classes are promoted, leavers leave; and all of it can be taken back. Nobody is alerted."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Conflict, Invalid
from backend.core.ids import new_id
from backend.core.values import ClassName
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import rollover_repository as repository
from backend.school import roster, setup_repository, setup_rights, setup_rules
from backend.school.models import (
    Enrolment,
    GroupMember,
    Rollover,
    SchoolClass,
    SchoolYear,
    Student,
    StudyGroup,
)
from backend.school.recorded import Recorded
from backend.school.rollover_repository import Sitting
from schemas import setup as wire


@dataclass(frozen=True)
class Step:
    """What becomes of a class. `into` is made where it is not `there`; None: its students leave."""

    old: SchoolClass
    name: ClassName | None
    into: UUID | None
    there: bool
    teacher: UUID | None
    staying: list[Sitting]
    leaving: list[Sitting]


@dataclass(frozen=True)
class Plan:
    """A whole rollover. `placed`: who has a class in the new year already."""

    before: SchoolYear
    year: SchoolYear
    steps: list[Step]
    placed: set[UUID]

    @property
    def leavers(self) -> list[UUID]:
        return [sitting.student_id for step in self.steps for sitting in step.leaving]


async def roll_over(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.RollOver, now: datetime
) -> wire.RolledOver:
    """Promotes the year before into the given one, or says what that would do.

    Raises:
        NotFound: the school is not the caller's to set up.
        Invalid: no such year, no year before it, or a leaver who is in none of its classes.
        Conflict: one of the two years has been rolled over (`rolled-over`), or the old one is not over
            (`year-not-over`): leavers would lose their diary before its end. A dry run may be made earlier.
    """
    access = await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    plan = await _plan(session, school_id, wish, access.today)
    if await repository.standing(session, school_id, [plan.before.id, plan.year.id]) is not None:
        raise Conflict(code="rolled-over")
    if wish.dry_run:
        return _report(plan, None)
    if access.today <= plan.before.ends:
        raise Conflict(code="year-not-over")
    async with conflicts(session, {}, otherwise="conflict"):
        made = await _write(session, school_id, plan)
        done = Rollover(
            id=new_id(), school_id=school_id, from_year_id=plan.before.id, to_year_id=plan.year.id, made=made,
            made_by=acting.account_id, made_at=now,
        )  # fmt: skip
        session.add(done)
    touch(session, [school_id])
    return _report(plan, done.id)


async def undo(
    session: AsyncSession, acting: Acting, school_id: UUID, recorded: Recorded, now: datetime
) -> wire.RolloverUndone:
    """Takes the newest rollover back: what it made goes, what it ended goes on.

    Raises:
        NotFound: the school is not the caller's to set up.
        Conflict: there is none (`no-rollover`), or the new year is in use: a lesson has marks or attendance, or
            lessons, loads, meetings hang on the new classes (`rollover-in-use`).
    """
    await setup_rights.school_to_set_up(session, acting.account_id, school_id, now)
    done = await repository.standing(session, school_id)
    if done is None:
        raise Conflict(code="no-rollover")
    year = await session.get_one(SchoolYear, done.to_year_id)
    # Whoever writes marks of these periods is waited for, and then waits.
    await setup_repository.periods_for_update(session, year.id)
    if await recorded.written_between(session, school_id, year.starts, year.ends):
        raise Conflict(code="rollover-in-use")
    made = done.made
    async with conflicts(session, {}, otherwise="rollover-in-use"):
        await repository.remove(session, Enrolment, _ids(made["enrolments"]))
        await repository.remove(session, StudyGroup, _ids(made["groups"]))
        await repository.remove(session, SchoolClass, _ids(made["classes"]))
        await _restore(session, made)
        done.undone_by, done.undone_at = acting.account_id, now
    touch(session, [school_id])
    return wire.RolloverUndone(
        id=done.id, classes=len(made["classes"]), students=len(made["enrolments"]) + len(made["left"])
    )


async def _plan(session: AsyncSession, school_id: UUID, wish: wire.RollOver, today: date) -> Plan:
    year = await setup_repository.year(session, school_id, wish.to_year_id)
    if year is None:
        raise Invalid({"/toYearId": "unknown-year"})
    before = await repository.year_before(session, year)
    if before is None:
        raise Invalid({"/toYearId": "no-year-before"})
    sitting = await repository.sitting(session, before)
    there = {row.student_id for row in sitting}
    wrong = {f"/leavers/{n}": "not-in-class" for n, student in enumerate(wish.leavers) if student not in there}
    if wrong:
        raise Invalid(wrong)
    known = {ClassName(row.grade, row.letter): row for row in await repository.classes_of(session, year.id)}
    leavers = set(wish.leavers)
    steps = []
    for old in await repository.classes_of(session, before.id):
        name = setup_rules.promoted(ClassName(old.grade, old.letter))
        mine = [row for row in sitting if row.class_id == old.id]
        leaving = [row for row in mine if name is None or row.student_id in leavers]
        there_already = known.get(name) if name else None
        steps.append(
            Step(
                old=old, name=name, into=_into(name, there_already), there=there_already is not None,
                teacher=await _teacher(session, there_already or old, today),
                staying=[row for row in mine if row not in leaving], leaving=leaving,
            )
        )  # fmt: skip
    return Plan(before, year, steps, await repository.placed_after(session, school_id, before.ends))


def _into(name: ClassName | None, there: SchoolClass | None) -> UUID | None:
    if there is not None:
        return there.id
    return new_id() if name else None


async def _teacher(session: AsyncSession, of: SchoolClass, today: date) -> UUID | None:
    """The class teacher, unless they no longer work at the school."""
    teacher = of.class_teacher_id
    if teacher is None or not await setup_repository.works_at(session, teacher, of.school_id, today):
        return None
    return teacher


async def _write(session: AsyncSession, school_id: UUID, plan: Plan) -> dict[str, Any]:
    """Writes the plan. Returns what it made and what stood before, as JSON holds it."""
    last = plan.before.ends
    made = await _make_classes(session, school_id, plan)
    rows = [row for step in plan.steps for row in (*step.staying, *step.leaving)]
    ended = [(row.enrolment_id, row.ends) for row in rows if row.ends != last]
    members = await repository.open_memberships(session, plan.before)
    await roster.change(session, Enrolment, [{"id": key, "ends": last} for key, _ in ended])
    await roster.change(session, GroupMember, [{"id": key, "ends": last} for key, _ in members])
    enrolments = [
        {
            "id": new_id(), "school_id": school_id, "student_id": row.student_id, "class_id": step.into,
            "starts": plan.year.starts,
        }
        for step in plan.steps
        for row in step.staying
        if row.student_id not in plan.placed
    ]  # fmt: skip
    await roster.add(session, Enrolment, enrolments)
    grades = await repository.grades(session, [row.student_id for step in plan.steps for row in step.staying])
    new = {row.student_id: step.name.grade for step in plan.steps if step.name for row in step.staying}
    await roster.change(session, Student, [{"id": key, "grade": grade} for key, grade in new.items()])
    await repository.say_goodbye(session, plan.leavers, last)
    return made | {
        "enrolments": [str(row["id"]) for row in enrolments],
        "ended": _before(ended),
        "members": _before(members),
        "grades": [[str(key), grade] for key, grade in grades.items()],
        "left": [str(student) for student in plan.leavers],
    }


async def _make_classes(session: AsyncSession, school_id: UUID, plan: Plan) -> dict[str, Any]:
    place = {"school_id": school_id, "year_id": plan.year.id}
    classes, groups = [], []
    whole = await repository.whole_groups(session, plan.year.id)
    for step in plan.steps:
        if step.name is None or step.into is None:
            continue
        if not step.there:
            row = {"id": step.into, "grade": step.name.grade, "letter": step.name.letter, **place}
            kept = {"shift": step.old.shift, "days_a_week": step.old.days_a_week, "profile": step.old.profile}
            classes.append(row | {"class_teacher_id": step.teacher} | kept)
        if step.into not in whole:
            row = {"id": new_id(), "class_id": step.into, "whole_class": True, "name": str(step.name), **place}
            groups.append(row)
    await roster.add(session, SchoolClass, classes)
    await roster.add(session, StudyGroup, groups)
    return {"classes": [str(row["id"]) for row in classes], "groups": [str(row["id"]) for row in groups]}


async def _restore(session: AsyncSession, made: dict[str, Any]) -> None:
    """Whoever has left since stays away; for the others it is as it was."""
    left = set(_ids(made["left"]))
    owners = await repository.owners(session, [UUID(key) for key, _ in made["ended"]])
    gone = await repository.gone(session, list(owners.values())) - left
    await roster.change(
        session, Enrolment,
        [{"id": key, "ends": ends} for key, ends in made["ended"] if owners[UUID(key)] not in gone],
    )  # fmt: skip
    await roster.change(session, GroupMember, [{"id": key, "ends": ends} for key, ends in made["members"]])
    await roster.change(session, Student, [{"id": key, "grade": grade} for key, grade in made["grades"]])
    await repository.say_goodbye(session, left, None)


def _before(ended: list[tuple[UUID, date | None]]) -> list[list[str | None]]:
    return [[str(key), None if ends is None else ends.isoformat()] for key, ends in ended]


def _ids(written: list[str]) -> list[UUID]:
    return [UUID(key) for key in written]


def _report(plan: Plan, rollover_id: UUID | None) -> wire.RolledOver:
    total: Counter[str] = Counter()
    classes = []
    for step in plan.steps:
        promoted, leaving = len(step.staying), len(step.leaving)
        total.update(promoted=promoted, leaving=leaving)
        classes.append(
            wire.ClassRolledOver(
                class_id=step.old.id, name=str(ClassName(step.old.grade, step.old.letter)),
                becomes=str(step.name) if step.name else None,
                becomes_id=step.into if step.there or rollover_id else None, exists=step.there,
                class_teacher_id=step.teacher if step.name else None, promoted=promoted, leaving=leaving,
            )
        )  # fmt: skip
    return wire.RolledOver(
        id=rollover_id, from_year=plan.before.name, to_year=plan.year.name, promoted=total["promoted"],
        leaving=total["leaving"], classes=classes,
    )  # fmt: skip
