"""Messages that their readers report, and what the school's leaders make of it. They see no others."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.conflicts import conflicts
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.files import service as files
from backend.identity.acting import Acting
from backend.messages import report_repository, repository, rules, showing
from backend.messages.models import MessageReport
from backend.messages.service import thread_to_read
from backend.messages.showing import FILES
from backend.school.school_rights import LEADERS, school_to_manage
from schemas import messages as wire


async def report(
    session: AsyncSession, acting: Acting, message_id: UUID, wish: wire.ReportMessage, now: datetime
) -> wire.Report:
    """The reader of a message shows it to the school's leaders. Its author does not learn it.

    Raises:
        NotFound: no such message, one's own, or no right to the thread any more.
        Conflict: it was taken back, or reported already.
    """
    message = await repository.message_for_update(session, message_id)
    if message is None or message.author_id == acting.account_id:
        raise NotFound
    thread = await thread_to_read(session, acting, message.thread_id, now)
    if message.body is None:
        raise Conflict(code="message-taken-back")
    made = MessageReport(
        id=new_id(), school_id=thread.school_id, student_id=thread.child_id, message_id=message_id,
        author_id=message.author_id, body=message.body, sent_at=message.sent_at, reported_by=acting.account_id,
        reported_at=now, reason=wish.reason,
    )  # fmt: skip
    async with conflicts(session, {"message_report_once": "already-reported"}):
        session.add(made)
    return wire.Report(id=made.id, reported_at=now, decision=None, answer=None)


async def list_reports(
    session: AsyncSession, acting: Acting, school_id: UUID, decided: bool, cursor: UUID | None, now: datetime
) -> wire.ReportedMessages:
    """What was reported at a school and is still, or is no longer, to be decided; newest first.

    Raises:
        NotFound: the caller does not lead the school.
    """
    await school_to_manage(session, acting.account_id, school_id, now, roles=LEADERS)
    rows = await report_repository.reports(session, acting.account_id, school_id, decided=decided, before=cursor)
    shown = rows[: repository.PAGE]
    attached = await files.attached(session, FILES, [row["message_id"] for row in shown])
    return wire.ReportedMessages(
        items=[showing.reported(row, attached) for row in shown],
        next=shown[-1]["id"] if len(rows) > repository.PAGE else None,
    )


async def decide(
    session: AsyncSession, acting: Acting, report_id: UUID, wish: wire.DecideReport, now: datetime
) -> wire.ReportedMessage:
    """Dismisses a report, or keeps the author from writing to who reported, until a day. Who reported sees it with the
    message.

    Raises:
        NotFound: no such report, or one about the caller, or the caller does not lead the school.
        Invalid: no day, one that is over, or one too far away.
        Conflict: it was decided already.
    """
    made = await report_repository.report_for_update(session, report_id)
    if made is None or made.author_id == acting.account_id:
        raise NotFound
    led = await school_to_manage(session, acting.account_id, made.school_id, now, roles=LEADERS)
    wrong = rules.decision_problems(wish, led.today)
    if wrong:
        raise Invalid(wrong)
    if made.decision is not None:
        raise Conflict(code="report-decided")
    made.decision, made.answer, made.blocked_until = wish.decision, wish.answer, wish.blocked_until
    made.decided_by, made.decided_at = acting.account_id, now
    await session.flush()
    (row,) = await report_repository.reports(session, acting.account_id, led.school_id, report_id=report_id)
    return showing.reported(row, await files.attached(session, FILES, [row["message_id"]]))


async def may_read_file(session: AsyncSession, account_id: UUID, message_id: UUID, now: datetime) -> bool:
    """Whether somebody may have the files of a message: the two of its thread, and who decides on a report of it."""
    message = await repository.message(session, message_id)
    if message is not None and await repository.thread_seen(session, account_id, message.thread_id, now) is not None:
        return True
    return await report_repository.shown_to_leader(session, account_id, message_id, now)
