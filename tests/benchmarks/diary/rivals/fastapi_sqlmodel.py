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
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.attendance.models import AbsenceNoticeDay, AttendanceVersion, ExcuseVersion
from backend.files.models import StoredFile
from backend.homework.models import Homework, HomeworkDone, HomeworkStudent
from backend.identity.models import Account, AuthSession
from backend.journal.models import MarkVersion, Remark, Work
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
    set_by: str | None


class AbsenceOut(Out):
    code: str
    symbol: str | None
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
    state: str
    remote: bool
    substitution: bool
    moved_to: UUID | None
    marks: list[MarkOut]
    absence: AbsenceOut | None


class FileOut(Out):
    id: UUID
    name: str
    media_type: str
    size: int


class HomeworkOut(Out):
    id: UUID
    subject_id: UUID
    subject: str
    text: str
    mandatory: bool
    minutes: int | None
    links: list[str]
    files: list[FileOut]
    individual: bool
    done: bool
    edited_at: datetime | None


class RemarkOut(Out):
    id: UUID
    kind: str
    text: str
    subject: str | None


class DayOut(Out):
    day: date
    absence_notice: bool
    lessons: list[LessonOut]
    homework: list[HomeworkOut]
    remarks: list[RemarkOut]


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
) -> list[tuple[MarkVersion, Work, Account | None]]:
    rows = await session.exec(
        select(MarkVersion, Work, Account).join(Work, col(Work.id) == MarkVersion.work_id)
        .outerjoin(Account, col(Account.id) == MarkVersion.set_by)
        .where(MarkVersion.student_id == child_id, MarkVersion.day >= first, MarkVersion.day <= last,
               MarkVersion.visible_from <= datetime.now(UTC))
        .order_by(col(MarkVersion.work_id), col(MarkVersion.slot), col(MarkVersion.version))
    )  # fmt: skip
    newest = {(mark.work_id, mark.slot): (mark, work, author) for mark, work, author in rows}
    return [found for found in newest.values() if found[0].value is not None]


async def newest_excuses(session: AsyncSession, child_id: UUID, first: date, last: date) -> dict[date, ExcuseVersion]:
    rows = await session.exec(
        select(ExcuseVersion)
        .where(ExcuseVersion.student_id == child_id, ExcuseVersion.day >= first, ExcuseVersion.day <= last)
        .order_by(col(ExcuseVersion.version))
    )
    return {excuse.day: excuse for excuse in rows}


def excused(fact: str, lesson: Lesson, excuse: ExcuseVersion | None, noticed: bool) -> str:
    if fact not in ("absent", "excused", "unexcused", "ill"):
        return fact
    if excuse and excuse.state and (excuse.lessons is None or lesson.number in excuse.lessons):
        return excuse.state
    return "excused" if fact == "absent" and noticed else fact


def name_of(author: Account | None) -> str | None:
    return author and " ".join(filter(None, (author.family_name, author.given_name, author.patronymic)))


