"""Giving works, setting marks, deciding over late corrections, and how a school keeps its journal."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import school_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.identity import repository as identity
from backend.identity.acting import Acting
from backend.journal import corrections, marks, repository, rules
from backend.journal.marks import Batch, Place, Scene, standing_of
from backend.journal.models import CorrectionRequest, JournalSetting, Work, WorkWeight
from backend.school import repository as school
from backend.school import rights
from backend.timetable import repository as timetable
from backend.timetable.repository import LessonInSchool
from backend.timetable.service import lesson_to_supplement, lesson_to_write
from schemas import journal as wire

_MOST_WAITING = 100


async def give_work(session: AsyncSession, acting: Acting, wish: wire.GiveWork, now: datetime) -> wire.Work:
    """A work for the lesson's group.

    Raises:
        NotFound: the lesson is not the caller's.
        Invalid: it would be published too late, or before its lesson.
    """
    lesson, _, _ = await lesson_to_supplement(session, acting.account_id, wish.lesson_id, now)
    if rules.is_published_too_late(wish.publish_at, now):
        raise Invalid({"/publishAt": "too-far"})
    if rules.is_published_too_early(wish.publish_at, lesson.day):
        raise Invalid({"/publishAt": "before-the-lesson"})
    return as_wire(await add_work(session, lesson, acting.account_id, wish, now))


async def add_work(
    session: AsyncSession, lesson: LessonInSchool, author: UUID, wish: wire.GiveWork, now: datetime
) -> Work:
    """Writes a work of a lesson that the author may write in."""
    work = new_work(lesson, author, wish, await repository.weights(session, lesson.school_id), now)
    session.add(work)
    await session.flush()
    return work


def new_work(
    lesson: LessonInSchool, author: UUID | None, wish: wire.GiveWork, weights: dict[str, Decimal], now: datetime
) -> Work:
    """A work as it is given; `weights` are the school's own."""
    return Work(
        id=new_id(),
        school_id=lesson.school_id,
        lesson_id=lesson.id,
        group_id=lesson.group_id,
        subject_id=lesson.subject_id,
        kind=wish.kind,
        topic=wish.topic,
        weight=rules.weight_of(wish.kind, weights),
        counted=wish.counted,
        day=lesson.day,
        created_by=author,
        created_at=now,
        publish_at=wish.publish_at,
    )


async def set_marks(
    session: AsyncSession, acting: Acting, work_id: UUID, wish: wire.SetMarks, now: datetime
) -> wire.Marks:
    """Sets, corrects and removes marks of one work, all or nothing, and tells the families.

    Raises:
        NotFound: no such work, or not the caller's.
        Invalid, Stale: as `marks.write` says.
    """
    known = await session.get(Work, work_id)
    if known is None:
        raise NotFound
    lesson, today, adds_only = await lesson_to_supplement(session, acting.account_id, known.lesson_id, now)
    await repository.hold_period(session, lesson.school_id, lesson.day)
    work = await repository.work_for_update(session, work_id)
    if work is None:
        raise NotFound
    batch = Batch(work, wish.marks, "/marks")
    written = await marks.write(session, lesson, today, acting.account_id, [batch], now, adds_only=adds_only)
    items = [wire.Mark(**row) for row in await repository.marks_of_works(session, [work_id])]
    return wire.Marks(items=items, changed=written.changed, pending=written.pending)


async def mark_history(
    session: AsyncSession, acting: Acting, work_id: UUID, student_id: UUID, slot: int, now: datetime
) -> wire.MarkHistory:
    """All versions of a mark, for who may write in that journal. Raises NotFound for others."""
    work = await session.get(Work, work_id)
    if work is None:
        raise NotFound
    await lesson_to_write(session, acting.account_id, work.lesson_id, now)
    versions = await repository.history(session, work_id, student_id, slot)
    if not versions:
        raise NotFound
    names = await identity.names(session, {version.set_by for version in versions if version.set_by is not None})
    return wire.MarkHistory(
        work_id=work_id,
        student_id=student_id,
        slot=slot,
        versions=[
            wire.MarkEntry(
                version=version.version,
                value=version.value,  # type: ignore[arg-type]
                comment=version.comment,
                due_on=version.due_on,
                reason=version.reason,
                set_by=version.set_by,
                set_by_name=names.get(version.set_by) if version.set_by else None,
                set_at=version.set_at,
            )
            for version in versions
        ],
    )


async def waiting_corrections(session: AsyncSession, acting: Acting, now: datetime) -> wire.Corrections:
    """What waits for the caller's decision as a deputy director."""
    schools = await rights.schools_with_role(session, acting.account_id, "deputy", now)
    found = await corrections.waiting(session, schools, _MOST_WAITING)
    return wire.Corrections(
        items=[
            wire.Correction(
                id=request.id,
                work_id=request.work_id,
                student_id=request.student_id,
                slot=request.slot,
                old=old,
                value=request.value,  # type: ignore[arg-type]
                comment=request.comment,
                due_on=request.due_on,
                reason=request.reason,
                asked_by=request.asked_by,
                asked_at=request.asked_at,
            )
            for request, old in found
        ]
    )


