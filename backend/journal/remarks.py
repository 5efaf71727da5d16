"""Remarks and praise at a lesson or outside of it, and the behaviour of each week."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.days import check_range, days_after, week_of
from backend.core.errors import Invalid, NotFound, Stale
from backend.core.ids import new_id
from backend.core.versions import touch
from backend.identity.acting import Acting
from backend.journal import remark_answers as answers
from backend.journal import remark_repository as repository
from backend.journal.models import Remark
from backend.school import reads, rights
from backend.school import repository as school
from backend.school.rules import is_old_news
from backend.timetable.service import lesson_to_write
from push import outbox
from push.outbox import NewAlert
from schemas import remarks as wire
from schemas.alerts import PraiseGiven, RemarkGiven, Target

_BACK = timedelta(days=14)


async def at_lesson(
    session: AsyncSession, acting: Acting, lesson_id: UUID, wish: wire.GiveRemark, now: datetime
) -> wire.Remark:
    """A remark or praise at a lesson; the parents are told.

    Raises:
        NotFound: the lesson is not the caller's.
        Invalid: the student is not in the group.
    """
    lesson, today = await lesson_to_write(session, acting.account_id, lesson_id, now)
    if wish.student_id not in await school.member_ids(session, lesson.group_id, lesson.day):
        raise Invalid({"/studentId": "not-in-group"})
    remark = Remark(
        id=new_id(), school_id=lesson.school_id, student_id=wish.student_id, lesson_id=lesson.id, day=lesson.day,
        kind=wish.kind, body=wish.text, author_id=acting.account_id, given_at=now,
    )  # fmt: skip
    return await _give(session, remark, lesson.subject, lesson.timezone, today)


async def to_child(
    session: AsyncSession, acting: Acting, child_id: UUID, wish: wire.GiveRemarkToChild, now: datetime
) -> wire.Remark:
    """The same outside of lessons, by the class teacher or the deputy.

    Raises:
        NotFound: the caller does not lead the child.
        Invalid: the day is to come, or too long ago.
    """
    child = await rights.child_to_lead(session, acting.account_id, child_id, now)
    day = wish.day or child.today
    if not child.today - _BACK <= day <= child.today:
        raise Invalid({"/day": "too-far"})
    remark = Remark(
        id=new_id(), school_id=child.school_id, student_id=child_id, lesson_id=None, day=day, kind=wish.kind,
        body=wish.text, author_id=acting.account_id, given_at=now,
    )  # fmt: skip
    return await _give(session, remark, "", child.timezone, child.today)


async def take_back(session: AsyncSession, acting: Acting, remark_id: UUID, now: datetime) -> None:
    """The author, or the deputy, takes a remark back; families see it no more, the record stays.

    Raises:
        NotFound: no such remark, or another's.
    """
    remark = await repository.remark_for_update(session, remark_id)
    if remark is None or remark.taken_back_at is not None:
        raise NotFound
    own = remark.author_id == acting.account_id
    role = None if own else "deputy"
    if remark.school_id not in await rights.schools_with_role(session, acting.account_id, role, now):
        raise NotFound
    remark.taken_back_by, remark.taken_back_at = acting.account_id, now
    await session.flush()
    touch(session, [remark.student_id])
    await outbox.withdraw(session, _thread(remark), str(remark.id), now)
    await answers.take_back(session, remark.id, now)


async def of_child(
    session: AsyncSession, acting: Acting, child_id: UUID, first: date | None, last: date | None, now: datetime
) -> wire.Remarks:
    """What was said of a child, and the behaviour of its weeks; without dates of the last four weeks.

    Raises:
        NotFound: no right to the child.
        Invalid: the days are in the wrong order, or more than a year.
    """
    child = await rights.child_to_view(session, acting.account_id, child_id, now)
    last = last or child.today
    first = first or days_after(last, -timedelta(days=27))
    check_range(first, last)
    monday, _ = week_of(first)
    weeks = await repository.behaviour(session, [child_id], monday, last)
    rows = await repository.remarks(session, acting.account_id, child_id, first, last)
    # What a guardian answered is the school's to read: not the student's, not another guardian's.
    told = await repository.answers(session, [row["id"] for row in rows]) if rows and child.leads else {}
    return wire.Remarks(
        first_day=first, last_day=last,
        items=[answers.shown(row, told) for row in rows],
        behaviour=[
            wire.WeekBehaviour(week=row["week"], value=row["value"], comment=row["comment"])
            for row in weeks
            if row["value"] is not None
        ],
    )  # fmt: skip


async def class_behaviour(
    session: AsyncSession, acting: Acting, class_id: UUID, day: date, now: datetime
) -> wire.ClassBehaviour:
    """The behaviour of a class in the week of a day. Raises NotFound for who does not lead the class."""
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    week, sunday = week_of(day)
    people = await reads.students_in_class(session, class_id, min(led.today, sunday))
    standing = await _standing(session, [one.id for one in people], week)
    return wire.ClassBehaviour(
        class_id=class_id, week=week,
        students=[
            wire.StudentBehaviour(
                student_id=one.id, family_name=one.family_name, given_name=one.given_name,
                **standing.get(one.id, _NOTHING),
            )
            for one in people
        ],
    )  # fmt: skip


async def set_behaviour(
    session: AsyncSession, acting: Acting, class_id: UUID, day: date, wish: wire.SetBehaviour, now: datetime
) -> wire.ClassBehaviour:
    """Sets the behaviour of a class's students in the week of a day, all or nothing.

    Raises:
        NotFound: the caller does not lead the class.
        Invalid: the week has not begun, or a student is named twice or is not in the class.
        Stale: somebody changed one after the caller saw it.
    """
    led = await rights.class_to_lead(session, acting.account_id, class_id, now)
    week, sunday = week_of(day)
    if week > led.today:
        raise Invalid({"": "too-far"})
    students = set(await school.students_of_class(session, class_id, min(led.today, sunday)))
    named = [entry.student_id for entry in wish.entries]
    wrong = {
        f"/entries/{number}/studentId": "repeated" if student in students else "not-in-class"
        for number, student in enumerate(named)
        if student not in students or named.index(student) != number
    }
    if wrong:
        raise Invalid(wrong)
    for student in sorted(named):
        await school.lock_student(session, student)
    standing = await _standing(session, named, week)
    rows: list[dict[str, Any]] = []
    for entry in wish.entries:
        before = standing.get(entry.student_id, _NOTHING)
        if (before["value"], before["comment"]) == (entry.value, entry.comment):
            continue
        if entry.version is not None and entry.version != before["version"]:
            raise Stale(current=before["value"] or "—")
        rows.append(
            {
                "student_id": entry.student_id, "week": week, "version": before["version"] + 1,
                "school_id": led.school_id, "value": entry.value, "comment": entry.comment,
                "set_by": acting.account_id, "set_at": now,
            }
        )  # fmt: skip
    if rows:
        await repository.append_behaviour(session, rows)
        touch(session, named)
    return await class_behaviour(session, acting, class_id, day, now)


_NOTHING: dict[str, Any] = {"value": None, "comment": None, "version": 0}


async def _standing(session: AsyncSession, students: list[UUID], week: date) -> dict[UUID, dict[str, Any]]:
    rows = await repository.behaviour(session, students, week, week)
    return {row["student_id"]: {name: row[name] for name in _NOTHING} for row in rows}


async def _give(session: AsyncSession, remark: Remark, subject: str, timezone: str, today: date) -> wire.Remark:
    session.add(remark)
    await session.flush()
    touch(session, [remark.student_id])
    body = PraiseGiven if remark.kind == "praise" else RemarkGiven
    alerts = [
        NewAlert(
            school_id=remark.school_id,
            account_id=receiver.account_id,
            child_id=receiver.child_id,
            body=body(child=receiver.child_name, subject=subject, day=remark.day),
            target=Target(screen="remarks", child_id=receiver.child_id, on=remark.day, entity_id=remark.id),
            thread=_thread(remark),
            entity=str(remark.id),
            occurred_at=remark.given_at,
            timezone=timezone,
            feed_only=is_old_news(today - remark.day),
        )
        for receiver in await school.parents_told(session, [remark.student_id], today)
    ]
    await outbox.append(session, alerts)
    return await answers.one(session, remark.author_id, remark.id)


def _thread(remark: Remark) -> str:
    return f"remarks:{remark.student_id}:{remark.day}"
