"""What families hear of marks: now, or when they may see them. What was put right before that they never hear of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.journal import repository
from backend.journal.models import Work
from backend.journal.rules import DOT
from backend.school.rules import is_old_news
from backend.timetable.hearers import Hearer, hearers
from backend.timetable.repository import LessonInSchool
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import DotResolved, DotSet, MarkCorrected, MarkSet, Target

MarkBody = MarkSet | MarkCorrected | DotSet | DotResolved


@dataclass(frozen=True)
class Change:
    """A mark that is another than families know. `old`: what they know; `silent`: they are not to be told."""

    lesson: LessonInSchool
    work: Work
    student_id: UUID
    slot: int
    old: str | None
    value: str | None
    due_on: date | None
    visible_from: datetime
    old_due_on: date | None = None
    silent: bool = False

    @property
    def key(self) -> tuple[UUID, UUID, int]:
        return self.work.id, self.student_id, self.slot

    @property
    def tells(self) -> bool:
        """A comment alone is no event."""
        return not self.silent and (self.old, self.old_due_on) != (self.value, self.due_on)

    @property
    def ends_a_dot(self) -> bool:
        """Whether what was said of a dot is to be taken back. Its end alone is told in the place of it."""
        return self.old == DOT and self.value != DOT and (self.silent or self.value is not None)


async def tell_in_time(session: AsyncSession, changes: Sequence[Change], today: date, now: datetime) -> None:
    """Tells of what may be seen now; notes the rest, with what the families know, for the job that tells it."""
    due = await repository.take_due(session, [change.work.id for change in changes], [c.student_id for c in changes])
    untold = {(row.work_id, row.student_id, row.slot): row for row in due}
    later = []
    told = []
    for change in changes:
        waiting = untold.pop(change.key, None)
        if waiting:
            # What they were to be told they are, as it stands now, also where this change came silently; what waits as
            # known already has nothing to tell.
            known = (waiting.told, waiting.told_due_on) == (change.old, change.old_due_on)
            change = replace(change, old=waiting.told, old_due_on=waiting.told_due_on, silent=change.silent and known)
        if change.visible_from > now:
            # Also a comment alone: who may see it later asks anew then.
            later.append(_due(change))
        else:
            told.append(change)
    kept = [row.model_dump() for row in untold.values()]
    await repository.put_due(session, later + kept)
    await tell(session, told, today, now)


async def tell(session: AsyncSession, changes: Sequence[Change], today: date, now: datetime) -> None:
    """Parents with receive-push and the student (DOMAIN.md section 12)."""
    for change in changes:
        if change.ends_a_dot:
            await outbox.withdraw(session, *dot_place(*change.key), now)
    changes = [change for change in changes if change.tells]
    students = sorted({change.student_id for change in changes})
    told_of = await hearers(session, students, today, now)
    alerts = [_alert(change, hearer, today, now) for change in changes for hearer in told_of[change.student_id]]
    await outbox.append(session, alerts)


def _alert(change: Change, hearer: Hearer, today: date, now: datetime) -> NewAlert:
    lesson = change.lesson
    thread, entity = _place(change, today)
    return NewAlert(
        school_id=change.work.school_id,
        account_id=hearer.account_id,
        child_id=hearer.child_id,
        body=_body(change, hearer.child_name),
        target=Target(screen="diary-day", child_id=hearer.child_id, on=lesson.day, entity_id=change.work.id),
        thread=thread,
        entity=entity,
        occurred_at=now,
        timezone=lesson.timezone,
        silent_until=hearer.silent_until,
        # A debt and its end are of today, however long ago the lesson was.
        feed_only=is_old_news(today - _day_of_news(change)) and not _about_a_dot(change),
    )


def _day_of_news(change: Change) -> date:
    """The lesson's, or that on which its marks were to come out."""
    day = change.lesson.day
    if change.work.publish_at is None:
        return day
    return max(day, school_date(change.work.publish_at, change.lesson.timezone))


def _due(change: Change) -> dict[str, object]:
    told, term = (change.value, change.due_on) if change.silent else (change.old, change.old_due_on)
    return {
        "work_id": change.work.id, "student_id": change.student_id, "slot": change.slot,
        "school_id": change.work.school_id, "told": told, "told_due_on": term,
        "due_at": change.visible_from,
    }  # fmt: skip


def _place(change: Change, today: date) -> tuple[str, str]:
    """Thread and entity: dots are one item a child, marks one a child and day."""
    if _about_a_dot(change):
        return dot_place(*change.key)
    slot = "" if change.slot == 1 else f":{change.slot}"
    return f"marks:{change.student_id}:{today}", f"{change.work.id}:{change.student_id}{slot}"


def dot_place(work_id: UUID, student_id: UUID, slot: int) -> tuple[str, str]:
    """Thread and entity of all that is said of a dot."""
    return f"dots:{student_id}", f"dot:{work_id}:{student_id}:{slot}"


def _about_a_dot(change: Change) -> bool:
    return (change.value == DOT and change.old in (None, DOT)) or (change.old == DOT and change.value is None)


def _body(change: Change, child: str) -> MarkBody:
    lesson = change.lesson
    if _about_a_dot(change):
        if change.value is None or change.due_on is None:
            return DotResolved(child=child, subject=lesson.subject)
        return DotSet(child=child, subject=lesson.subject, due_on=change.due_on)
    kind = change.work.kind
    if change.old in (None, DOT) and change.value is not None:
        return MarkSet(child=child, subject=lesson.subject, value=change.value, work=kind, day=lesson.day)
    return MarkCorrected(
        child=child,
        subject=lesson.subject,
        old=change.old or "",
        value=change.value or "removed",
        work=kind,
        day=lesson.day,
    )
