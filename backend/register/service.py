"""The journal page of one lesson, composed from the rooms below."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attendance import repository as attendance
from backend.attendance.service import as_wire as codes_as_wire
from backend.homework import repository as homework
from backend.homework.service import as_wire as homework_as_wire
from backend.identity.acting import Acting
from backend.journal import repository as journal
from backend.journal.service import as_wire as work_as_wire
from backend.school import repository as school
from backend.timetable.service import lesson_to_write
from schemas.journal import Mark
from schemas.register import JournalPage, JournalStudent


async def journal_page(session: AsyncSession, acting: Acting, lesson_id: UUID, now: datetime) -> JournalPage:
    """All that a teacher sees of a lesson. Raises NotFound where it is not the caller's."""
    lesson, _ = await lesson_to_write(session, acting.account_id, lesson_id, now)
    students = await school.students_of_group(session, lesson.group_id, lesson.day)
    noticed = await attendance.students_with_notice(session, [student.id for student in students], lesson.day)
    works = await journal.works_of_lesson(session, lesson_id)
    marks = await journal.marks_of_works(session, [work.id for work in works])
    return JournalPage(
        lesson_id=lesson.id,
        day=lesson.day,
        number=lesson.number,
        subject=lesson.subject,
        group_name=lesson.group_name,
        topic=lesson.topic,
        attendance_checked=await attendance.is_checked(session, lesson_id),
        students=[
            JournalStudent(
                id=student.id,
                family_name=student.family_name,
                given_name=student.given_name,
                absence_notice=student.id in noticed,
            )
            for student in students
        ],
        works=[work_as_wire(work) for work in works],
        marks=[Mark(**mark) for mark in marks],
        attendance=codes_as_wire(await attendance.codes_of_lesson(session, lesson_id)),
        homework=[homework_as_wire(item) for item in await homework.homework_of_lesson(session, lesson_id)],
    )
