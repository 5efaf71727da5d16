"""Absences of a feed: codes of the students who are named, and of nobody else."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from backend.attendance import repository as attendance
from backend.attendance import service
from backend.attendance.rules import NOTHING, Fact
from backend.attendance.service import PRESENT, Meant, Said, Scene, Symbols
from backend.exchange.feed.desk import Desk
from backend.exchange.feed.rows import Row
from backend.school import repository as school
from schemas.attendance import SetAttendance
from schemas.feed import FeedAbsence, FeedLesson

KIND = "absence"

Absences = list[Row[FeedAbsence]]
Wish = tuple[Row[FeedAbsence], UUID, UUID, Meant]


async def take(desk: Desk, rows: Absences) -> None:
    """Sets codes, and takes them back."""
    symbols = await service.symbols_of(desk.session, desk.feeder.school_id) if rows else {}
    wishes = [(row, *meant) for row in rows if not row.refused and (meant := _meant(desk, row, symbols))]
    if not wishes:
        return
    lessons = sorted({lesson for _, lesson, _, _ in wishes})
    await _refuse_second_names(desk, wishes, lessons)
    before: dict[UUID, dict[UUID, Fact]] = defaultdict(dict)
    for code in await attendance.codes_of_lessons(desk.session, lessons):
        before[code["lesson_id"]][code["student_id"]] = service.fact_of(code)
    left = [wish for wish in wishes if not wish[0].refused]
    moved = [wish for wish in left if _differs(wish, before[wish[1]].get(wish[2], NOTHING))]
    await _check(desk, moved)
    await _write(desk, left, moved, before)
    for row, lesson, student, _ in left:
        _remember(desk, row, lesson, student)


async def _write(desk: Desk, left: list[Wish], moved: list[Wish], before: Mapping[UUID, Mapping[UUID, Fact]]) -> None:
    # What is taken back under one id and sent under another in one request is one change of a student's code.
    named_anew = {(lesson, student) for row, lesson, student, _ in left if not row.wish.removed and not row.refused}
    by_lesson: dict[UUID, list[Said]] = defaultdict(list)
    for row, lesson, student, meant in moved:
        if row.refused:
            continue
        row.outcome = "changed" if desk.linked(KIND, row) else "created"
        if not row.wish.removed:
            by_lesson[lesson].append((student, meant, desk.teacher(row, row.wish.teacher)))
        elif (lesson, student) not in named_anew:
            by_lesson[lesson].append((student, meant, None))
    delay = await attendance.delay(desk.session, desk.feeder.school_id)
    for lesson, said in by_lesson.items():
        scene = Scene(desk.lesson(lesson), desk.today, desk.now, delay, silent=desk.silent)
        await service.append(desk.session, scene, said, before[lesson])


def _differs(wish: Wish, before: Fact) -> bool:
    """Whether a code is to be set. Which of the school's symbols for it stands is the school's, unless the row names
    one."""
    row, _, _, meant = wish
    if row.wish.symbol is None:
        meant = replace(meant, symbol=before.symbol)
    return service.differs(meant, before)


async def note_taken(desk: Desk, rows: list[Row[FeedLesson]]) -> None:
    """Notes whose lists were gone through, so that nobody is reminded of them."""
    taken = {
        lesson: row
        for row in rows
        if row.wish.attendance_taken and not row.wish.removed and not row.refused and (lesson := _lesson(desk, row))
    }
    for lesson in await attendance.note_checked(desk.session, desk.feeder.school_id, taken.keys(), desk.now):
        if taken[lesson].outcome == "unchanged":
            taken[lesson].outcome = "changed"


def _lesson(desk: Desk, row: Row[FeedLesson]) -> UUID | None:
    return desk.lessons.find(row, "", row.wish.external_id)


def _meant(desk: Desk, row: Row[FeedAbsence], symbols: Symbols) -> tuple[UUID, UUID, Meant] | None:
    """The lesson, the student and the code of a row; None where it is refused, or there is nothing to take back."""
    wish = row.wish
    link = desk.links.find(KIND, wish.external_id)
    known = (link.entity_id, UUID(link.kept["student"])) if link else None
    if wish.removed:
        return (*known, PRESENT) if known else None
    lesson = desk.lesson_to_write(row, wish.lesson)
    student = desk.people.students.find(row, "student", wish.student)
    desk.teacher(row, wish.teacher)
    for name, is_, was in zip(("lesson", "student"), (lesson, student), known or (lesson, student), strict=True):
        if is_ is not None and is_ != was:
            row.refuse(name, "belongs-elsewhere")
    entry = SetAttendance(student_id=student or UUID(int=0), code=wish.code, symbol=wish.symbol, minutes=wish.minutes)
    if (problem := service.problem_of(entry, symbols)) is not None:
        row.refuse(*problem)
    if row.refused or lesson is None or student is None:
        return None
    return lesson, student, service.meant_by(entry, symbols)


async def _refuse_second_names(desk: Desk, wishes: list[Wish], lessons: list[UUID]) -> None:
    """A student has one code in a lesson: two rows for it would overwrite each other for ever."""
    links = await desk.links.load_of(desk.session, KIND, lessons)
    named = {(link.entity_id, UUID(link.kept["student"])): external for external, link in links.items()}
    for row, lesson, student, _ in wishes:
        if row.wish.removed:
            named.pop((lesson, student), None)
    for row, lesson, student, _ in wishes:
        if not row.wish.removed and named.setdefault((lesson, student), row.wish.external_id) != (row.wish.external_id):
            row.refuse("student", "repeated")


async def _check(desk: Desk, moved: list[Wish]) -> None:
    places = {lesson: desk.lesson(lesson) for _, lesson, _, _ in moved}
    days = {(place.group_id, place.day) for place in places.values()}
    members = await school.members_on(desk.session, days)
    for row, lesson, student, _ in moved:
        if not row.wish.removed and (places[lesson].group_id, places[lesson].day, student) not in members:
            row.refuse("student", "not-in-group")


def _remember(desk: Desk, row: Row[FeedAbsence], lesson: UUID, student: UUID) -> None:
    if row.refused:
        return
    if row.wish.removed:
        desk.links.drop(KIND, row.wish.external_id)
    else:
        desk.links.put(KIND, row.wish.external_id, lesson, {"student": str(student)})
