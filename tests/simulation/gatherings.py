"""The same for what a school has with all its families: meetings and announcements."""

from datetime import datetime, timedelta
from uuid import UUID

from backend.board import service as board
from backend.meetings import listing, service
from schemas import board as board_wire
from schemas import meetings as wire
from tests.simulation import acts
from tests.simulation.people import People
from tests.simulation.school import Child, Form

_TITLE, _PLACE = "Итоги", "каб. 12"


async def call_meeting(people: People, form: Form, starts: datetime) -> UUID:
    wish = wire.CallMeeting(title=_TITLE, starts_at=starts, ends_at=starts + timedelta(hours=1), place=_PLACE)
    async with people.stage.acting(form.teacher) as (session, acting, now):
        meeting = (await service.call(session, acting, form.id, wish, now)).id
    people.done.append(acts.MeetingCalled(people.now, meeting, form, _TITLE, _PLACE, starts))
    return meeting


async def move_meeting(people: People, form: Form, meeting: UUID, starts: datetime) -> None:
    wish = wire.ChangeMeeting(version=1, starts_at=starts, ends_at=starts + timedelta(hours=1))
    async with people.stage.acting(form.teacher) as (session, acting, now):
        await service.change(session, acting, meeting, wish, now)
    people.done.append(acts.MeetingMoved(people.now, meeting, starts))


async def cancel_meeting(people: People, form: Form, meeting: UUID) -> None:
    async with people.stage.acting(form.teacher) as (session, acting, now):
        await service.cancel(session, acting, meeting, wire.CancelMeeting(version=1, reason="Болезнь"), now)
    people.done.append(acts.MeetingDropped(people.now, meeting))


async def answer_meeting(people: People, child: Child, meeting: UUID, *, coming: bool) -> None:
    account = child.guardians[0].account
    async with people.stage.acting(account) as (session, acting, now):
        await listing.answer(session, acting, meeting, coming, now)
    people.done.append(acts.MeetingAnswered(people.now, meeting, account, coming))


async def announce(
    people: People, title: str, *, form: Form | None = None, students: bool = False, out: datetime | None = None
) -> None:
    """By the director to the whole school, by the class teacher to a class."""
    wish = board_wire.PublishAnnouncement(
        title=title, text="Приходите вовремя", to=["parents", "students"] if students else ["parents"],
        class_ids=[form.id] if form else [], publish_at=out,
    )  # fmt: skip
    async with people.stage.acting(form.teacher if form else people.school.director) as (session, acting, now):
        published = (await board.publish(session, acting, people.school.id, wish, now)).id
    people.done.append(acts.Published(people.now, published, title, out or people.now, form, students))
