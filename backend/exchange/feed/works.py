"""Works of a feed."""

from collections.abc import Iterable
from uuid import UUID

from backend.exchange.feed.desk import Desk
from backend.exchange.feed.lessons import FURTHEST
from backend.exchange.feed.rows import Named, Row, removed, standing
from backend.journal import feeding as journal
from backend.journal import rules
from backend.journal.models import Work
from backend.timetable.repository import LessonInSchool
from schemas.feed import FeedWork
from schemas.journal import GiveWork

KIND = "work"

Works = list[Row[FeedWork]]
Fresh = tuple[Row[FeedWork], tuple[LessonInSchool, UUID | None, GiveWork]]
Change = tuple[Row[FeedWork], Work, GiveWork]


async def take(desk: Desk, rows: Works, named: Iterable[str | None], further: Iterable[UUID]) -> None:
    """Adds, changes and removes works, and holds them.

    Args:
        named: the works that marks name.
        further: works that are to be held as well.
    """
    meant = desk.meant(KIND, named)
    of_rows = {row.wish.external_id: id_ for row in rows if (id_ := desk.linked(KIND, row))}
    ids = sorted({*meant.values(), *of_rows.values(), *further})
    held = {work.id: work for work in await journal.works(desk.session, ids, desk.feeder.school_id)} if ids else {}
    of_rows = {name: id_ for name, id_ in of_rows.items() if id_ in held}
    await desk.visit(work.lesson_id for work in held.values())
    await _remove(desk, rows, of_rows, held)
    await _put(desk, rows, of_rows, held)
    desk.held_works = held
    desk.works = Named({name: id_ for name, id_ in meant.items() if id_ in held})
    desk.works.settle(rows, of_rows)


async def _remove(desk: Desk, rows: Works, ids: dict[str, UUID], held: dict[UUID, Work]) -> None:
    """A work that ever had a mark stays: what was recorded is not forgotten."""
    asked = [row for row in removed(rows) if row.wish.external_id in ids]
    if not asked:
        return
    marked = await journal.marked(desk.session, [ids[row.wish.external_id] for row in asked])
    gone = []
    for row in asked:
        if ids[row.wish.external_id] in marked:
            row.refuse("", "not-removable")
            continue
        row.outcome = "changed"
        desk.links.drop(KIND, row.wish.external_id)
        gone.append(held.pop(ids.pop(row.wish.external_id)).id)
    if gone:
        await journal.remove_works(desk.session, gone)


async def _put(desk: Desk, rows: Works, ids: dict[str, UUID], held: dict[UUID, Work]) -> None:
    fresh: list[Fresh] = []
    changes: list[Change] = []
    for row in standing(rows):
        lesson = desk.lesson_to_write(row, row.wish.lesson)
        teacher = desk.teacher(row, row.wish.teacher)
        known = held.get(ids[row.wish.external_id]) if row.wish.external_id in ids else None
        if known is not None and lesson is not None and known.lesson_id != lesson:
            row.refuse("lesson", "belongs-elsewhere")
        if row.refused or lesson is None:
            continue
        wish = _wish(row.wish, lesson)
        if known is None:
            fresh.append((row, (desk.lesson(lesson), teacher, wish)))
        elif journal.differs(known, wish):
            changes.append((row, known, wish))
    for row, _ in fresh:
        _check_publication(desk, row)
    await _add(desk, [(row, wish) for row, wish in fresh if not row.refused], ids, held)
    await _change(desk, changes)


async def _add(desk: Desk, fresh: list[Fresh], ids: dict[str, UUID], held: dict[UUID, Work]) -> None:
    if not fresh:
        return
    added = await journal.add_works(desk.session, desk.feeder.school_id, [wish for _, wish in fresh], desk.now)
    for (row, _), work in zip(fresh, added, strict=True):
        row.outcome = "created"
        ids[row.wish.external_id] = work.id
        held[work.id] = work
        desk.links.put(KIND, row.wish.external_id, work.id, {})


async def _change(desk: Desk, changes: list[Change]) -> None:
    if not changes:
        return
    works = [work for _, work, _ in changes]
    students = await journal.marked(desk.session, [work.id for work in works])
    closed = await journal.closed(desk.session, works, students)
    for row, work, wish in changes:
        if wish.publish_at != work.publish_at:
            _check_publication(desk, row)
            if work.id in students:
                row.refuse("publishAt", "has-marks")
        if work.id in closed and (wish.kind, wish.counted) != (work.kind, work.counted):
            row.refuse("", "period-closed")
    left = [(row, work, wish) for row, work, wish in changes if not row.refused]
    await journal.change_works(desk.session, [(work, wish) for _, work, wish in left], students)
    for row, _, _ in left:
        row.outcome = "changed"


def _wish(wish: FeedWork, lesson: UUID) -> GiveWork:
    assert wish.kind is not None  # noqa: S101 - required
    return GiveWork(
        lesson_id=lesson, kind=wish.kind, topic=wish.topic, counted=wish.counted, publish_at=wish.publish_at
    )


def _check_publication(desk: Desk, row: Row[FeedWork]) -> None:
    at = row.wish.publish_at
    if at is not None and (rules.is_published_too_late(at, desk.now) or desk.now - at > FURTHEST):
        row.refuse("publishAt", "too-far")
