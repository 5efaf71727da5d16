"""FastAPI with SQLModel entities, as their documentation writes it: a session, selects, relationships, a model out."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.attendance.models import AbsenceNoticeDay, AttendanceVersion
from backend.homework.models import Homework
from backend.identity.models import Account, AuthSession
from backend.journal.models import MarkVersion, Work
from backend.school.models import (
    Enrolment,
    GroupMember,
    Guardianship,
    Period,
    School,
    SchoolClass,
    SchoolRole,
    Student,
    StudyGroup,
    Subject,
)
from backend.timetable.models import Lesson
from tests.benchmarks.diary.rivals.bearer import DATABASE, read_token

engine = create_async_engine(DATABASE, pool_size=10, max_overflow=0)
app = FastAPI()


class Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class MarkOut(Out):
    work_id: UUID
    slot: int
    due_on: date | None
    kind: str
    topic: str | None
    value: str
    weight: Decimal
    comment: str | None
    set_at: datetime


class AbsenceOut(Out):
    code: str
    minutes: int | None


class LessonOut(Out):
    id: UUID
    number: int
    starts_at: datetime
    ends_at: datetime
    subject_id: UUID
    subject: str
    room: str | None
    topic: str | None
    marks: list[MarkOut]
    absence: AbsenceOut | None


class HomeworkOut(Out):
    id: UUID
    subject_id: UUID
    subject: str
    text: str
    mandatory: bool
    minutes: int | None


class DayOut(Out):
    day: date
    absence_notice: bool
    lessons: list[LessonOut]
    homework: list[HomeworkOut]


class AverageOut(Out):
    subject_id: UUID
    subject: str
    average: Decimal | None
    marks: int


class WeekOut(Out):
    child_id: UUID
    first_day: date
    last_day: date
    today: date
    days: list[DayOut]
    averages: list[AverageOut]


async def get_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine) as session, session.begin():
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


async def get_account(session: Session, authorization: Annotated[str, Header()]) -> Account:
    token = read_token(authorization)
    if token is None:
        raise HTTPException(401)
    await session.execute(text("SELECT set_config('app.account', :account, true)"), {"account": str(token[0])})
    signed_in = await session.get(AuthSession, token[1])
    account = await session.get(Account, token[0])
    if signed_in is None or signed_in.ended_at or account is None or account.disabled_at:
        raise HTTPException(401)
    return account


def on(starts: date, ends: date | None, day: date) -> bool:
    return starts <= day and (ends is None or day <= ends)


async def may_view(session: AsyncSession, account: Account, student: Student, today: date) -> bool:
    if student.account_id == account.id:
        return True
    links = await session.exec(
        select(Guardianship).where(Guardianship.student_id == student.id, Guardianship.account_id == account.id)
    )
    if any(link.may_view and on(link.starts, link.ends, today) for link in links):
        return True
    roles = await session.exec(
        select(SchoolRole).where(SchoolRole.account_id == account.id, SchoolRole.school_id == student.school_id)
    )
    held = [role.role for role in roles if on(role.starts, role.ends, today)]
    if {"deputy", "director"} & set(held):
        return True
    led = await session.exec(
        select(Enrolment).join(SchoolClass, col(SchoolClass.id) == Enrolment.class_id)
        .where(Enrolment.student_id == student.id, SchoolClass.class_teacher_id == account.id)
    )  # fmt: skip
    return bool(held) and any(on(link.starts, link.ends, today) for link in led)


async def groups_of(session: AsyncSession, child_id: UUID) -> list[tuple[UUID, date, date | None]]:
    whole = await session.exec(
        select(StudyGroup.id, Enrolment.starts, Enrolment.ends)
        .join(Enrolment, col(Enrolment.class_id) == StudyGroup.class_id)
        .where(Enrolment.student_id == child_id, col(StudyGroup.whole_class))
    )
    own = await session.exec(
        select(GroupMember.group_id, GroupMember.starts, GroupMember.ends).where(GroupMember.student_id == child_id)
    )
    return [*whole, *own]


async def newest_marks(
    session: AsyncSession, child_id: UUID, first: date, last: date
) -> list[tuple[MarkVersion, Work]]:
    rows = await session.exec(
        select(MarkVersion, Work).join(Work, col(Work.id) == MarkVersion.work_id)
        .where(MarkVersion.student_id == child_id, MarkVersion.day >= first, MarkVersion.day <= last,
               MarkVersion.visible_from <= datetime.now(UTC))
        .order_by(col(MarkVersion.work_id), col(MarkVersion.slot), col(MarkVersion.version))
    )  # fmt: skip
    newest = {(mark.work_id, mark.slot): (mark, work) for mark, work in rows}
    return [pair for pair in newest.values() if pair[0].value is not None]


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    return {}


@app.get("/v1/children/{child_id}/week")
async def week(
    child_id: UUID, session: Session, account: Annotated[Account, Depends(get_account)], day: date | None = None
) -> WeekOut:
    student = await session.get(Student, child_id)
    if student is None or student.left_on:
        raise HTTPException(404)
    school = await session.get(School, student.school_id)
    assert school is not None
    today = datetime.now(UTC).astimezone(ZoneInfo(school.timezone)).date()
    if not await may_view(session, account, student, today):
        raise HTTPException(404)
    asked = day or today
    first = asked - timedelta(days=asked.weekday())
    last = first + timedelta(days=6)
    period = (
        await session.exec(
            select(Period).where(Period.school_id == school.id, Period.starts <= asked, Period.ends >= asked)
        )
    ).first()
    span = (period.starts, period.ends) if period else (first, last)
    groups = await groups_of(session, child_id)
    ids = [group[0] for group in groups]

    def mine(group_id: UUID, day: date) -> bool:
        return any(group[0] == group_id and on(group[1], group[2], day) for group in groups)

    lessons = await session.exec(
        select(Lesson, Subject).join(Subject, col(Subject.id) == Lesson.subject_id)
        .where(col(Lesson.group_id).in_(ids), Lesson.day >= first, Lesson.day <= last).order_by(col(Lesson.starts_at))
    )  # fmt: skip
    taught = [(lesson, subject) for lesson, subject in lessons if mine(lesson.group_id, lesson.day)]
    homework = await session.exec(
        select(Homework, Subject).join(Subject, col(Subject.id) == Homework.subject_id)
        .where(col(Homework.group_id).in_(ids), Homework.due_on >= first, Homework.due_on <= last)
        .order_by(col(Homework.id))
    )  # fmt: skip
    due: dict[date, list[HomeworkOut]] = defaultdict(list)
    for item, subject in homework:
        if mine(item.group_id, item.due_on):
            due[item.due_on].append(
                HomeworkOut(
                    id=item.id, subject_id=item.subject_id, subject=subject.name, text=item.body,
                    mandatory=item.mandatory, minutes=item.minutes,
                )
            )  # fmt: skip
    codes = await session.exec(
        select(AttendanceVersion)
        .where(
            AttendanceVersion.student_id == child_id, col(AttendanceVersion.lesson_id).in_([x.id for x, _ in taught])
        )
        .order_by(col(AttendanceVersion.version))
    )
    absences = {code.lesson_id: AbsenceOut(code=code.code, minutes=code.minutes) for code in codes}
    notices = set(
        await session.exec(
            select(AbsenceNoticeDay.day).where(
                AbsenceNoticeDay.student_id == child_id,
                or_(AbsenceNoticeDay.day >= first),
                AbsenceNoticeDay.day <= last,
            )
        )
    )
    marks: dict[UUID, list[MarkOut]] = defaultdict(list)
    counted: dict[UUID, list[tuple[str, Decimal]]] = defaultdict(list)
    for mark, work in await newest_marks(session, child_id, min(first, span[0]), max(last, span[1])):
        assert mark.value is not None
        if first <= mark.day <= last:
            marks[work.lesson_id].append(
                MarkOut(
                    work_id=work.id, slot=mark.slot, due_on=mark.due_on, kind=work.kind,
                    topic=work.topic, value=mark.value, weight=work.weight,
                    comment=mark.comment, set_at=mark.set_at,
                )
            )  # fmt: skip
        if work.counted and span[0] <= mark.day <= span[1]:
            counted[work.subject_id].append((mark.value, work.weight))
    names = {
        subject.id: subject.name for subject in await session.exec(select(Subject).where(col(Subject.id).in_(counted)))
    }
    return WeekOut(
        child_id=child_id, first_day=first, last_day=last, today=today,
        days=[
            DayOut(
                day=shown, absence_notice=shown in notices, homework=due[shown],
                lessons=[
                    LessonOut(
                        id=lesson.id, number=lesson.number, starts_at=lesson.starts_at, ends_at=lesson.ends_at,
                        subject_id=lesson.subject_id, subject=subject.name, room=lesson.room, topic=lesson.topic,
                        marks=marks[lesson.id],
                        absence=None if absences.get(lesson.id, present).code == "present" else absences[lesson.id],
                    )
                    for lesson, subject in taught if lesson.day == shown
                ],
            )
            for shown in (first + timedelta(days=number) for number in range(7))
        ],
        averages=[
            AverageOut(subject_id=subject, subject=names[subject], marks=len(found), average=average(found))
            for subject, found in sorted(counted.items(), key=lambda item: (names[item[0]], item[0]))
        ],
    )  # fmt: skip


present = AbsenceOut(code="present", minutes=None)


def average(marks: list[tuple[str, Decimal]]) -> Decimal | None:
    numbers = [(Decimal(value), weight) for value, weight in marks if value in "12345"]
    weight = sum((weight for _, weight in numbers), Decimal())
    if not weight:
        return None
    return (sum((value * of for value, of in numbers), Decimal()) / weight).quantize(Decimal("0.01"), ROUND_HALF_UP)
