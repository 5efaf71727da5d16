"""Marks of a feed. The feed is another journal's record: the window of corrections is that journal's, but a closed
period is closed, and every change is a version of its own."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from backend.exchange.feed.desk import Desk
from backend.exchange.feed.rows import Row
from backend.journal import marks as journal
from backend.journal import repository, rules
from backend.journal.marks import Place, Scene, standing_of
from backend.journal.models import Work
from backend.school import repository as school
from schemas.feed import FeedMark
from schemas.journal import SetMark

KIND = "mark"
SLOTS = range(1, 10)
# What a version's history says of where it came from.
REASON = "feed"

Key = tuple[UUID, UUID, int]


async def take(desk: Desk, rows: list[Row[FeedMark]]) -> None:
    """Sets, corrects and removes marks."""
    wishes = [(row, *meant) for row in rows if not row.refused and (meant := _meant(desk, row))]
    if not wishes:
        return
    works = sorted({work.id for _, work, _ in wishes})
    found = await repository.standing_marks(desk.session, works, sorted({student for _, _, student in wishes}))
    slots = _Slots(found, await desk.links.load_of(desk.session, KIND, works))
    moved = []
    for row, work, student in wishes:
        slot = _slot(desk, row, slots, work, student)
        if slot is None:
            continue
        before = standing_of(found.get((work.id, student, slot)), desk.feeder.timezone)
        place = Place(work, _mark(row.wish, student, slot), row.pointer, before)
        if rules.changes(before, place.mark):
            moved.append((row, place))
        else:
            _remember(desk, row, place)
    await _check(desk, moved)
    left = [(row, place) for row, place in moved if not row.refused]
    for row, place in left:
        is_known = desk.linked(KIND, row) is not None
        row.outcome = "changed" if is_known else "created"
        _remember(desk, row, place)
    await journal.append_all(desk.session, [(_scene(desk, row, place), place) for row, place in left])


def _meant(desk: Desk, row: Row[FeedMark]) -> tuple[Work, UUID] | None:
    """The work and the student of a row; None where it is refused, or where there is nothing to remove."""
    link = desk.links.find(KIND, row.wish.external_id)
    known = (link.entity_id, UUID(link.kept["student"])) if link else None
    if row.wish.removed:
        return (desk.held_works[known[0]], known[1]) if known and known[0] in desk.held_works else None
    work = desk.works.find(row, "work", row.wish.work)
    student = desk.people.students.find(row, "student", row.wish.student)
    desk.teacher(row, row.wish.teacher)
    for name, is_, was in zip(("work", "student"), (work, student), known or (work, student), strict=True):
        if is_ is not None and is_ != was:
            row.refuse(name, "belongs-elsewhere")
    if row.refused or work is None or student is None:
        return None
    return desk.held_works[work], student


class _Slots:
    """Which of a student's places in a work are used: by rows of the feed, or by a mark that somebody else set."""

    def __init__(self, found: dict[Key, dict[str, Any]], links: dict[str, Any]) -> None:
        self._used: dict[tuple[UUID, UUID], set[int]] = defaultdict(set)
        for (work, student, slot), row in found.items():
            if row["value"] is not None:
                self._used[work, student].add(slot)
        for link in links.values():
            self._used[link.entity_id, UUID(link.kept["student"])].add(link.kept["slot"])

    def free(self, work: UUID, student: UUID) -> int | None:
        used = self._used[work, student]
        slot = next((slot for slot in SLOTS if slot not in used), None)
        if slot is not None:
            used.add(slot)
        return slot


def _slot(desk: Desk, row: Row[FeedMark], slots: _Slots, work: Work, student: UUID) -> int | None:
    link = desk.links.find(KIND, row.wish.external_id)
    if link is not None:
        return int(link.kept["slot"])
    slot = slots.free(work.id, student)
    if slot is None:
        row.refuse("student", "too-many-marks")
    return slot


def _mark(wish: FeedMark, student: UUID, slot: int) -> SetMark:
    if wish.removed:
        return SetMark(student_id=student, value=None, slot=slot, reason=REASON)
    return SetMark(
        student_id=student, value=wish.value, comment=wish.comment, slot=slot, due_on=wish.due_on, reason=REASON
    )


def _remember(desk: Desk, row: Row[FeedMark], place: Place) -> None:
    if row.wish.removed:
        desk.links.drop(KIND, row.wish.external_id)
    else:
        kept = {"student": str(place.mark.student_id), "slot": place.mark.slot}
        desk.links.put(KIND, row.wish.external_id, place.work.id, kept)


async def _check(desk: Desk, moved: list[tuple[Row[FeedMark], Place]]) -> None:
    """What the journal allows: only who is in the group gets a mark, nothing moves in a closed period."""
    days = {(place.work.group_id, place.work.day) for _, place in moved}
    members = await school.members_on(desk.session, days)
    closed = await repository.closed_on(desk.session, {(place.mark.student_id, place.work.day) for _, place in moved})
    for row, place in moved:
        student, work = place.mark.student_id, place.work
        if not row.wish.removed and (work.group_id, work.day, student) not in members:
            row.refuse("student", "not-in-group")
        elif (student, work.day) in closed:
            row.refuse("", "period-closed")
        elif not row.wish.removed and desk.lesson(work.lesson_id).state == "cancelled":
            row.refuse("work", "lesson-cancelled")
        elif (problem := rules.dot_problem(place.mark, desk.today)) is not None:
            row.refuse("dueOn", problem)


def _scene(desk: Desk, row: Row[FeedMark], place: Place) -> Scene:
    author = desk.teacher(row, row.wish.teacher) if not row.wish.removed else None
    return Scene(desk.lesson(place.work.lesson_id), desk.today, author, desk.now, desk.silent)
