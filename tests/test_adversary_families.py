"""What an adversary tried on what families and schools tell each other, each as they tried it."""

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.meetings import repository as meetings
from backend.parts import Parts
from backend.scheduler import Scheduler
from push.standin.server import Standin
from push.worker import Worker
from tests.board.scenes import deliver_bulk, published
from tests.calendar.reader import read, subscribe
from tests.identity.test_sign_in import with_password
from tests.live.streams import listening, served
from tests.push.fixtures import give_handset
from tests.test_adversary import as_owner
from tests.world import Someone, World


async def file(world: World, who: Someone, first: int = 0, last: int = 0) -> httpx.Response:
    """Files a notice for Ivan, for some days from today."""
    days = [str(world.today + timedelta(days=ahead)) for ahead in (first, last)]
    body = {"firstDay": days[0], "lastDay": days[1], "reason": "illness"}
    return await who.post(f"/v1/children/{world.ivan}/absence-notices", body)


async def test_the_ends_of_the_calendar_break_nothing(world: World) -> None:
    """Every day that can be written may be asked for."""
    child, school, class_ = f"children/{world.ivan}", f"schools/{world.school.id}", f"classes/{world.school.class_id}"
    for path in (
        f"{child}/homework?first=9999-12-31",
        f"{child}/homework?first=9999-12-01&last=9999-12-31",
        f"{child}/remarks?first=9999-12-31&last=9999-12-31",
        f"{child}/remarks?last=0001-01-01",
        f"{child}/attendance?first=9999-12-01&last=9999-12-31",
        f"{school}/events?first=9999-12-31",
        f"{class_}/behaviour/9999-12-31",
    ):
        answer = await world.deputy.get(f"/v1/{path}")
        assert answer.status_code == 200, (path, answer.text)


async def test_a_months_truancy_is_not_excused_by_making_an_old_notice_longer(world: World) -> None:
    """A notice begins three days ago at the earliest, and so does what is added to one."""
    notice = (await file(world, world.mother)).json()["id"]
    for ahead in range(2, 21):
        await world.lesson_on(world.today + timedelta(days=ahead), 2)
    world.clock.move(days=20)
    await world.reissue()
    path, today = f"/v1/absence-notices/{notice}", world.today
    answer = await world.mother.patch(path, {"lastDay": str(today - timedelta(days=4))})
    assert [error["code"] for error in answer.json()["errors"]] == ["in-the-past"]
    answer = await world.mother.patch(path, {"lastDay": str(today)})
    assert [day["day"] for day in answer.json()["days"]] == [str(today - timedelta(days=back)) for back in (3, 2, 1, 0)]


async def test_a_stolen_password_leaves_no_calendar_behind(world: World) -> None:
    """The thief reads where the child is at what time; the sessions end with the password."""
    thief = await with_password(world)
    world.mother.token = thief["accessToken"]
    address = await subscribe(world.mother, world.ivan)
    assert (await read(world, address)).status_code == 200
    issued = await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")
    assert issued.status_code == 201
    assert (await read(world, address)).status_code == 404


async def test_streams_that_are_opened_at_once_are_counted_too(world: World, app: Litestar, parts: Parts) -> None:
    """Else one parent takes the places of all."""

    async def opened(client: httpx.AsyncClient) -> httpx.Response:
        headers = {"authorization": f"Bearer {world.mother.token}"}
        return await client.send(client.build_request("GET", "/v1/live", headers=headers), stream=True)

    async with served(app, parts.hub) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        answers = await asyncio.gather(*(opened(client) for _ in range(20)))
        for answer in answers:
            await answer.aclose()
    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 15}


