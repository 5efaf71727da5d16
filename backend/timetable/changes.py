"""Changes by date: cancelled, moved, another teacher, room or subject, remote, added; and substitutes (DOMAIN.md
section 5). A lesson about which something is written is not moved, and none ever vanishes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.days import check_range
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import school_rights
from backend.school.models import SchoolClass, StudyGroup
from backend.timetable import dated_repository as repository
from backend.timetable import plan_repository, telling
from backend.timetable import repository as lessons
from backend.timetable.models import Lesson, LessonChange
from backend.timetable.planning import bell_of, on_the_clock
from backend.timetable.telling import Told
from schemas import timetable as wire

_FURTHEST = timedelta(days=366)
# Of planned lessons: the constraint decides, also between two who take a place at once.
_CLASHES = {"lesson_place": "place-taken"}
_LONGEST_ABSENCE = timedelta(days=62)


@dataclass(frozen=True)
class Arranged:
    """A school whose lessons the acting account may change by date, and when that is."""

    school_id: UUID
    timezone: str
    today: date
    author: UUID
    now: datetime


async def change_lesson(
    session: AsyncSession, acting: Acting, lesson_id: UUID, wish: wire.ChangeLesson, now: datetime
) -> wire.DatedLesson:
    """Changes one lesson on its date; families are told.

    Raises:
        NotFound: no such lesson at a school that the caller arranges.
        Invalid: the teacher, the subject or the place cannot be.
        Conflict: the lesson is in use and cannot move, or its place has been taken (`lesson-in-use`, `place-taken`).
    """
    arranged, lesson = await _to_change(session, acting, lesson_id, now)
    told = await _apply(session, arranged, lesson, wish, "")
    await telling.tell(session, arranged, told)
    return (await repository.dated(session, [told[-1].lesson.id]))[0]


async def add_lesson(
    session: AsyncSession, acting: Acting, group_id: UUID, wish: wire.AddLesson, now: datetime
) -> wire.DatedLesson:
    """A lesson that no plan made.

    Raises:
        NotFound: the group is not at a school that the caller arranges.
        Invalid: the teacher, the subject or the place cannot be.
        Conflict: the group has a lesson there (`place-taken`).
    """
    group = await session.get(StudyGroup, group_id)
    if group is None:
        raise NotFound
    arranged = await _arranged(session, acting, group.school_id, now)
    wrong = await _people_problems(session, arranged, wish.teacher_id, wish.subject_id, "")
    times = await _times(session, arranged, group_id, wish.day, wish.number)
    wrong |= _place_problems(arranged, wish.day, times, "")
    if wrong or times is None:
        raise Invalid(wrong)
    lesson = Lesson(
        id=new_id(), school_id=arranged.school_id, group_id=group_id, subject_id=wish.subject_id,
        teacher_id=wish.teacher_id, day=wish.day, number=wish.number, starts_at=times[0], ends_at=times[1],
        room=wish.room, remote=wish.remote, changed=True,
    )  # fmt: skip
    async with conflicts(session, _CLASHES):
        session.add(lesson)
    told = [await _note(session, arranged, lesson, "added", {}, msgspec.to_builtins(wish), wish.reason)]
    await telling.tell(session, arranged, told)
    return (await repository.dated(session, [lesson.id]))[0]


async def absence_of_teacher(
    session: AsyncSession, acting: Acting, school_id: UUID, teacher_id: UUID, first: date, last: date, now: datetime
) -> wire.AbsenceOfTeacher:
    """The lessons that a teacher who is away leaves, each with who is free then. Raises NotFound for strangers."""
    await _arranged(session, acting, school_id, now)
    check_range(first, last, _LONGEST_ABSENCE)
    found = await repository.lessons_left(session, school_id, teacher_id, first, last)
    free = await repository.free_teachers(session, [lesson.id for lesson in found])
    return wire.AbsenceOfTeacher(
        teacher_id=teacher_id, first_day=first, last_day=last,
        lessons=[wire.LessonToCover(lesson=lesson, free=free.get(lesson.id, [])) for lesson in found],
    )  # fmt: skip


async def substitute(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.Substitute, now: datetime
) -> wire.Substituted:
    """Gives lessons to substitutes, or cancels them: all in one request, all or nothing.

    Raises:
        NotFound: not a school that the caller arranges.
        Invalid: names every lesson and every teacher that cannot be.
    """
    arranged = await _arranged(session, acting, school_id, now)
    by_id = {lesson.id: lesson for lesson in await repository.lock_lessons(session, [c.lesson_id for c in wish.covers])}
    wrong: dict[str, str] = {}
    told: list[Told] = []
    seen: set[UUID] = set()
    for number, cover in enumerate(wish.covers):
        lesson, place = by_id.get(cover.lesson_id), f"/covers/{number}"
        if lesson is None or lesson.school_id != school_id or lesson.day < arranged.today:
            wrong[f"{place}/lessonId"] = "unknown-lesson"
            continue
        if cover.lesson_id in seen:
            wrong[f"{place}/lessonId"] = "repeated"
            continue
        seen.add(cover.lesson_id)
        change = wire.ChangeLesson(state="cancelled", reason=wish.reason)
        if cover.teacher_id is not None:
            change = wire.ChangeLesson(state="planned", teacher_id=cover.teacher_id, reason=wish.reason)
        try:
            told += await _apply(session, arranged, lesson, change, place)
        except Invalid as error:
            wrong |= error.fields
    if wrong:
        raise Invalid(wrong)
    await telling.tell(session, arranged, told)
    return wire.Substituted(items=await repository.dated(session, [cover.lesson_id for cover in wish.covers]))


async def _arranged(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> Arranged:
    access = await school_rights.school_to_manage(session, acting.account_id, school_id, now)
    return Arranged(school_id, access.timezone, access.today, acting.account_id, now)


async def _to_change(session: AsyncSession, acting: Acting, lesson_id: UUID, now: datetime) -> tuple[Arranged, Lesson]:
    found = await repository.lock_lessons(session, [lesson_id])
    if not found:
        raise NotFound
    return await _arranged(session, acting, found[0].school_id, now), found[0]


async def _apply(
    session: AsyncSession, arranged: Arranged, lesson: Lesson, wish: wire.ChangeLesson, pointer: str
) -> list[Told]:
    """Writes what differs; the last one told is about the lesson as it is now."""
    teacher = wish.teacher_id if wish.teacher_id is not UNSET else lesson.teacher_id
    subject = wish.subject_id if wish.subject_id is not UNSET else lesson.subject_id
    if (teacher, subject) != (lesson.teacher_id, lesson.subject_id):
        wrong = await _people_problems(session, arranged, teacher, subject, pointer)
        if wrong:
            raise Invalid(wrong)
    told = []
    async with conflicts(session, _CLASHES):
        for change, values in _steps(lesson, wish, teacher, subject):
            if change == "subject" and await lessons.in_use(session, lesson.id):
                raise Conflict(code="lesson-in-use")
            old = {name: msgspec.to_builtins(getattr(lesson, name)) for name in values}
            for name, value in values.items():
                setattr(lesson, name, value)
            lesson.changed = True
            new = {name: msgspec.to_builtins(value) for name, value in values.items()}
            told.append(await _note(session, arranged, lesson, change, old, new, wish.reason))
        if wish.move_to is not UNSET:
            told.append(await _move(session, arranged, lesson, wish.move_to, wish.reason, pointer))
    return told or [Told(lesson, "")]


def _steps(lesson: Lesson, wish: wire.ChangeLesson, teacher: UUID, subject: UUID) -> list[tuple[str, dict[str, Any]]]:
    """The changes that the wish comes to, each with the columns that it sets."""
    steps: list[tuple[str, dict[str, Any]]] = []
    if wish.state is not UNSET and wish.state != lesson.state:
        restored: dict[str, Any] = {"state": wish.state} | ({"moved_to": None} if wish.state == "planned" else {})
        steps.append(("cancelled" if wish.state == "cancelled" else "restored", restored))
    if teacher != lesson.teacher_id:
        regular = lesson.replaces_teacher_id or lesson.teacher_id
        replaces = None if teacher == regular else regular
        steps.append(("teacher", {"teacher_id": teacher, "replaces_teacher_id": replaces}))
    if subject != lesson.subject_id:
        planned = lesson.replaces_subject_id or lesson.subject_id
        replaces = None if subject == planned else planned
        steps.append(("subject", {"subject_id": subject, "replaces_subject_id": replaces}))
    if wish.room is not UNSET and wish.room != lesson.room:
        steps.append(("room", {"room": wish.room}))
    if wish.remote is not UNSET and wish.remote != lesson.remote:
        steps.append(("remote" if wish.remote else "in-person", {"remote": wish.remote}))
    if wish.note is not UNSET and wish.note != lesson.note:
        steps.append(("note", {"note": wish.note}))
    return steps


async def _move(
    session: AsyncSession, arranged: Arranged, lesson: Lesson, place: wire.Place, reason: str | None, pointer: str
) -> Told:
    times = await _times(session, arranged, lesson.group_id, place.day, place.number)
    wrong = _place_problems(arranged, place.day, times, f"{pointer}/moveTo")
    if wrong or times is None:
        raise Invalid(wrong)
    if lesson.state == "cancelled" or await lessons.in_use(session, lesson.id):
        raise Conflict(code="lesson-cancelled" if lesson.state == "cancelled" else "lesson-in-use")
    fresh = Lesson(
        **lesson.model_dump() | {
            "id": new_id(), "day": place.day, "number": place.number, "starts_at": times[0], "ends_at": times[1],
            "changed": True, "weekly_id": None,
        }
    )  # fmt: skip
    session.add(fresh)
    await session.flush()
    old = {"day": str(lesson.day), "number": lesson.number}
    lesson.state, lesson.moved_to, lesson.changed = "cancelled", fresh.id, True
    await _note(session, arranged, lesson, "moved", old, msgspec.to_builtins(place), reason)
    return Told(fresh, "moved", moved_from=lesson)


async def _note(
    session: AsyncSession, arranged: Arranged, lesson: Lesson, change: str, old: dict[str, Any], new: dict[str, Any],
    reason: str | None,
) -> Told:  # fmt: skip
    row = LessonChange(
        id=new_id(), school_id=arranged.school_id, lesson_id=lesson.id, change=change, old=old, new=new, reason=reason,
        made_by=arranged.author, made_at=arranged.now,
    )  # fmt: skip
    session.add(row)
    touch(session, [lesson.group_id])
    return Told(lesson, change)


async def _people_problems(
    session: AsyncSession, arranged: Arranged, teacher_id: UUID, subject_id: UUID, pointer: str
) -> dict[str, str]:
    """A substitute works at the school; who of them knows the subject is the deputy's to decide."""
    works, taught = await repository.at_school(session, arranged.school_id, teacher_id, subject_id, arranged.today)
    wrong = {} if works else {f"{pointer}/teacherId": "unknown-teacher"}
    return wrong if taught else wrong | {f"{pointer}/subjectId": "unknown-subject"}


async def _times(
    session: AsyncSession, arranged: Arranged, group_id: UUID, day: date, number: int
) -> tuple[datetime, datetime] | None:
    """When a lesson of that number is, by the bells of the class's shift."""
    group = await session.get_one(StudyGroup, group_id)
    of_class = await session.get(SchoolClass, group.class_id) if group.class_id else None
    bells = await plan_repository.bells(session, arranged.school_id)
    bell = bell_of(bells, of_class.shift if of_class else 1, day.isoweekday(), number)
    if bell is None:
        return None
    return on_the_clock(day, bell[0], arranged.timezone), on_the_clock(day, bell[1], arranged.timezone)


def _place_problems(
    arranged: Arranged, day: date, times: tuple[datetime, datetime] | None, pointer: str
) -> dict[str, str]:
    if day < arranged.today:
        return {f"{pointer}/day": "in-the-past"}
    if day > arranged.today + _FURTHEST:
        return {f"{pointer}/day": "too-far"}
    return {} if times else {f"{pointer}/number": "no-bell"}
