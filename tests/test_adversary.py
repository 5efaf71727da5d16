"""What an adversary tried, each as they tried it."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.core.db import Database
from backend.identity.passwords import Passwords
from push.standin.faults import Fault
from push.standin.phones import Phone, new_token
from push.standin.server import Standin
from push.worker import Worker
from tests.identity.test_sign_in import GOOD, sign_in, with_password
from tests.push.fixtures import Handset, MakeWorker, deliver, give_handset, registration
from tests.world import World


async def as_owner(world: World, statement: str, **values: object) -> None:
    """Changes rows as an operator would."""
    owner = Database(world.settings.owner_database_url, pool=1)
    async with owner.transaction() as session:
        await session.execute(text(statement), values)
    await owner.close()


async def drop_connections(world: World) -> None:
    """PostgreSQL is restarted: every connection of the application ends."""
    async with world.database.transaction() as session:
        await session.execute(
            text("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()""")
        )


async def test_the_api_goes_on_after_a_restart_of_the_database(world: World) -> None:
    await asyncio.gather(*(world.mother.get("/v1/me") for _ in range(5)))
    await drop_connections(world)
    answers = [(await world.mother.get("/v1/me")).status_code for _ in range(10)]
    assert answers[-5:] == [200] * 5
    assert set(answers) <= {200, 503}


