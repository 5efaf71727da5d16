"""Rows of the rooms -> days, lessons and averages as a family reads them. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from backend.diary.repository import CountedRow, Days, LessonRow, MarkRow
from backend.journal.rules import average
from schemas.diary import DiaryAbsence, DiaryDay, DiaryHomework, DiaryLesson, DiaryMark, SubjectAverage


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week of a day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def lay_out(rows: Days, first: date, last: date) -> list[DiaryDay]:
    """The days in order, each with its lessons by number, their marks and absences, and the homework due."""
    marks: dict[UUID, list[MarkRow]] = defaultdict(list)
    for mark in sorted(rows.marks, key=lambda row: (row.work_id, row.set_at)):
        marks[mark.lesson_id].append(mark)
    absences = {row.lesson_id: DiaryAbsence(code=row.code, minutes=row.minutes) for row in rows.absences}
    lessons: dict[date, list[DiaryLesson]] = defaultdict(list)
    for row in sorted(rows.lessons, key=lambda lesson: (lesson.starts_at, lesson.id)):
        lessons[row.day].append(_lesson(row, marks[row.id], absences.get(row.id)))
    homework: dict[date, list[DiaryHomework]] = defaultdict(list)
    for item in sorted(rows.homework, key=lambda row: row.id):
        homework[item.due_on].append(
            DiaryHomework(
                id=item.id,
                subject_id=item.subject_id,
                subject=item.subject,
                text=item.text,
                mandatory=item.mandatory,
                minutes=item.minutes,
            )
        )
    noticed = {row.day for row in rows.notices}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        DiaryDay(day=day, absence_notice=day in noticed, lessons=lessons[day], homework=homework[day]) for day in days
    ]


def averages(counted: Iterable[CountedRow]) -> list[SubjectAverage]:
    """The average of each subject that has a mark, by the subject's name."""
    subjects: dict[tuple[str, UUID], list[tuple[str, Decimal]]] = defaultdict(list)
    for row in counted:
        subjects[row.subject, row.subject_id].append((row.value, row.weight))
    return [
        SubjectAverage(subject_id=subject_id, subject=subject, average=average(marks), marks=len(marks))
        for (subject, subject_id), marks in sorted(subjects.items())
    ]


def _lesson(row: LessonRow, marks: list[MarkRow], absence: DiaryAbsence | None) -> DiaryLesson:
    return DiaryLesson(
        id=row.id,
        number=row.number,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        subject_id=row.subject_id,
        subject=row.subject,
        room=row.room,
        topic=row.topic,
        marks=[
            DiaryMark(
                work_id=mark.work_id,
                kind=mark.kind,
                topic=mark.topic,
                value=mark.value,
                weight=mark.weight,
                comment=mark.comment,
                set_at=mark.set_at,
            )
            for mark in marks
        ],
        absence=absence,
    )
