"""Writing marks: one round of statements for however many, all or nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.errors import Invalid, Stale
from backend.core.versions import touch
from backend.journal import corrections, repository, rules, telling
from backend.journal.models import Work
from backend.journal.rules import NO_MARK, Standing
from backend.journal.telling import Change
from backend.school import reads, rights
from backend.school import repository as school
from backend.timetable.repository import LessonInSchool
from schemas.journal import SetMark

Key = tuple[UUID, UUID, int]


@dataclass(frozen=True)
class Batch:
    """Marks of one work. `pointer`: where they stand in the request, for what is wrong with them."""

    work: Work
    marks: Sequence[SetMark]
    pointer: str


@dataclass(frozen=True)
class Place:
    """One wish, the work it is about, where it stands in the request, and the mark as it stands now."""

    work: Work
    mark: SetMark
    pointer: str
    standing: Standing

    @property
    def key(self) -> Key:
        return self.work.id, self.mark.student_id, self.mark.slot


@dataclass(frozen=True)
class Written:
    """How many marks were changed, and how many corrections wait for the deputy."""

    changed: int = 0
    pending: int = 0


@dataclass(frozen=True)
class Scene:
    """Whose journal is written in, when, by whom (None: the system), and whether families are to hear of it."""

    lesson: LessonInSchool
    today: date
    author: UUID | None
    now: datetime
    silent: bool = False


async def write(
    session: AsyncSession,
    lesson: LessonInSchool,
    today: date,
    author: UUID,
    batches: Sequence[Batch],
    now: datetime,
    *,
    adds_only: bool = False,
) -> Written:
    """Sets, corrects and removes marks of a lesson's works, and tells the families. The caller holds the
    period and the works.

    Args:
        adds_only: the author supplements a colleague's marks, and corrects none but their own.

    Raises:
        Invalid: names every mark that cannot be set, and why: `repeated`, `not-in-group`, `student-left`,
            `period-closed`, `not-yours`, `reason-required`, `correction-pending`, or what is wrong with a dot's term.
        Stale: somebody changed a mark after the caller saw it.
    """
    students = sorted({mark.student_id for batch in batches for mark in batch.marks})
    if not students:
        return Written()
    works = [batch.work.id for batch in batches]
    scene = Scene(lesson, today, author, now)
    standing = await repository.standing_marks(session, works, students)
    places = list(_places(batches, standing, lesson.timezone))
    # The same again is no event, also when its first answer was lost and the version has moved on.
    moved = [place for place in places if rules.changes(place.standing, place.mark)]
    late = [place for place in moved if rules.needs_approval(place.standing, today)]
    wrong = await _refusals(session, scene, places, moved, late, adds_only=adds_only)
    if wrong:
        raise Invalid(wrong)
    for place in moved:
        if rules.is_stale(place.standing, place.mark):
            raise Stale(current=place.standing.value or "—")
    if late and lesson.school_id in await rights.schools_with_role(session, author, "deputy", now):
        late = []
    if late:
        await corrections.ask(session, lesson, [_asked(place, scene) for place in late], now, today)
    free = [place for place in moved if place not in late]
    await append(session, scene, free)
    return Written(changed=len(free), pending=len(late))


async def append(session: AsyncSession, scene: Scene, places: Sequence[Place]) -> None:
    """Appends a version for each, and tells the families now or when they may see it."""
    await append_all(session, [(scene, place) for place in places])


async def append_all(session: AsyncSession, placed: Sequence[tuple[Scene, Place]]) -> None:
    """The same across lessons of one school, at one moment."""
    if not placed:
        return
    some = placed[0][0]
    setting = await repository.setting(session, some.lesson.school_id)
    rows = [_version(place, scene, setting.mark_delay_minutes) for scene, place in placed]
    await repository.append_versions(session, rows)
    touch(session, (row["student_id"] for row in rows))
    changes = [
        Change(
            lesson=scene.lesson, work=place.work, student_id=place.mark.student_id, slot=place.mark.slot,
            old=place.standing.value, value=place.mark.value, due_on=place.mark.due_on,
            visible_from=row["visible_from"], old_due_on=place.standing.due_on, silent=scene.silent,
        )
        for (scene, place), row in zip(placed, rows, strict=True)
    ]  # fmt: skip
    await telling.tell_in_time(session, changes, some.today, some.now)


def _places(batches: Sequence[Batch], standing: dict[Key, dict[str, Any]], timezone: str) -> Iterator[Place]:
    for batch in batches:
        for number, mark in enumerate(batch.marks):
            row = standing.get((batch.work.id, mark.student_id, mark.slot))
            yield Place(batch.work, mark, f"{batch.pointer}/{number}", standing_of(row, timezone))


def standing_of(row: dict[str, Any] | None, timezone: str) -> Standing:
    if row is None:
        return NO_MARK
    return Standing(
        version=row["version"], value=row["value"], comment=row["comment"], due_on=row["due_on"],
        set_on=school_date(row["first_set_at"], timezone) if row["first_set_at"] else None,
        visible_from=row["visible_from"], set_by=row["set_by"],
    )  # fmt: skip


def _problems(
    places: Sequence[Place], moved: Sequence[Place], members: set[UUID], closed: set[UUID], today: date
) -> dict[str, str]:
    """What is wrong, by JSON pointer; all of it at once."""
    seen = Counter(place.key for place in places)
    wrong: dict[str, str] = {}
    for place in places:
        if seen[place.key] > 1:
            wrong[f"{place.pointer}/studentId"] = "repeated"
        elif place.mark.student_id not in members:
            wrong[f"{place.pointer}/studentId"] = "not-in-group"
    for place in moved:
        if place.mark.student_id in closed:
            wrong[place.pointer] = "period-closed"
        elif (problem := rules.dot_problem(place.mark, today)) is not None:
            wrong[f"{place.pointer}/dueOn"] = problem
    return wrong


async def _refusals(
    session: AsyncSession, scene: Scene, places: Sequence[Place], moved: Sequence[Place], late: Sequence[Place],
    *, adds_only: bool,
) -> dict[str, str]:  # fmt: skip
    """What is wrong, by JSON pointer; all of it at once."""
    lesson = scene.lesson
    members = await school.member_ids(session, lesson.group_id, lesson.day)
    closed = await repository.closed_for(session, lesson.day, sorted({place.mark.student_id for place in places}))
    wrong = _problems(places, moved, members, closed, scene.today)
    if adds_only:
        wrong |= {place.pointer: "not-yours" for place in moved if _is_anothers(place.standing, scene.author)}
    if late:
        wrong |= {f"{place.pointer}/reason": "reason-required" for place in late if place.mark.reason is None}
        pending = await corrections.pending(session, sorted({place.work.id for place in late}))
        wrong |= {place.pointer: "correction-pending" for place in late if place.key in pending}
    return await _who_left(session, places, members, wrong) if wrong else wrong


async def _who_left(
    session: AsyncSession, places: Sequence[Place], members: set[UUID], wrong: dict[str, str]
) -> dict[str, str]:
    """The same, where whoever has left the school is told from who is in another group."""
    left = await reads.who_left(session, {place.mark.student_id for place in places} - members)
    return wrong | {f"{place.pointer}/studentId": "student-left" for place in places if place.mark.student_id in left}


def _is_anothers(standing: Standing, author: UUID | None) -> bool:
    """Whether somebody else set what stands, also whoever keeps another journal; what the system ended is free."""
    return standing.set_by != author and (standing.set_by is not None or standing.value is not None)


def _version(place: Place, scene: Scene, delay_minutes: int) -> dict[str, Any]:
    return {
        "work_id": place.work.id,
        "student_id": place.mark.student_id,
        "slot": place.mark.slot,
        "version": place.standing.version + 1,
        "school_id": place.work.school_id,
        "day": place.work.day,
        "value": place.mark.value,
        "comment": place.mark.comment,
        "reason": place.mark.reason,
        "due_on": place.mark.due_on,
        "set_by": scene.author,
        "set_at": scene.now,
        "visible_from": rules.visible_from(place.standing, scene.now, delay_minutes, place.work.publish_at),
    }


def _asked(place: Place, scene: Scene) -> dict[str, Any]:
    return {
        "school_id": place.work.school_id,
        "work_id": place.work.id,
        "student_id": place.mark.student_id,
        "slot": place.mark.slot,
        "version": place.standing.version,
        "value": place.mark.value,
        "comment": place.mark.comment,
        "due_on": place.mark.due_on,
        "reason": place.mark.reason,
        "asked_by": scene.author,
        "asked_at": scene.now,
    }
