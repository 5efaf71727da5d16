"""Lessons of a feed: where they may stand, and what of them may still change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from backend.core.clock import school_date
from backend.core.ids import new_id
from backend.exchange.feed.desk import Desk
from backend.exchange.feed.rows import Named, Row, removed, standing
from backend.timetable import feeding as timetable
from backend.timetable.feeding import FedLesson, Place
from schemas.feed import FeedLesson

KIND = "lesson"
# What is further away is a slip, and no calendar can reckon with all of it.
FURTHEST = timedelta(days=400)
LONGEST = timedelta(hours=8)

Lessons = list[Row[FeedLesson]]
Wish = tuple[Row[FeedLesson], FedLesson]


async def take(desk: Desk, rows: Lessons, named: Iterable[str | None], further: Iterable[UUID]) -> None:
    """Adds, changes and removes lessons.

    Args:
        named: the lessons that rows of other kinds name.
        further: lessons that are to be held as well.
    """
    meant = desk.meant(KIND, named)
    of_rows = {row.wish.external_id: id_ for row in rows if (id_ := desk.linked(KIND, row))}
    ids = {*meant.values(), *of_rows.values(), *further}
    held = await timetable.held(desk.session, desk.feeder.school_id, ids)
    of_rows = {name: id_ for name, id_ in of_rows.items() if id_ in held}
    await _remove(desk, rows, of_rows, held)
    await _put(desk, rows, of_rows, held)
    desk.lessons = Named({name: id_ for name, id_ in meant.items() if id_ in held})
    desk.lessons.settle(rows, of_rows)
    await desk.visit({*held, *of_rows.values()})


async def _remove(desk: Desk, rows: Lessons, ids: dict[str, UUID], held: dict[UUID, FedLesson]) -> None:
    """Of what nothing was recorded goes, the rest is cancelled."""
    asked = [row for row in removed(rows) if row.wish.external_id in ids]
    if not asked:
        return
    facts = await timetable.with_facts(desk.session, [ids[row.wish.external_id] for row in asked])
    gone, cancelled = [], []
    for row in asked:
        lesson = held[ids[row.wish.external_id]]
        if lesson.id not in facts:
            row.outcome = "changed"
            desk.links.drop(KIND, row.wish.external_id)
            gone.append(held.pop(ids.pop(row.wish.external_id)))
        elif lesson.state != "cancelled":
            row.outcome = "changed"
            held[lesson.id] = replace(lesson, state="cancelled")
            cancelled.append(lesson)
    if gone:
        await timetable.remove(desk.session, gone)
    if cancelled:
        await timetable.cancel(desk.session, cancelled)


async def _put(desk: Desk, rows: Lessons, ids: dict[str, UUID], held: dict[UUID, FedLesson]) -> None:
    wishes: list[Wish] = []
    for row in standing(rows):
        lesson = _wish(desk, row, ids.get(row.wish.external_id))
        if lesson is not None and lesson != held.get(lesson.id):
            wishes.append((row, lesson))
    await _refuse_with_facts(desk, wishes, held)
    await _refuse_crowded(desk, _left(wishes), held)
    wishes = _left(wishes)
    if not wishes:
        return
    before = [held[lesson.id] for _, lesson in wishes if lesson.id in held]
    await timetable.put(desk.session, desk.feeder.school_id, [lesson for _, lesson in wishes], before)
    for row, lesson in wishes:
        row.outcome = "changed" if lesson.id in held else "created"
        ids[row.wish.external_id] = lesson.id
        desk.links.put(KIND, row.wish.external_id, lesson.id, {})


def _left(wishes: list[Wish]) -> list[Wish]:
    return [(row, lesson) for row, lesson in wishes if not row.refused]


async def _refuse_with_facts(desk: Desk, wishes: list[Wish], held: Mapping[UUID, FedLesson]) -> None:
    """What was recorded of a lesson is of its group, subject and day: these stay."""
    moved = [lesson.id for _, lesson in wishes if lesson.id in held and _is_another(held[lesson.id], lesson)]
    facts = await timetable.with_facts(desk.session, moved) if moved else set()
    for row, lesson in wishes:
        if lesson.id in facts:
            row.refuse("", "has-facts")


async def _refuse_crowded(desk: Desk, wishes: list[Wish], held: Mapping[UUID, FedLesson]) -> None:
    """A group has one lesson at a number of a day."""
    if not wishes:
        return
    places = {(lesson.group_id, lesson.day) for _, lesson in wishes}
    taken = await timetable.taken_places(desk.session, places)
    crowd = crowded([lesson for _, lesson in wishes], held, taken)
    for row, lesson in wishes:
        if lesson.id in crowd:
            row.refuse("number", "number-taken")


def _wish(desk: Desk, row: Row[FeedLesson], known: UUID | None) -> FedLesson | None:
    """The lesson as it is to be; None where the row is refused."""
    wish, people = row.wish, desk.people
    group = people.groups.find(row, "group", wish.group)
    subject = people.subjects.find(row, "subject", wish.subject)
    teacher = people.teachers.find(row, "teacher", wish.teacher)
    starts, ends = wish.starts_at, wish.ends_at
    assert starts is not None and ends is not None and wish.number is not None  # noqa: S101, PT018 - required
    if abs(starts - desk.now) > FURTHEST:
        row.refuse("startsAt", "too-far")
    if ends <= starts:
        row.refuse("endsAt", "ends-before-it-begins")
    elif ends - starts > LONGEST:
        row.refuse("endsAt", "too-long")
    if row.refused or group is None or subject is None or teacher is None:
        return None
    return FedLesson(
        id=known or new_id(),
        group_id=group,
        subject_id=subject,
        teacher_id=teacher,
        day=school_date(starts, desk.feeder.timezone),
        number=wish.number,
        starts_at=starts,
        ends_at=ends,
        room=wish.room,
        topic=wish.topic,
    )


def _is_another(before: FedLesson, lesson: FedLesson) -> bool:
    return (before.group_id, before.subject_id, before.day) != (lesson.group_id, lesson.subject_id, lesson.day)


def crowded(wishes: Sequence[FedLesson], before: Mapping[UUID, FedLesson], taken: Mapping[Place, UUID]) -> set[UUID]:
    """Those of the lessons that cannot have their places. Pure.

    A place is free if no lesson has it, or if the one that has it gets another; the first wish for a place wins.

    Args:
        before: the lessons as they are, those of the wishes among them.
        taken: which lesson has a place now.
    """
    refused: set[UUID] = set()
    while True:
        left = [wish for wish in wishes if wish.id not in refused]
        going = {wish.id for wish in left if wish.id in before and before[wish.id].place != wish.place}
        given: set[Place] = set()
        crowd: set[UUID] = set()
        for wish in left:
            holder = taken.get(wish.place, wish.id)
            if wish.place in given or (holder != wish.id and holder not in going):
                crowd.add(wish.id)
            given.add(wish.place)
        if not crowd:
            return refused
        refused |= crowd
