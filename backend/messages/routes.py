"""Messages between families and staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.messages import people, reports, service
from schemas import messages as wire

# The `next` of the page above: a message's number; the newest message of a thread, or a report.
NumberCursor = Annotated[int | None, QueryParameter(name="cursor", ge=1, le=2_147_483_647)]


@get(
    "/children/{child_id:uuid}/staff", operation_id="listStaffOfChild",
    summary="To whom a child's family may write: teachers, class teacher, deputies", access=Access.FAMILY,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def list_staff_of_child(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.StaffOfChild:
    return await people.staff_of_child(tx, acting, child_id, now)


@get(
    "/classes/{class_id:uuid}/families", operation_id="listFamiliesOfClass",
    summary="The families of a class's students to whom one may write", access=Access.STAFF_OF_CHILD,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def list_families_of_class(class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.Families:
    return await people.families_of_class(tx, acting, class_id, now)


@get(
    "/children/{child_id:uuid}/family", operation_id="getFamilyOfChild",
    summary="The family of a child to whom one may write", access=Access.STAFF_OF_CHILD,
    responses=problems(401, 403, 404),
)  # fmt: skip
async def get_family_of_child(child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.Families:
    return await people.family_of_child(tx, acting, child_id, now)


@post(
    "/children/{child_id:uuid}/people/{account_id:uuid}/messages", operation_id="writeToPerson",
    summary="Write to somebody about a child; the first message begins a thread", access=Access.WRITE_ABOUT_CHILD,
    responses=problems(401, 403, 404, 409, 422, 429),
)  # fmt: skip
async def write_to_person(
    child_id: UUID, account_id: UUID, data: wire.WriteMessage, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.Sent:  # fmt: skip
    return await once(
        tx, acting.account_id, f"writeToPerson/{child_id}/{account_id}", idempotency_key, data, wire.Sent, now,
        lambda: service.write_to_person(tx, acting, child_id, account_id, data, now),
    )  # fmt: skip


@get(
    "/threads", operation_id="listThreads", summary="One's threads, the newest message first", access=Access.SELF,
    responses=problems(401, 403, 422),
)  # fmt: skip
async def list_threads(
    tx: AsyncSession, acting: Acting, now: datetime,
    child_id: Annotated[UUID | None, QueryParameter(name="childId")] = None, cursor: UUID | None = None,
) -> wire.Threads:  # fmt: skip
    return await service.list_threads(tx, acting, child_id, cursor, now)


@get(
    "/threads/{thread_id:uuid}", operation_id="getThread", summary="A thread and its messages, newest first",
    access=Access.THREAD, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_thread(
    thread_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, cursor: NumberCursor = None
) -> wire.ThreadPage:
    return await service.read_thread(tx, acting, thread_id, cursor, now)


@post(
    "/threads/{thread_id:uuid}/messages", operation_id="writeMessage", summary="Write in a thread",
    access=Access.THREAD, responses=problems(401, 403, 404, 409, 422, 429),
)  # fmt: skip
async def write_message(
    thread_id: UUID, data: wire.WriteMessage, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.Sent:  # fmt: skip
    return await once(
        tx, acting.account_id, f"writeMessage/{thread_id}", idempotency_key, data, wire.Sent, now,
        lambda: service.write(tx, acting, thread_id, data, now),
    )  # fmt: skip


@put(
    "/threads/{thread_id:uuid}/read", operation_id="markThreadRead",
    summary="A thread was read up to a message; its alerts are read with it", access=Access.THREAD,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def mark_thread_read(
    thread_id: UUID, data: wire.MarkThreadRead, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.ReadMarks:
    return await service.mark_read(tx, acting, thread_id, data.number, now)


@put(
    "/threads/{thread_id:uuid}/muting", operation_id="muteThread", status_code=204,
    summary="Mute the other person, or hear them again", access=Access.THREAD, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def mute_thread(thread_id: UUID, data: wire.Muting, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await service.mute(tx, acting, thread_id, data.muted, now)


@delete(
    "/messages/{message_id:uuid}", operation_id="takeBackMessage",
    summary="Take a message back, within 15 minutes; its place stays", access=Access.THREAD,
    responses=problems(401, 403, 404, 409),
)  # fmt: skip
async def take_back_message(message_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> None:
    await service.take_back(tx, acting, message_id, now)


@post(
    "/messages/{message_id:uuid}/reports", operation_id="reportMessage",
    summary="Show a message that one got to the school's leaders", access=Access.THREAD,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def report_message(
    message_id: UUID, data: wire.ReportMessage, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> wire.Report:  # fmt: skip
    return await once(
        tx, acting.account_id, f"reportMessage/{message_id}", idempotency_key, data, wire.Report, now,
        lambda: reports.report(tx, acting, message_id, data, now),
    )  # fmt: skip


@get(
    "/schools/{school_id:uuid}/message-reports", operation_id="listMessageReports",
    summary="Messages that were reported, to be decided or decided", access=Access.LEADERS,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_message_reports(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, decided: bool = False, cursor: UUID | None = None
) -> wire.ReportedMessages:
    return await reports.list_reports(tx, acting, school_id, decided, cursor, now)


@put(
    "/message-reports/{report_id:uuid}", operation_id="decideMessageReport",
    summary="Dismiss a report, or keep the author from writing to that person until a day", access=Access.LEADERS,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def decide_message_report(
    report_id: UUID, data: wire.DecideReport, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.ReportedMessage:
    return await reports.decide(tx, acting, report_id, data, now)


@get(
    "/schools/{school_id:uuid}/office-hours", operation_id="getOfficeHours", summary="One's own office hours",
    access=Access.STAFF, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_office_hours(school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> wire.OfficeHours:
    return await people.get_office_hours(tx, acting, school_id, now)


@put(
    "/schools/{school_id:uuid}/office-hours", operation_id="setOfficeHours",
    summary="Set one's own office hours: outside of them messages make no sound", access=Access.STAFF,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def set_office_hours(
    school_id: UUID, data: wire.SetOfficeHours, tx: AsyncSession, acting: Acting, now: datetime
) -> wire.OfficeHours:
    return await people.set_office_hours(tx, acting, school_id, data, now)


router = Router(
    "/",
    route_handlers=[
        list_staff_of_child, list_families_of_class, get_family_of_child, write_to_person, list_threads, get_thread,
        write_message, mark_thread_read, mute_thread, take_back_message, report_message, list_message_reports,
        decide_message_report, get_office_hours, set_office_hours,
    ],
    tags=["messages"],
)  # fmt: skip
