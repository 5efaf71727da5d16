"""From the weekly plan to lessons on dates. Pure (DOMAIN.md section 5).

A day follows its own weekday, another one's where a day off is worked elsewhere, or none: holidays, a day off, a
quarantine of the class, a day past the class's week.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core.days import days_between


@dataclass(frozen=True)
class Span:
    """Days that are not as the week says; `class_id` None: of the whole school."""

    kind: str
    starts: date
    ends: date
    class_id: UUID | None = None
    as_weekday: int | None = None

    def covers(self, day: date, class_id: UUID | None) -> bool:
        return self.starts <= day <= self.ends and self.class_id in (None, class_id)


@dataclass(frozen=True)
class Weekly:
    """A lesson of every week with its class's shift and week; a group across classes follows the first shift."""

    id: UUID
    group_id: UUID
    class_id: UUID | None
    subject_id: UUID
    teacher_id: UUID
    weekday: int
    number: int
    room: str | None
    starts: date
    ends: date
    shift: int = 1
    days_a_week: int = 5


@dataclass(frozen=True)
class Wanted:
    """A lesson on a date as the plan says."""

    weekly_id: UUID
    group_id: UUID
    subject_id: UUID
    teacher_id: UUID
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    room: str | None

    @property
    def place(self) -> "PlaceOfLesson":
        return self.group_id, self.day, self.number


PlaceOfLesson = tuple[UUID, date, int]
# (shift, weekday, number) -> from, to. Weekday 0 stands for all that have none of their own.
Bells = Mapping[tuple[int, int, int], tuple[time, time]]


@dataclass(frozen=True)
class Existing:
    """A lesson on a date as it stands. `in_use`: something is written about it."""

    id: UUID
    group_id: UUID
    subject_id: UUID
    teacher_id: UUID
    day: date
    number: int
    starts_at: datetime
    ends_at: datetime
    room: str | None
    weekly_id: UUID | None
    planned: bool
    changed: bool
    in_use: bool

    @property
    def place(self) -> PlaceOfLesson:
        return self.group_id, self.day, self.number


@dataclass(frozen=True)
class Edits:
    """What has to be written so that lessons on dates follow the plan. `kept`: cannot follow, for they are in use."""

    add: list[Wanted] = field(default_factory=list)
    change: list[tuple[Existing, Wanted]] = field(default_factory=list)
    remove: list[Existing] = field(default_factory=list)
    kept: list[Existing] = field(default_factory=list)

    @property
    def groups(self) -> set[UUID]:
        """Whose lessons become others."""
        changed = {there.group_id for there, _ in self.change}
        return changed | {lesson.group_id for lesson in self.add} | {lesson.group_id for lesson in self.remove}


def weekday_of(day: date, spans: Iterable[Span], class_id: UUID | None, days_a_week: int) -> int | None:
    """Whose weekday's plan a class follows on a day, Monday is 1; None: no lessons.

    A quarantine of the class wins over a worked day, and that over holidays and days off.
    """
    covering = [span for span in spans if span.covers(day, class_id)]
    if any(span.kind == "quarantine" for span in covering):
        return None
    worked = [span for span in covering if span.kind == "working"]
    if worked:
        # What is said of the class goes before what is said of the school.
        span = max(worked, key=lambda span: span.class_id is not None)
        return span.as_weekday or (day.isoweekday() if day.isoweekday() <= _SATURDAY else None)
    if covering:
        return None
    return day.isoweekday() if day.isoweekday() <= days_a_week else None


_SATURDAY = 6


def bell_of(bells: Bells, shift: int, weekday: int, number: int) -> tuple[time, time] | None:
    """When a lesson is, by the clock on the wall."""
    return bells.get((shift, weekday, number)) or bells.get((shift, 0, number))


def on_the_clock(day: date, wall: time, timezone: str) -> datetime:
    """A wall clock's time at the school as a moment, in UTC."""
    return datetime.combine(day, wall, ZoneInfo(timezone)).astimezone(UTC)


def wanted_lessons(
    weekly: Sequence[Weekly], bells: Bells, spans: Sequence[Span], timezone: str, first: date, last: date
) -> Iterator[Wanted]:
    """The lessons of some days, both included. A lesson without a bell has no time and is left out."""
    classes = {(item.class_id, item.days_a_week) for item in weekly}
    for day in days_between(first, last):
        follows = {key: weekday_of(day, spans, *key) for key in classes}
        for item in weekly:
            weekday = follows[item.class_id, item.days_a_week]
            if weekday != item.weekday or not item.starts <= day <= item.ends:
                continue
            bell = bell_of(bells, item.shift, weekday, item.number)
            if bell is not None:
                yield _on(item, day, bell, timezone)


def _on(item: Weekly, day: date, bell: tuple[time, time], timezone: str) -> Wanted:
    starts, ends = (on_the_clock(day, wall, timezone) for wall in bell)
    return Wanted(
        weekly_id=item.id, group_id=item.group_id, subject_id=item.subject_id, teacher_id=item.teacher_id, day=day,
        number=item.number, starts_at=starts, ends_at=ends, room=item.room,
    )  # fmt: skip


def edits(wanted: Iterable[Wanted], existing: Sequence[Existing]) -> Edits:
    """What to write. A lesson that was changed or cancelled by date, or that no plan made, stays as it is; one that is
    in use keeps its subject and is never removed."""
    made = Edits()
    planned = {lesson.place: lesson for lesson in existing if lesson.planned}
    # A cancelled lesson of the plan holds its place: the plan does not bring it back.
    cancelled = {lesson.place for lesson in existing if not lesson.planned and lesson.weekly_id is not None}
    met: set[UUID] = set()
    for want in wanted:
        there = planned.get(want.place)
        if there is None:
            if want.place not in cancelled:
                made.add.append(want)
            continue
        met.add(there.id)
        if there.changed or there.weekly_id is None or not _differs(there, want):
            continue
        if there.in_use and there.subject_id != want.subject_id:
            made.kept.append(there)
        else:
            made.change.append((there, want))
    for lesson in planned.values():
        if lesson.id not in met and lesson.weekly_id is not None and not lesson.changed:
            (made.kept if lesson.in_use else made.remove).append(lesson)
    return made


def _differs(there: Existing, want: Wanted) -> bool:
    return (there.subject_id, there.teacher_id, there.room, there.starts_at, there.ends_at, there.weekly_id) != (
        want.subject_id, want.teacher_id, want.room, want.starts_at, want.ends_at, want.weekly_id
    )  # fmt: skip