async def test_homework_that_is_taken_back_is_so_wherever_it_was_said(world: World) -> None:
    """It was edited on one day and on another."""
    body = {"dueOn": str(world.today + timedelta(days=7)), "text": "§ 1"}
    made = (await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)).json()["id"]
    for version in (1, 2):
        world.clock.move(days=1)
        await world.reissue()
        await world.teacher.patch(f"/v1/homework/{made}", {"version": version, "text": f"§ {version + 1}"})
    assert (await world.teacher.delete(f"/v1/homework/{made}")).status_code == 204
    items = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [item["withdrawn"] for item in items] == [True] * 3


async def test_what_is_taken_back_leaves_an_open_app_at_once(world: World, app: Litestar, parts: Parts) -> None:
    """Not after half a minute, when the stream looks to be sure."""
    said = {"studentId": str(world.ivan), "kind": "remark", "text": "Болтал"}
    async with served(app, parts.hub) as url, listening(url, world.mother) as stream:
        await stream.quiet()
        remark = (await world.teacher.post(f"/v1/lessons/{world.lesson}/remarks", said)).json()["id"]
        await stream.next("alerts")
        await world.teacher.delete(f"/v1/remarks/{remark}")
        event = await stream.next("alerts")
    assert [item["withdrawn"] for item in event.data["items"]] == [True]


async def test_nobody_is_told_of_an_announcement_that_has_expired(
    world: World, standin: Standin, worker: Worker
) -> None:
    """It waited behind others until the day was over."""
    mother = await give_handset(world, standin, world.mother)
    await published(world, expiresOn=str(world.today))
    world.clock.move(days=1)
    await deliver_bulk(world, worker)
    assert mother.received == []


async def test_a_notice_is_heard_of_also_when_the_class_teacher_has_left(world: World) -> None:
    yesterday = world.today - timedelta(days=1)
    await as_owner(
        world, "UPDATE school_role SET ends = :ends WHERE account_id = :who", ends=yesterday, who=world.class_teacher.id
    )
    await file(world, world.mother)
    assert len((await world.deputy.get("/v1/alerts")).json()["items"]) == 1


async def test_no_request_destroys_the_record(world: World) -> None:
    """Whatever statement somebody slips in."""
    for table in ("absence_notice", "announcement", "homework", "meeting", "message", "message_report"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with world.database.transaction(world.teacher.id) as session:
                await session.execute(text(f"DELETE FROM {table}"))


async def test_a_list_of_meetings_does_not_look_through_those_of_a_region(world: World) -> None:
    """A parent who asks again and again would have the server read two million rows each time."""
    await as_owner(
        world,
        """INSERT INTO school (id, short_name, full_name, timezone, created_at)
           SELECT gen_random_uuid(), 'x', 'x', 'Europe/Moscow', now() FROM generate_series(1, 200)""",
    )
    await as_owner(
        world,
        """INSERT INTO meeting (id, school_id, audience, called_by, title, place, starts_at, ends_at, created_at)
           SELECT gen_random_uuid(), s.id, 'school', :who, 't', 'p', day, day + interval '1 hour', :now
             FROM school s, generate_series(cast(:now AS timestamptz), :now + interval '50 days', '1 day') day""",
        who=world.foreign_teacher.id, now=world.clock.now,
    )  # fmt: skip
    await as_owner(world, "ANALYZE school, meeting")
    values = {"account": world.mother.id, "now": world.clock.now}
    lists = {"child": {"child": world.ivan}, "class": {"class_id": world.school.class_id}}
    async with world.database.transaction(world.mother.id) as session:
        for which, ids in lists.items():
            plan = await session.execute(text(f"EXPLAIN {meetings._LISTS[which]['coming'].text}"), values | ids)
            assert "Seq Scan on meeting m " not in "\n".join(plan.scalars()), which


async def test_nobody_is_still_asked_for_a_child_of_whom_the_other_parent_has_spoken(world: World) -> None:
    await file(world, world.mother)
    world.clock.move(hours=19, minutes=10)
    await Scheduler("one", world.database, world.clock).tick()
    await world.reissue()
    await file(world, world.father)
    told = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [alert["withdrawn"] for alert in told if alert["kind"] == "expected-back"] == [True]
