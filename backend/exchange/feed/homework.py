"""Homework of a feed."""

from uuid import UUID

from backend.exchange.feed.desk import Desk
from backend.exchange.feed.rows import Row, removed, standing
from backend.homework import feeding as homework
from backend.homework.feeding import Wish
from backend.homework.models import Homework
from backend.homework.rules import due_problem
from schemas.feed import FeedHomework
from schemas.homework import GiveHomework

KIND = "homework"

Rows = list[Row[FeedHomework]]


async def take(desk: Desk, rows: Rows) -> None:
    """Gives homework, changes it and takes it back."""
    ids = sorted({id_ for row in rows if (id_ := desk.linked(KIND, row))})
    held = await homework.homework(desk.session, ids, desk.feeder.school_id) if ids else {}
    await desk.visit(item.lesson_id for item in held.values())
    await _remove(desk, rows, held)
    fresh: list[tuple[Row[FeedHomework], Wish]] = []
    changes: list[tuple[Row[FeedHomework], Homework, Wish]] = []
    for row in standing(rows):
        known = held.get(desk.linked(KIND, row) or UUID(int=0))
        wish = _wish(desk, row, known)
        if wish is not None and known is None:
            fresh.append((row, wish))
        elif wish is not None and known is not None and homework.differs(known, wish[2]):
            changes.append((row, known, wish))
    added = await homework.add_homework(
        desk.session, [wish for _, wish in fresh], desk.today, desk.now, silent=desk.silent
    )
    for (row, _), item in zip(fresh, added, strict=True):
        row.outcome = "created"
        desk.links.put(KIND, row.wish.external_id, item.id, {})
    changed = [(known, wish) for _, known, wish in changes]
    await homework.change_homework(desk.session, changed, desk.today, desk.now, silent=desk.silent)
    for row, _, _ in changes:
        row.outcome = "changed"


async def _remove(desk: Desk, rows: Rows, held: dict[UUID, Homework]) -> None:
    gone = []
    for row in removed(rows):
        known = held.get(desk.linked(KIND, row) or UUID(int=0))
        if known is not None:
            row.outcome = "changed"
            desk.links.drop(KIND, row.wish.external_id)
            gone.append((desk.lesson(known.lesson_id), known))
    if gone:
        await homework.remove_homework(desk.session, gone, desk.now)


def _wish(desk: Desk, row: Row[FeedHomework], known: Homework | None) -> Wish | None:
    """What is to be given at which lesson, by whom; None where the row is refused."""
    wish = row.wish
    lesson = desk.lesson_to_write(row, wish.lesson)
    teacher = desk.teacher(row, wish.teacher)
    assert wish.due_on is not None and wish.text is not None  # noqa: S101, PT018 - required
    if lesson is not None:
        if known is not None and known.lesson_id != lesson:
            row.refuse("lesson", "belongs-elsewhere")
        if (problem := due_problem(desk.lesson(lesson).day, wish.due_on)) is not None:
            row.refuse("dueOn", problem)
    if row.refused or lesson is None:
        return None
    given = GiveHomework(due_on=wish.due_on, text=wish.text, mandatory=wish.mandatory, minutes=wish.minutes)
    return desk.lesson(lesson), teacher, given
