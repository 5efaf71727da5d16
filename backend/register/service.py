"""The journal page of one lesson: read whole, written in one request, composed from the rooms below."""

import hashlib
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import notice_repository as notices
from backend.attendance import repository as attendance
from backend.attendance import service as attendance_service
from backend.core.errors import Invalid, Stale
from backend.core.versions import touch
from backend.homework import repository as homework
from backend.homework import service as homework_service
from backend.identity.acting import Acting
from backend.journal import marks
from backend.journal import repository as journal
from backend.journal import service as journal_service
from backend.journal.marks import Batch
from backend.school import repository as school
from backend.timetable import repository as timetable
from backend.timetable.repository import LessonInSchool
from backend.timetable.service import lesson_to_write
from schemas.journal import GiveWork, Mark
from schemas.register import JournalPage, JournalStudent, LessonSaved, SaveLesson, SaveWork


async def journal_page(session: AsyncSession, acting: Acting, lesson_id: UUID, now: datetime) -> JournalPage:
    """All that a teacher sees of a lesson. Raises NotFound where it is not the caller's."""
    lesson, _ = await lesson_to_write(session, acting.account_id, lesson_id, now)
    return await _page(session, lesson)


async def save(
    session: AsyncSession, acting: Acting, lesson_id: UUID, wish: SaveLesson, known: str | None, now: datetime
) -> LessonSaved:
    """Writes a lesson's topic, attendance, works with marks and homework: all of it or nothing.

    Args:
        known: the tag of the page that the caller edited (If-Match), if it wants to be stopped by somebody else's edit.

    Raises:
        NotFound: the lesson is not the caller's.
        Invalid: names every row that cannot be saved.
        Stale: the page, or one of its marks, has changed since the caller saw it.
    """
    lesson, today = await lesson_to_write(session, acting.account_id, lesson_id, now)
    # Two who save at once come one after the other; in the order of all who write: lesson, period, works.
    await timetable.lock_lesson(session, lesson_id)
    await journal.hold_period(session, lesson.school_id, lesson.day)
    if known is not None and known != tag_of(await _page(session, lesson)):
        raise Stale(current="—")
    author = acting.account_id
    if wish.topic is not msgspec.UNSET and wish.topic != lesson.topic:
        await timetable.set_topic(session, lesson_id, wish.topic)
        touch(session, [lesson.group_id])
        lesson = replace(lesson, topic=wish.topic)
    batches = await _batches(session, lesson, author, wish.works, now)
    written = await marks.write(session, lesson, today, author, batches, now)
    if wish.attendance is not msgspec.UNSET:
        await attendance_service.write(session, lesson, today, author, wish.attendance, now, "/attendance")
    for number, item in enumerate(wish.homework):
        await homework_service.write(session, lesson, today, author, item, now, f"/homework/{number}")
    page = await _page(session, lesson)
    return LessonSaved(page=page, changed_marks=written.changed, pending=written.pending)


def tag_of(page: JournalPage) -> str:
    """The ETag of a page: a hash of all that it shows."""
    return f'"{hashlib.sha256(msgspec.json.encode(page)).hexdigest()[:32]}"'


async def _batches(
    session: AsyncSession, lesson: LessonInSchool, author: UUID, wishes: list[SaveWork], now: datetime
) -> list[Batch]:
    """The works that are there, locked, and the new ones, each with its marks."""
    named = [wish.work_id for wish in wishes if wish.work_id is not None]
    known = {work.id: work for work in await journal.works_for_update(session, named)} if named else {}
    wrong: dict[str, str] = {}
    batches = []
    for number, wish in enumerate(wishes):
        place = f"/works/{number}"
        work = known.get(wish.work_id) if wish.work_id is not None else None
        if wish.work_id is not None and (work is None or work.lesson_id != lesson.id):
            wrong[f"{place}/workId"] = "not-of-this-lesson"
        elif wish.work_id is None and wish.kind is None:
            wrong[f"{place}/kind"] = "required"
        elif wish.work_id is not None and named.count(wish.work_id) > 1:
            wrong[f"{place}/workId"] = "repeated"
        else:
            if work is None and wish.kind is not None:
                given = GiveWork(lesson_id=lesson.id, kind=wish.kind, topic=wish.topic, counted=wish.counted)
                work = await journal_service.add_work(session, lesson, author, given, now)
            if work is not None:
                batches.append(Batch(work, wish.marks, f"{place}/marks"))
    if wrong:
        raise Invalid(wrong)
    return batches


async def _page(session: AsyncSession, lesson: LessonInSchool) -> JournalPage:
    students = await school.students_of_group(session, lesson.group_id, lesson.day)
    ids = [student.id for student in students]
    noticed = await notices.students_with_notice(session, ids, lesson.day, lesson.number)
    checked = await attendance.is_checked(session, lesson.id)
    works = await journal.works_of_lesson(session, lesson.id)
    found = await journal.marks_of_works(session, [work.id for work in works])
    codes = await attendance.codes_of_lesson(session, lesson.id)
    given = await homework.homework_of_lesson(session, lesson.id)
    return JournalPage(
        lesson_id=lesson.id,
        day=lesson.day,
        number=lesson.number,
        subject=lesson.subject,
        group_name=lesson.group_name,
        topic=lesson.topic,
        attendance_checked=checked,
        students=[
            JournalStudent(
                id=student.id,
                family_name=student.family_name,
                given_name=student.given_name,
                absence_notice=student.id in noticed,
                prefilled="absent" if student.id in noticed and not checked else None,
            )
            for student in students
        ],
        works=[journal_service.as_wire(work) for work in works],
        marks=[Mark(**mark) for mark in found],
        attendance=attendance_service.as_wire(codes),
        homework=await homework_service.as_wire(session, given),
    )