async def decide_correction(
    session: AsyncSession, acting: Acting, request_id: UUID, wish: wire.DecideCorrection, now: datetime
) -> wire.CorrectionDecided:
    """Approves or declines; approved, it becomes a version with the author's reason.

    Raises:
        NotFound: no such request at a school where the caller is deputy director.
        Conflict: it has been decided (`correction-decided`), or the mark or the period has changed since
            (`correction-overtaken`).
    """
    request = await corrections.request_for_update(session, request_id)
    schools = await rights.schools_with_role(session, acting.account_id, "deputy", now)
    if request is None or request.school_id not in schools:
        raise NotFound
    if request.decided_at is not None:
        raise Conflict(code="correction-decided")
    known = await session.get_one(Work, request.work_id)
    lesson = await timetable.lesson(session, known.lesson_id)
    await repository.hold_period(session, request.school_id, known.day)
    work = await repository.work_for_update(session, request.work_id)
    if work is None or lesson is None:
        raise NotFound
    if wish.approve:
        await _apply(session, work, lesson, request, now)
    request.decided_by, request.decided_at, request.approved = acting.account_id, now, wish.approve
    request.answer = wish.answer
    await session.flush()
    await corrections.tell_decision(session, lesson, request)
    return wire.CorrectionDecided(id=request.id, approved=wish.approve)


async def _apply(
    session: AsyncSession, work: Work, lesson: LessonInSchool, request: CorrectionRequest, now: datetime
) -> None:
    key = (request.work_id, request.student_id, request.slot)
    row = (await repository.standing_marks(session, [work.id], [request.student_id])).get(key)
    closed = await repository.closed_for(session, work.day, [request.student_id])
    members = await school.member_ids(session, lesson.group_id, lesson.day)
    mark = wire.SetMark(
        student_id=request.student_id,
        value=request.value,  # type: ignore[arg-type]
        comment=request.comment,
        slot=request.slot,
        due_on=request.due_on,
        reason=request.reason,
    )
    today = school_date(now, lesson.timezone)
    overtaken = row is None or row["version"] != request.version or closed or request.student_id not in members
    if overtaken or rules.dot_problem(mark, today) is not None:
        raise Conflict(code="correction-overtaken")
    place = Place(work, mark, "", standing_of(row, lesson.timezone))
    scene = Scene(lesson, today, request.asked_by, now)
    await marks.append(session, scene, [place])


async def settings(session: AsyncSession, acting: Acting, school_id: UUID, now: datetime) -> wire.JournalSettings:
    """How a school keeps its journal, for who works there. Raises NotFound for others."""
    await rights.require_staff(session, acting.account_id, school_id, now)
    return await _settings(session, school_id)


async def change_settings(
    session: AsyncSession, acting: Acting, school_id: UUID, wish: wire.ChangeJournalSettings, now: datetime
) -> wire.JournalSettings:
    """By the deputy director.

    Raises:
        NotFound: for everybody else.
        Invalid: a weight is not above 0, above 10, or has more than two places.
    """
    problems = rules.weight_problems(wish.weights)
    if problems:
        raise Invalid(problems)
    if school_id not in await rights.schools_with_role(session, acting.account_id, "deputy", now):
        raise NotFound
    held = await repository.setting(session, school_id)
    delay = held.mark_delay_minutes if wish.mark_delay_minutes is None else wish.mark_delay_minutes
    shown = held.rating_shown if wish.rating_shown is None else wish.rating_shown
    row = {"school_id": school_id, "mark_delay_minutes": delay, "rating_shown": shown}
    statement = upsert(JournalSetting).values(row)
    await session.execute(statement.on_conflict_do_update(index_elements=["school_id"], set_=row))
    if wish.weights:
        rows = [{"school_id": school_id, "kind": kind, "weight": weight} for kind, weight in wish.weights.items()]
        insert = upsert(WorkWeight)
        await session.execute(
            insert.on_conflict_do_update(index_elements=["school_id", "kind"], set_={"weight": insert.excluded.weight}),
            rows,
        )
    session.expire_all()
    return await _settings(session, school_id)


async def _settings(session: AsyncSession, school_id: UUID) -> wire.JournalSettings:
    held = await repository.setting(session, school_id)
    own = await repository.weights(session, school_id)
    return wire.JournalSettings(
        school_id=school_id,
        mark_delay_minutes=held.mark_delay_minutes,
        rating_shown=held.rating_shown,
        weights={kind: rules.weight_of(kind, own) for kind in rules.WEIGHTS},
    )


def as_wire(work: Work) -> wire.Work:
    return wire.Work(
        id=work.id,
        lesson_id=work.lesson_id,
        kind=work.kind,  # type: ignore[arg-type]
        topic=work.topic,
        weight=work.weight,
        counted=work.counted,
        day=work.day,
        publish_at=work.publish_at,
    )
