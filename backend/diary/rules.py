"""Rows of the rooms -> days, lessons and averages as a family reads them. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from backend.core.build import BUILD
from backend.diary.repository import Days, LessonRow, MarkRow, SumRow
from backend.journal.rules import average_of
from schemas.diary import DiaryAbsence, DiaryDay, DiaryHomework, DiaryLesson, DiaryMark, SubjectAverage


def tag_of(rights: str | None, version: str | None, today: date, first: date | None, language: str) -> str:
    """The ETag of a page. It holds for who may do the same with the child, in one language, on one day of the
    school, of one release, as long as nothing that is shown has changed (DESIGN.md section 4)."""
    parts = f"{BUILD}|{rights}|{version}|{today}|{first}|{language}"
    # Weak: what is compressed on the way differs in its bytes (RFC 9110 section 8.8.1).
    return f'W/"{hashlib.sha256(parts.encode()).hexdigest()[:32]}"'


def known_tags(header: str | None) -> frozenset[str]:
    """The tags of If-None-Match; compared weakly, so that a W/ lost on the way does not matter (RFC 9110 13.1.2)."""
    tags = (header or "").split(",")
    return frozenset("W/" + tag.strip().removeprefix("W/") for tag in tags if tag.strip())


def lay_out(rows: Days, first: date, last: date) -> list[DiaryDay]:
    """The days in order, each with its lessons by number, their marks and absences, and the homework due."""
    marks: dict[UUID, list[MarkRow]] = defaultdict(list)
    for mark in sorted(rows.marks, key=lambda row: (row.work_id, row.slot)):
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


def averages(sums: Iterable[SumRow]) -> list[SubjectAverage]:
    """The average of each subject that has a mark, by the subject's name."""
    return [
        SubjectAverage(
            subject_id=row.subject_id, subject=row.subject, average=average_of(row.total, row.weight), marks=row.marks
        )
        for row in sorted(sums, key=lambda row: (row.subject, row.subject_id))
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
                slot=mark.slot,
                kind=mark.kind,
                topic=mark.topic,
                value=mark.value,
                due_on=mark.due_on,
                weight=mark.weight,
                comment=mark.comment,
                set_at=mark.set_at,
            )
            for mark in marks
        ],
        absence=absence,
    )
