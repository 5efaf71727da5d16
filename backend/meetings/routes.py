"""Meetings."""

from datetime import datetime
from uuid import UUID

from litestar import Router, get, patch, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import Access
from backend.core.http import IdempotencyKey
from backend.core.idempotency import once
from backend.core.openapi import problems
from backend.identity.acting import Acting
from backend.meetings import listing, service
from schemas.meetings import (
    AnswerMeeting,
    CallMeeting,
    CallSchoolMeeting,
    CancelMeeting,
    ChangeMeeting,
    Meeting,
    MeetingAnswers,
    MeetingDetail,
    Meetings,
    SetMinutes,
    When,
)


@post(
    "/classes/{class_id:uuid}/meetings", operation_id="callMeeting",
    summary="Call the parents of a class together, or some of them", access=Access.CLASS,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def call_meeting(
    class_id: UUID, data: CallMeeting, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Meeting:  # fmt: skip
    return await once(
        tx, acting.account_id, f"callMeeting/{class_id}", idempotency_key, data, Meeting, now,
        lambda: service.call(tx, acting, class_id, data, now),
    )  # fmt: skip


@post(
    "/schools/{school_id:uuid}/meetings", operation_id="callSchoolMeeting",
    summary="Call the parents of a school together, of some classes, or single families", access=Access.HEADS,
    responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def call_school_meeting(
    school_id: UUID, data: CallSchoolMeeting, tx: AsyncSession, acting: Acting, now: datetime,
    idempotency_key: IdempotencyKey = None,
) -> Meeting:  # fmt: skip
    return await once(
        tx, acting.account_id, f"callSchoolMeeting/{school_id}", idempotency_key, data, Meeting, now,
        lambda: service.call_school(tx, acting, school_id, data, now),
    )  # fmt: skip


@get(
    "/children/{child_id:uuid}/meetings", operation_id="listMeetings",
    summary="Coming or past meetings to which a child's family is invited", access=Access.CHILD,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_meetings(
    child_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, when: When = "coming"
) -> Meetings:
    return await listing.of_child(tx, acting, child_id, when, now)


@get(
    "/me/meetings", operation_id="listMyMeetings", summary="Meetings that one has called or is invited to",
    access=Access.SELF, responses=problems(401, 403, 422),
)  # fmt: skip
async def list_my_meetings(tx: AsyncSession, acting: Acting, now: datetime, when: When = "coming") -> Meetings:
    return await listing.mine(tx, acting, when, now)


@get(
    "/classes/{class_id:uuid}/meetings", operation_id="listClassMeetings", summary="Meetings for a class",
    access=Access.CLASS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_class_meetings(
    class_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, when: When = "coming"
) -> Meetings:
    return await listing.of_class(tx, acting, class_id, when, now)


@get(
    "/schools/{school_id:uuid}/meetings", operation_id="listSchoolMeetings", summary="All meetings of a school",
    access=Access.HEADS, responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def list_school_meetings(
    school_id: UUID, tx: AsyncSession, acting: Acting, now: datetime, when: When = "coming"
) -> Meetings:
    return await listing.of_school(tx, acting, school_id, when, now)


@get(
    "/meetings/{meeting_id:uuid}", operation_id="getMeeting", summary="A meeting, with its minutes",
    access=Access.MEETING, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_meeting(meeting_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> MeetingDetail:
    return await listing.detail(tx, acting, meeting_id, now)


@patch(
    "/meetings/{meeting_id:uuid}", operation_id="changeMeeting",
    summary="Change a meeting; another time or place is told of", access=Access.MEETING_LED,
    responses=problems(401, 403, 404, 409, 412, 422),
)  # fmt: skip
async def change_meeting(
    meeting_id: UUID, data: ChangeMeeting, tx: AsyncSession, acting: Acting, now: datetime
) -> Meeting:
    return await service.change(tx, acting, meeting_id, data, now)


@put(
    "/meetings/{meeting_id:uuid}/cancellation", operation_id="cancelMeeting",
    summary="Cancel a meeting, with a reason; it stays in the lists", access=Access.MEETING_LED,
    responses=problems(401, 403, 404, 409, 412, 422),
)  # fmt: skip
async def cancel_meeting(
    meeting_id: UUID, data: CancelMeeting, tx: AsyncSession, acting: Acting, now: datetime
) -> Meeting:
    return await service.cancel(tx, acting, meeting_id, data, now)


@put(
    "/meetings/{meeting_id:uuid}/minutes", operation_id="setMeetingMinutes",
    summary="Attach the minutes, for everybody who is invited", access=Access.MEETING_LED,
    responses=problems(401, 403, 404, 409, 412, 422),
)  # fmt: skip
async def set_minutes(
    meeting_id: UUID, data: SetMinutes, tx: AsyncSession, acting: Acting, now: datetime
) -> MeetingDetail:
    return await service.set_minutes(tx, acting, meeting_id, data, now)


@put(
    "/meetings/{meeting_id:uuid}/answer", operation_id="answerMeeting", summary="Say whether one comes",
    access=Access.INVITED, responses=problems(401, 403, 404, 409, 422),
)  # fmt: skip
async def answer_meeting(
    meeting_id: UUID, data: AnswerMeeting, tx: AsyncSession, acting: Acting, now: datetime
) -> Meeting:
    return await listing.answer(tx, acting, meeting_id, data.coming, now)


@get(
    "/meetings/{meeting_id:uuid}/answers", operation_id="getMeetingAnswers", summary="Who comes to a meeting",
    access=Access.MEETING_LED, responses=problems(401, 403, 404),
)  # fmt: skip
async def get_answers(meeting_id: UUID, tx: AsyncSession, acting: Acting, now: datetime) -> MeetingAnswers:
    return await listing.answers(tx, acting, meeting_id, now)


router = Router(
    "/",
    route_handlers=[
        call_meeting, call_school_meeting, list_meetings, list_my_meetings, list_class_meetings, list_school_meetings,
        get_meeting, change_meeting, cancel_meeting, set_minutes, answer_meeting, get_answers,
    ],
    tags=["meetings"],
)  # fmt: skip