async def remarks_of(session: AsyncSession, child_id: UUID, first: date, last: date) -> dict[date, list[RemarkOut]]:
    rows = await session.exec(
        select(Remark, Subject).outerjoin(Lesson, col(Lesson.id) == Remark.lesson_id)
        .outerjoin(Subject, col(Subject.id) == Lesson.subject_id)
        .where(Remark.student_id == child_id, Remark.day >= first, Remark.day <= last,
               col(Remark.taken_back_at).is_(None))
        .order_by(col(Remark.id))
    )  # fmt: skip
    said: dict[date, list[RemarkOut]] = defaultdict(list)
    for remark, subject in rows:
        said[remark.day].append(
            RemarkOut(id=remark.id, kind=remark.kind, text=remark.body, subject=subject and subject.name)
        )
    return said


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
        .where(col(Homework.removed_at).is_(None)).order_by(col(Homework.id))
    )  # fmt: skip
    homework = homework.all()
    given = [item.id for item, _ in homework]
    own = select(HomeworkStudent.homework_id).where(HomeworkStudent.student_id == child_id)
    mine_alone = set(await session.exec(own.where(col(HomeworkStudent.homework_id).in_(given))))
    ticked = select(HomeworkDone.homework_id).where(HomeworkDone.student_id == child_id)
    done = set(await session.exec(ticked.where(col(HomeworkDone.homework_id).in_(given))))
    files: dict[UUID, list[FileOut]] = defaultdict(list)
    attached = select(StoredFile).where(col(StoredFile.owner_id).in_(given), StoredFile.owner_kind == "homework")
    for file in await session.exec(attached.order_by(col(StoredFile.position))):
        files[file.owner_id].append(FileOut(id=file.id, name=file.name, media_type=file.media_type, size=file.size))
    due: dict[date, list[HomeworkOut]] = defaultdict(list)
    for item, subject in homework:
        if mine(item.group_id, item.due_on) and (not item.individual or item.id in mine_alone):
            due[item.due_on].append(
                HomeworkOut(
                    id=item.id, subject_id=item.subject_id, subject=subject.name, text=item.body,
                    mandatory=item.mandatory, minutes=item.minutes, links=item.links, files=files[item.id],
                    individual=item.individual, done=item.id in done, edited_at=item.edited_at,
                )
            )  # fmt: skip
    notices = set(
        await session.exec(
            select(AbsenceNoticeDay.day).where(
                AbsenceNoticeDay.student_id == child_id,
                AbsenceNoticeDay.day >= first,
                AbsenceNoticeDay.day <= last,
            )
        )
    )
    codes = await session.exec(
        select(AttendanceVersion)
        .where(
            AttendanceVersion.student_id == child_id, col(AttendanceVersion.lesson_id).in_([x.id for x, _ in taught]),
            AttendanceVersion.visible_from <= datetime.now(UTC),
        )
        .order_by(col(AttendanceVersion.version))
    )  # fmt: skip
    facts = {code.lesson_id: code for code in codes}
    excuses = await newest_excuses(session, child_id, first, last)
    absences = {
        lesson.id: AbsenceOut(
            code=excused(fact.code, lesson, excuses.get(lesson.day), lesson.day in notices),
            symbol=fact.symbol, minutes=fact.minutes,
        )
        for lesson, _ in taught if (fact := facts.get(lesson.id)) and fact.code != "present"
    }  # fmt: skip
    said = await remarks_of(session, child_id, first, last)
    marks: dict[UUID, list[MarkOut]] = defaultdict(list)
    counted: dict[UUID, list[tuple[str, Decimal]]] = defaultdict(list)
    for mark, work, author in await newest_marks(session, child_id, min(first, span[0]), max(last, span[1])):
        assert mark.value is not None
        if first <= mark.day <= last:
            marks[work.lesson_id].append(
                MarkOut(
                    work_id=work.id, slot=mark.slot, due_on=mark.due_on, kind=work.kind,
                    topic=work.topic, value=mark.value, weight=work.weight,
                    comment=mark.comment, set_at=mark.set_at, set_by=name_of(author),
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
                day=shown, absence_notice=shown in notices, homework=due[shown], remarks=said[shown],
                lessons=[
                    LessonOut(
                        id=lesson.id, number=lesson.number, starts_at=lesson.starts_at, ends_at=lesson.ends_at,
                        subject_id=lesson.subject_id, subject=subject.name, room=lesson.room, topic=lesson.topic,
                        state=lesson.state, remote=lesson.remote, moved_to=lesson.moved_to,
                        substitution=bool(lesson.replaces_teacher_id or lesson.replaces_subject_id),
                        marks=marks[lesson.id], absence=absences.get(lesson.id),
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


def average(marks: list[tuple[str, Decimal]]) -> Decimal | None:
    numbers = [(Decimal(value), weight) for value, weight in marks if value in "12345"]
    weight = sum((weight for _, weight in numbers), Decimal())
    if not weight:
        return None
    return (sum((value * of for value, of in numbers), Decimal()) / weight).quantize(Decimal("0.01"), ROUND_HALF_UP)
