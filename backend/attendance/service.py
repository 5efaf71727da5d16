"""Taking attendance in a lesson: the teacher's facts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import repository, rules, telling
from backend.attendance.rules import NOTHING, Fact
from backend.attendance.telling import Change
from backend.core.errors import Invalid
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.school import repository as school
from backend.timetable import repository as timetable
from backend.timetable.repository import LessonInSchool
from backend.timetable.service import lesson_to_write
from schemas import attendance as wire

Symbols = Mapping[str, wire.AttendanceSymbol]


@dataclass(frozen=True)
class Meant:
    """What an entry says of a student."""

    code: str
    symbol: str | None
    counts: bool
    minutes: int | None


PRESENT = Meant("present", None, counts=False, minutes=None)


@dataclass(frozen=True)
class Scene:
    """Whose list is written, when, how long a slip may be put right, and whether families are to hear of it."""

    lesson: LessonInSchool
    today: date
    now: datetime
    delay_minutes: int
    silent: bool = False


# Of whom, what, and who says so (None: the system).
Said = tuple[UUID, Meant, UUID | None]


async def take(
    session: AsyncSession, acting: Acting, lesson_id: UUID, wish: wire.TakeAttendance, now: datetime
) -> wire.Attendance:
    """Records who was not there. Whoever is not named was present, also if a code stood there before.

    Parents of a child who is absent without a notice are told after the school's delay; a corrected slip never.

    Raises:
        NotFound: the lesson is not the caller's.
        Invalid: a student is named twice or is not in the group, a symbol is not the school's, or minutes stand
            without lateness.
    """
    lesson, today = await lesson_to_write(session, acting.account_id, lesson_id, now)
    await timetable.lock_lesson(session, lesson_id)
    checked_at, changed = await write(session, lesson, today, acting.account_id, wish.entries, now)
    items = as_wire(await repository.codes_of_lesson(session, lesson_id))
    return wire.Attendance(lesson_id=lesson_id, checked_at=checked_at, items=items, changed=changed)


async def write(
    session: AsyncSession, lesson: LessonInSchool, today: date, author: UUID, entries: Sequence[wire.SetAttendance],
    now: datetime, pointer: str = "/entries",
) -> tuple[datetime, int]:  # fmt: skip
    """The same for a lesson that the author may write in. Returns when the list was first gone through, and how many
    codes changed.

    Args:
        pointer: where the entries stand in the request, for what is wrong with them.
    """
    members = await school.member_ids(session, lesson.group_id, lesson.day)
    symbols = await symbols_of(session, lesson.school_id)
    _check(entries, members, symbols, pointer)
    checked_at = await repository.check_lesson(session, lesson.id, lesson.school_id, author, now)
    before = {row["student_id"]: fact_of(row) for row in await repository.codes_of_lesson(session, lesson.id)}
    wanted = {entry.student_id: meant_by(entry, symbols) for entry in entries}
    wanted |= dict.fromkeys(before.keys() - wanted.keys(), PRESENT)
    scene = Scene(lesson, today, now, await repository.delay(session, lesson.school_id))
    moved: list[Said] = [
        (student, meant, author) for student, meant in wanted.items() if differs(meant, before.get(student, NOTHING))
    ]
    await append(session, scene, moved, before)
    return checked_at, len(moved)


async def append(session: AsyncSession, scene: Scene, moved: Sequence[Said], before: Mapping[UUID, Fact]) -> None:
    """Appends a version for each, and tells the families now or when they may see it; silently, what was said and no
    longer holds is still taken back. The caller holds the lesson, and knows the students to be in its group.

    Args:
        moved: what is another than `before`; nothing is said of other students.
        before: what stands of the lesson, by student.
    """
    if not moved:
        return
    rows = [_version(scene, said, before.get(said[0], NOTHING)) for said in moved]
    await repository.append_versions(session, rows)
    touch(session, (row["student_id"] for row in rows))
    changes = [
        Change(
            row["student_id"], before.get(row["student_id"], NOTHING).code, row["visible_from"],
            silent_as=row["code"] if scene.silent else None,
        )
        for row in rows
    ]  # fmt: skip
    await telling.tell_in_time(session, scene.lesson, changes, scene.today, scene.now)


def as_wire(rows: list[dict[str, Any]]) -> list[wire.AttendanceEntry]:
    names = ("student_id", "code", "symbol", "minutes", "version", "visible_from")
    return [wire.AttendanceEntry(**{name: row[name] for name in names}) for row in rows]


def fact_of(row: dict[str, Any]) -> Fact:
    return Fact(row["version"], row["code"], row["minutes"], row["visible_from"], row["symbol"])


async def symbols_of(session: AsyncSession, school_id: UUID) -> Symbols:
    """What a school's symbols mean, by symbol, in the school's order."""
    return {item.symbol: item for item in await repository.symbols(session, school_id)}


def meant_by(entry: wire.SetAttendance, symbols: Symbols) -> Meant:
    """What an entry says, by code or by symbol; a code that the school has no symbol for has none."""
    if entry.symbol is not None:
        said = symbols[rules.normal_symbol(entry.symbol)]
        return Meant(said.code, said.symbol, said.counts, entry.minutes)
    if entry.code is None or entry.code == "present":
        return PRESENT
    fitting = next((item for item in symbols.values() if item.code == entry.code), None)
    return Meant(
        entry.code, fitting.symbol if fitting else None, fitting.counts if fitting else entry.code in rules.ABSENT,
        entry.minutes,
    )  # fmt: skip


def problem_of(entry: wire.SetAttendance, symbols: Symbols) -> tuple[str, str] | None:
    """(field, code) of what is wrong with what an entry says."""
    said = symbols.get(rules.normal_symbol(entry.symbol)) if entry.symbol is not None else None
    if (entry.code is None) == (entry.symbol is None):
        return "code", "code-or-symbol"
    if entry.symbol is not None and said is None:
        return "symbol", "unknown-symbol"
    if entry.minutes is not None and (said.code if said else entry.code) != "late":
        return "minutes", "minutes-only-when-late"
    return None


def differs(meant: Meant, before: Fact) -> bool:
    """Whether it is another thing than what stands."""
    return (meant.code, meant.minutes, meant.symbol) != (before.code, before.minutes, before.symbol)


def _check(entries: Sequence[wire.SetAttendance], members: set[UUID], symbols: Symbols, pointer: str) -> None:
    seen = Counter(entry.student_id for entry in entries)
    wrong: dict[str, str] = {}
    for number, entry in enumerate(entries):
        place = f"{pointer}/{number}"
        if seen[entry.student_id] > 1:
            wrong[f"{place}/studentId"] = "repeated"
        elif entry.student_id not in members:
            wrong[f"{place}/studentId"] = "not-in-group"
        if (problem := problem_of(entry, symbols)) is not None:
            field, code = problem
            wrong[f"{place}/{field}"] = code
    if wrong:
        raise Invalid(wrong)


def _version(scene: Scene, said: Said, before: Fact) -> dict[str, Any]:
    student, meant, author = said
    return {
        "lesson_id": scene.lesson.id,
        "student_id": student,
        "version": before.version + 1,
        "school_id": scene.lesson.school_id,
        "code": meant.code,
        "symbol": meant.symbol,
        "counts": meant.counts,
        "minutes": meant.minutes,
        "set_by": author,
        "set_at": scene.now,
        "visible_from": rules.visible_from(before, meant.code, scene.now, scene.delay_minutes),
    }