async def test_the_worker_goes_on_after_a_restart_of_the_database(
    world: World, standin: Standin, make_worker: MakeWorker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    worker = make_worker("restarted")
    running = asyncio.create_task(worker.run())
    await world.set_mark("5")
    async with asyncio.timeout(10):
        while len(handset.received) < 1:
            await asyncio.sleep(0.01)
    push = Database(world.settings.push_database_url, pool=1)
    async with push.transaction() as session:
        await session.execute(
            text("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()""")
        )
    await push.close()
    await world.set_mark("4")
    async with asyncio.timeout(10):
        while len(handset.received) < 2:
            await asyncio.sleep(0.01)
    worker.stop()
    await asyncio.wait_for(running, 10)


async def test_a_child_cannot_turn_the_mothers_alerts_from_the_shared_tablet_to_an_own_phone(
    world: World, standin: Standin, worker: Worker
) -> None:
    tablet = await give_handset(world, standin, world.mother)
    await world.student.put(f"/v1/devices/{tablet.installation_id}", registration(tablet, world))
    token = new_token()
    standin.phones.add(Phone(token=token, name="own", platform="android", installation_id=uuid4()))
    own = Handset(standin, tablet.installation_id, token, "android", uuid4().bytes * 2)
    await world.student.put(f"/v1/devices/{tablet.installation_id}", registration(own, world))
    entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    await deliver(worker)
    assert own.received == [], "parents only"


async def test_a_session_that_ended_takes_its_devices_with_it(world: World, standin: Standin, worker: Worker) -> None:
    """Signed in without naming an installation, with a stolen password."""
    thief = await with_password(world)
    mother, world.mother.token = world.mother.token, thief["accessToken"]
    handset = await give_handset(world, standin, world.mother)
    world.mother.token = mother
    issued = await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")
    assert issued.status_code == 201
    await world.set_mark("5")
    await deliver(worker)
    assert handset.received == []


async def test_a_former_guardian_reads_nothing_more(world: World, standin: Standin, worker: Worker) -> None:
    await world.set_mark("2")
    assert len((await world.father.get("/v1/alerts")).json()["items"]) == 1
    ends = world.today - timedelta(days=1)
    await as_owner(
        world, "UPDATE guardianship SET ends = :ends WHERE account_id = :who", ends=ends, who=world.father.id
    )
    assert (await world.father.get("/v1/alerts")).json()["items"] == []
    assert (await world.father.get("/v1/me")).json()["unreadAlerts"] == 0


async def test_a_former_guardian_is_not_told_what_waits(world: World, standin: Standin, worker: Worker) -> None:
    """FCM asked for patience, and meanwhile the link ended."""
    handset = await give_handset(world, standin, world.father)
    standin.faults.waiting.append(Fault(code="UNAVAILABLE"))
    await world.set_mark("2")
    await deliver(worker)
    ends = world.today - timedelta(days=1)
    await as_owner(
        world, "UPDATE guardianship SET ends = :ends WHERE account_id = :who", ends=ends, who=world.father.id
    )
    world.clock.move(seconds=30)
    await deliver(worker)
    assert handset.received == []


async def test_a_former_guardian_cannot_come_back_by_a_code(world: World) -> None:
    path = f"/v1/classes/{world.school.class_id}/students/{world.ivan}/attach-code"
    code = (await world.class_teacher.post(path)).json()["code"]
    answer = await world.former.post("/v1/me/children", {"code": code})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-code")


async def test_a_dismissed_class_teacher_has_no_right_left(world: World) -> None:
    await as_owner(
        world, "UPDATE school_role SET ends = :ends WHERE account_id = ANY(:who)", ends=world.today - timedelta(days=1),
        who=[world.class_teacher.id, world.teacher.id],
    )  # fmt: skip
    leads, teaches = world.class_teacher, world.teacher
    assert (await leads.get(f"/v1/classes/{world.school.class_id}/students")).status_code == 404
    assert (await leads.get(f"/v1/children/{world.ivan}/day")).status_code == 404
    assert (await leads.post(f"/v1/accounts/{world.father.id}/one-time-password")).status_code == 404
    assert (await leads.get("/v1/classes")).json()["items"] == []
    assert (await teaches.get(f"/v1/lessons/{world.lesson}")).status_code == 404


async def test_a_class_teacher_cannot_become_a_parent_of_another_schools_child(world: World) -> None:
    """The mother has a child at the other school too."""
    path = f"/v1/accounts/{world.mother.id}/one-time-password"
    assert (await world.class_teacher.post(path)).status_code == 404
    assert (await world.administrator.post(path)).status_code == 201


class Paused(Passwords):
    """Passwords whose check waits until it is let go: argon2 takes a while, and queues."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def check(self, hashed: str | None, password: str) -> bool:
        result = await super().check(hashed, password)
        self.reached.set()
        await self.go_on.wait()
        return result


async def test_a_sign_in_under_way_does_not_survive_a_new_password(world: World) -> None:
    from backend.core.errors import Unauthenticated
    from backend.identity.service import SignInDesk
    from schemas.identity import SignIn

    await with_password(world)
    paused = Paused()
    desk = SignInDesk(world.database, world.settings.keys, paused)
    wish = SignIn(login="mother", password=GOOD, device_name="thief")
    under_way = asyncio.create_task(desk.sign_in(wish, "1.2.3.4", world.clock.now))
    await paused.reached.wait()
    await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")
    paused.go_on.set()
    with pytest.raises(Unauthenticated):
        await under_way


async def test_guesses_of_the_own_password_are_counted(world: World) -> None:
    tokens = await with_password(world)
    headers = {"authorization": f"Bearer {tokens['accessToken']}"}
    body = {"currentPassword": "guess", "newPassword": GOOD + "x"}
    statuses = [(await world.client.put("/v1/me/password", json=body, headers=headers)).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2


async def test_parallel_guesses_do_not_slip_past_the_lock(world: World) -> None:
    await with_password(world)
    answers = await asyncio.gather(*(sign_in(world, "mother", "wrong") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_an_own_sign_in_does_not_clear_an_addresss_lock(world: World) -> None:
    await with_password(world)
    from backend.core.secrets import blind_index

    address = blind_index(world.settings.keys.index, "address", "127.0.0.1")
    now = world.clock.now
    await as_owner(
        world,
        "INSERT INTO sign_in_lock VALUES (:s, 400, :now, :now) ON CONFLICT (subject) DO UPDATE SET failures = 400",
        s=address, now=now,
    )  # fmt: skip
    assert (await sign_in(world, "nobody", "x")).status_code == 401
    assert (await sign_in(world, "mother", GOOD)).status_code == 429


async def test_an_alert_of_a_newer_version_stops_nobody(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.father)
    other = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await as_owner(world, 'UPDATE alert SET body = \'{"kind": "news"}\' WHERE account_id = :who', who=world.mother.id)
    await deliver(worker)
    assert len(handset.received) == 1
    assert other.received == []
    assert (await world.mother.get("/v1/alerts")).json()["items"][0]["title"] == "Мой дневник"


async def test_two_parents_filing_the_same_day_make_one_notice(world: World) -> None:
    day = str(world.today + timedelta(days=1))
    body = {"firstDay": day, "lastDay": day, "reason": "illness"}
    path = f"/v1/children/{world.ivan}/absence-notices"
    answers = await asyncio.gather(world.mother.post(path, body), world.father.post(path, body))
    assert sorted(answer.json()["days"][0]["state"] for answer in answers) == ["already-covered", "covered"]
    assert len((await world.class_teacher.get("/v1/alerts")).json()["items"]) == 1


async def test_registrations_that_swap_targets_do_not_lock_each_other_out(world: World, standin: Standin) -> None:
    one, two = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    first, second = registration(one, world), registration(two, world)
    for _ in range(5):
        first["target"], second["target"] = second["target"], first["target"]
        answers = await asyncio.gather(
            world.mother.put(f"/v1/devices/{one.installation_id}", first),
            world.father.put(f"/v1/devices/{two.installation_id}", second),
        )
        assert [answer.status_code for answer in answers] == [204, 204]


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("POST", "/v1/sessions", {"login": "a\0b", "password": "x", "deviceName": "d"}, "/login"),
        ("POST", "/v1/works", {"lessonId": "{lesson}", "kind": "test", "topic": "\0"}, "/topic"),
        ("PATCH", "/v1/me", {"language": "ru\n"}, "/language"),
        ("GET", "/v1/children/{ivan}/week?day=9999-12-31", None, "query:day"),
        ("GET", "/v1/children/{ivan}/day?day=0001-01-01", None, "query:day"),
        ("GET", "/v1/alerts?cursor=x", None, "query:cursor"),
        (
            "POST", "/v1/classes/{class_id}/meetings",
            {"title": "t", "place": "p", "startsAt": "9999-12-31T23:59:59Z", "endsAt": "9999-12-31T23:59:59.5Z"},
            "/startsAt",
        ),
        (
            "POST", "/v1/classes/{class_id}/meetings",
            {"title": "t", "place": "p", "startsAt": "2026-12-01T10:00:00", "endsAt": "2026-12-01T11:00:00Z"},
            "/startsAt",
        ),
    ],
)  # fmt: skip
async def test_odd_input_is_named(
    world: World, method: str, path: str, body: dict[str, str] | None, pointer: str
) -> None:
    values = {"lesson": world.lesson, "ivan": world.ivan, "class_id": world.school.class_id}
    filled = {key: value.format(**values) for key, value in body.items()} if body else None
    answer = await world.deputy.call(method, path.format(**values), filled)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("name", ["%00", "a" * 5000, "..%2f..%2fetc%2fpasswd", "index.html"])
async def test_files_of_the_page_to_try_it_are_those_and_no_others(world: World, name: str) -> None:
    assert (await world.client.get(f"/schema/static/{name}")).status_code == 404


async def test_answers_are_kept_by_nobody_between(world: World) -> None:
    assert (await world.mother.get("/v1/me")).headers["cache-control"] == "no-store"
