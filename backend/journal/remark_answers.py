"""Guardians acknowledge a remark or praise and may answer it, once; the author and the class teacher read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import Conflict, NotFound
from backend.identity.acting import Acting
from backend.journal import remark_repository as repository
from backend.journal.models import Remark, RemarkAnswer
from backend.school import rights
from backend.school.rights import ChildAccess
from push import outbox
from push.outbox import NewAlert
from schemas import remarks as wire
from schemas.alerts import RemarkAnswered, Target


async def acknowledge(
    session: AsyncSession, acting: Acting, remark_id: UUID, wish: wire.AcknowledgeRemark, now: datetime
) -> wire.RemarkAcknowledged:
    """Notes that a guardian has seen a remark, and the answer. Said again it changes nothing.

    Raises:
        NotFound: no such remark, taken back, or the caller is no guardian who may see the child.
        Conflict: the caller has answered it in other words (`already-answered`).
    """
    # Held, so that whoever takes it back at this moment withdraws our alert, or we find it gone.
    remark = await repository.remark_for_update(session, remark_id)
    if remark is None or remark.taken_back_at is not None:
        raise NotFound
    child = await rights.child_of_guardian(session, acting.account_id, remark.student_id, now)
    answer = await session.get(RemarkAnswer, (remark_id, acting.account_id))
    if answer is None:
        answer = RemarkAnswer(
            remark_id=remark_id, account_id=acting.account_id, school_id=remark.school_id, acknowledged_at=now
        )
        session.add(answer)
    if wish.text is not None and wish.text != answer.body:
        if answer.body is not None:
            raise Conflict(code="already-answered")
        answer.body, answer.answered_at = wish.text, now
        await session.flush()
        await _tell(session, acting, remark, child, now)
    return wire.RemarkAcknowledged(acknowledged_at=answer.acknowledged_at, answer=answer.body)


async def read(session: AsyncSession, acting: Acting, remark_id: UUID, now: datetime) -> wire.Remark:
    """A remark with what guardians said of it, for its author, the class teacher and the deputy.

    Raises:
        NotFound: another's, or taken back.
    """
    remark = await session.get(Remark, remark_id)
    if remark is None:
        raise NotFound
    seen = await one(session, acting.account_id, remark_id)
    mine = remark.author_id == acting.account_id
    if not (mine and remark.school_id in await rights.schools_with_role(session, acting.account_id, None, now)):
        await rights.child_to_lead(session, acting.account_id, remark.student_id, now)
    seen.answers = _answers(await repository.answers(session, [remark_id]), remark_id)
    return seen


async def one(session: AsyncSession, account_id: UUID, remark_id: UUID) -> wire.Remark:
    """A remark as an account sees it. Raises NotFound for one that was taken back."""
    row = await repository.remark(session, account_id, remark_id)
    if row is None:
        raise NotFound
    return wire.Remark(**row)


async def take_back(session: AsyncSession, remark_id: UUID, now: datetime) -> None:
    """With the remark goes what its author heard of answers."""
    await outbox.withdraw(session, _thread(remark_id), str(remark_id), now)


def shown(row: Mapping[str, Any], answers: Mapping[UUID, list[dict[str, Any]]]) -> wire.Remark:
    return wire.Remark(**row, answers=_answers(answers, row["id"]))


def _answers(answers: Mapping[UUID, list[dict[str, Any]]], remark_id: UUID) -> list[wire.RemarkAnswer]:
    return [wire.RemarkAnswer(**answer) for answer in answers.get(remark_id, [])]


async def _tell(session: AsyncSession, acting: Acting, remark: Remark, child: ChildAccess, now: datetime) -> None:
    """The author, while working at the school; what was answered stays in the diary."""
    author = remark.author_id
    if author == acting.account_id or remark.school_id not in await rights.schools_with_role(
        session, author, None, now
    ):
        return
    alert = NewAlert(
        school_id=remark.school_id,
        account_id=author,
        # Only a class teacher is told about a child as such; the author may be anybody.
        child_id=None,
        body=RemarkAnswered(child=child.given_name, day=remark.day),
        target=Target(screen="remark", on=remark.day, entity_id=remark.id),
        thread=_thread(remark.id),
        entity=str(remark.id),
        occurred_at=now,
        timezone=child.timezone,
    )
    await outbox.append(session, [alert])


def _thread(remark_id: UUID) -> str:
    return f"remark-answers:{remark_id}"
