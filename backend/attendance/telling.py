"""What parents hear of attendance: that a child is not there, that it is after all, that it came late (DOMAIN.md
sections 7 and 12). Bad news waits for the school's delay; a slip that is put right meanwhile nobody hears of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import repository
from backend.school import repository as school
from backend.school.repository import Receiver
from backend.school.rules import is_old_news
from backend.timetable.repository import LessonInSchool
from push import outbox
from push.outbox import NewAlert
from schemas.alerts import AbsenceCorrected, AbsentWithoutNotice, CameLate, Target

AttendanceBody = AbsentWithoutNotice | AbsenceCorrected | CameLate

# Not there, and nobody has said why, or for no good reason.
ALARMING = frozenset({"absent", "unexcused"})


@dataclass(frozen=True)
class Change:
    """A code that is another than families know. `old`: what they know; `silent_as`: the code, where they are not to be
    told of it."""

    student_id: UUID
    old: str | None
    visible_from: datetime
    silent_as: str | None = None

    def after(self, waiting: Mapping[UUID, str | None]) -> "Change":
        """The same where something waits already. What was to be told is told, as it stands now, also where this
        change came silently; what waits as known already has nobody to tell."""
        told = waiting.get(self.student_id, self.old)
        return replace(self, old=told, silent_as=self.silent_as if told == self.old else None)


async def tell_in_time(
    session: AsyncSession, lesson: LessonInSchool, changes: Sequence[Change], today: date, now: datetime
) -> None:
    """Tells of what may be seen now; notes the rest, with what the families know, for the job that tells it."""
    if not changes:
        return
    waiting = await repository.take_waiting(session, lesson.id, [change.student_id for change in changes])
    changes = [change.after(waiting) for change in changes]
    later = [
        {
            "lesson_id": lesson.id, "student_id": change.student_id, "school_id": lesson.school_id,
            "told": change.silent_as or change.old, "due_at": change.visible_from,
        }
        for change in changes
        if change.visible_from > now
    ]  # fmt: skip
    await repository.put_waiting(session, later)
    # Silently nothing is told when its time comes, so what no longer holds is taken back now.
    due = [change for change in changes if change.silent_as or change.visible_from <= now]
    await tell(session, lesson, due, today, now)


async def tell(
    session: AsyncSession, lesson: LessonInSchool, changes: Sequence[Change], today: date, now: datetime
) -> None:
    """Tells parents what stands now, where it is another thing than they know, and takes back what no longer holds."""
    known = {change.student_id: change.old for change in changes}
    silent = {change.student_id for change in changes if change.silent_as}
    stands = await repository.excused_codes(session, lesson.id, sorted(known)) if known else {}
    truants = [student for student, (code, _) in stands.items() if (known[student], code) == ("absent", "unexcused")]
    # Of an absence that a notice explains nobody has heard.
    unheard = await repository.explained(session, lesson.id, truants) if truants else set()
    spoken: dict[UUID, tuple[str, int | None]] = {}
    for student, (code, minutes) in stands.items():
        old = None if student in unheard else known[student]
        news = None if student in silent else _news(old, code)
        if news is not None:
            spoken[student] = (news, minutes)
        # A false alarm of another day is put right without a sound, so it has to go by itself.
        put_right = news is None or (news == "corrected" and lesson.day != today)
        if put_right and (old == "late" or (old in ALARMING and code not in ALARMING)):
            await outbox.withdraw(session, thread_of(student, lesson.day), str(lesson.id), now)
    parents = await school.parents_told(session, sorted(spoken), today)
    await outbox.append(
        session,
        [_alert(parent, lesson, *spoken[parent.child_id], today, now) for parent in parents],
    )


def _news(old: str | None, new: str) -> str | None:
    """What is worth telling: that a child is not there; once that was told, that it is, or came; that it came late."""
    if new in ALARMING:
        return None if old in ALARMING else "absent"
    if old in ALARMING and new in ("present", "late"):
        return "corrected"
    return "late" if new == "late" and old != "late" else None


def _alert(
    parent: Receiver, lesson: LessonInSchool, news: str, minutes: int | None, today: date, now: datetime
) -> NewAlert:
    return NewAlert(
        school_id=lesson.school_id,
        account_id=parent.account_id,
        child_id=parent.child_id,
        body=_body(news, minutes, parent.child_name, lesson),
        target=Target(screen="diary-day", child_id=parent.child_id, on=lesson.day, entity_id=lesson.id),
        thread=thread_of(parent.child_id, lesson.day),
        entity=str(lesson.id),
        occurred_at=now,
        timezone=lesson.timezone,
        # Urgent on the day itself, else in the feed; lateness of yesterday still is news.
        feed_only=is_old_news(today - lesson.day) if news == "late" else lesson.day != today,
    )


def _body(news: str, minutes: int | None, child: str, lesson: LessonInSchool) -> AttendanceBody:
    if news == "absent":
        return AbsentWithoutNotice(child=child, subject=lesson.subject, number=lesson.number, day=lesson.day)
    kind = CameLate if news == "late" else AbsenceCorrected
    return kind(child=child, subject=lesson.subject, number=lesson.number, day=lesson.day, minutes=minutes or 0)


def thread_of(student: UUID, day: date) -> str:
    """All that is said of a child's attendance on a day is one item."""
    return f"attendance:{student}:{day}"
