"""What reviewers found, one test a finding."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from push.standin.faults import Fault
from push.standin.phones import Phone, new_token
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import MakeWorker, deliver, give_handset, registration, run_as_owner
from tests.world import World

NIGHT = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)  # 22:30 in Moscow
MORNING = datetime(2026, 11, 19, 4, 0, tzinfo=UTC)


async def at(world: World, moment: datetime) -> None:
    world.clock.now = moment
    await world.reissue()


async def absent(world: World, *, yes: bool = True) -> None:
    # Exempt, and no longer absent: what was told is taken back, and nothing is told in its place.
    entries = [{"studentId": str(world.ivan), "code": "absent" if yes else "exempt"}]
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})


async def test_signing_out_with_a_summary_stops_nobody(world: World, standin: Standin, worker: Worker) -> None:
    phone, other = [await give_handset(world, standin, who) for who in (world.mother, world.father)]
    work = await world.give_work()
    await at(world, NIGHT)
    await world.set_mark("4", work)
    await deliver(worker)
    assert (await world.mother.delete(f"/v1/devices/{phone.installation_id}")).status_code == 204
    await deliver(worker)
    assert await run_as_owner(world, "SELECT count(*) FROM fanout") == 0
    await at(world, MORNING)
    await deliver(worker)
    assert (len(phone.received), len(other.received)) == (0, 1)


async def test_a_parent_who_works_at_the_school_is_no_exception(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await run_as_owner(world, f"""
        INSERT INTO school_role (account_id, school_id, role, starts)
        VALUES ('{world.mother.id}', '{world.school.id}', 'teacher', '2026-09-01')
    """)  # fmt: skip
    await world.set_mark("2")
    await deliver(worker)
    await world.set_mark("5")
    await run_as_owner(world, f"UPDATE guardianship SET ends = starts WHERE account_id = '{world.mother.id}'")
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert phone.texts() == ["Иван: новая оценка | Математика: 2", " | "]
    assert phone.screen().texts() == []


async def test_whoever_wants_no_push_gets_what_is_queued_neither(
    world: World, standin: Standin, worker: Worker
) -> None:
    phone = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await run_as_owner(world, f"UPDATE guardianship SET receives_push = false WHERE account_id = '{world.mother.id}'")
    await deliver(worker)
    assert phone.received == []


async def test_a_former_class_teachers_screen_is_cleared(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.class_teacher)
    tomorrow = str(world.today + timedelta(days=1))
    notice = {"firstDay": tomorrow, "lastDay": tomorrow, "reason": "illness"}
    await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)
    await deliver(worker)
    assert len(phone.screen().texts()) == 1
    await run_as_owner(world, f"""
        UPDATE school_class SET class_teacher_id = '{world.teacher.id}' WHERE id = '{world.school.class_id}'
    """)  # fmt: skip
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert phone.screen().texts() == []


async def test_a_closed_account_receives_nothing(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await deliver(worker)
    await run_as_owner(world, f"UPDATE account SET disabled_at = now() WHERE id = '{world.mother.id}'")
    await world.set_mark("4")
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert len([content for content in phone.opened() if content.get("title")]) == 1
    assert phone.screen().texts() == []


async def test_old_news_do_not_ride_along_with_new_ones(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await run_as_owner(world, f"UPDATE lesson SET day = day - 7 WHERE id = '{world.russian_lesson}'")
    work = (await world.other_teacher.post("/v1/works", {"lessonId": str(world.russian_lesson), "kind": "test"})).json()
    marks = {"marks": [{"studentId": str(world.ivan), "value": "2"}]}
    assert (await world.other_teacher.put(f"/v1/works/{work['id']}/marks", marks)).status_code == 200
    await world.set_mark("5")
    await deliver(worker)
    assert phone.texts() == ["Иван: новая оценка | Математика: 5"]


async def test_clearing_obeys_fcms_patience_too(world: World, standin: Standin, worker: Worker) -> None:
    await give_handset(world, standin, world.mother)
    await absent(world)
    await deliver(worker)
    await absent(world, yes=False)
    await deliver(worker)
    world.clock.move(seconds=5)
    standin.faults.waiting.append(Fault(code="UNAVAILABLE", retry_after="300"))
    await deliver(worker)
    asked = standin.endpoints.send_requests
    await absent(world)
    await absent(world, yes=False)
    for _ in range(10):
        world.clock.move(seconds=6)
        await deliver(worker)
    assert standin.endpoints.send_requests == asked


async def test_a_refused_clearing_is_not_asked_again(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await run_as_owner(world, f"""
        INSERT INTO clearing
        SELECT '{phone.installation_id}', '{world.mother.id}', 't' || n, 1 FROM generate_series(1, 60) n
    """)  # fmt: skip
    standin.faults.waiting.append(Fault(code="INVALID_ARGUMENT", times=0))
    await absent(world)
    await absent(world, yes=False)
    await deliver(worker)
    for _ in range(5):
        world.clock.move(seconds=6)
        await deliver(worker)
    assert standin.endpoints.send_requests <= 2


async def test_an_hour_counts_from_the_first_attempt(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await run_as_owner(world, f"""
        INSERT INTO push_pause VALUES ('project', '{world.clock.now + timedelta(minutes=70)}', 'QUOTA_EXCEEDED')
    """)  # fmt: skip
    await world.set_mark("5")
    await deliver(worker)
    world.clock.move(minutes=71)
    standin.faults.waiting.append(Fault(code="UNAVAILABLE"))
    await deliver(worker)
    world.clock.move(seconds=16)
    await deliver(worker)
    assert len(phone.received) == 1


async def test_a_late_404_for_a_former_token_costs_no_alert(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    fresh = new_token()

    class RotatesMeanwhile:
        capacity = 100

        async def send(self, message: bytes):  # type: ignore[no-untyped-def]
            standin.faults.waiting.append(Fault(code="UNREGISTERED"))
            verdict = await inner.send(message)
            world.clock.move(seconds=1)
            standin.phones.add(Phone(token=fresh, name="t", platform="android", installation_id=phone.installation_id))
            body = registration(phone, world) | {"target": {"kind": "token", "value": fresh}}
            await world.mother.put(f"/v1/devices/{phone.installation_id}", body)
            lane._sender = inner
            return verdict

        async def close(self) -> None: ...

    lane = worker._lanes["normal"]
    inner = lane._sender
    lane._sender = RotatesMeanwhile()
    await world.set_mark("5")
    await deliver(worker)
    phone.token = fresh
    assert phone.texts() == ["Иван: новая оценка | Математика: 5"]
    assert await run_as_owner(world, "SELECT string_agg(outcome, ',') FROM delivery") == "accepted"


async def test_an_unknown_kind_holds_up_itself_only(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await world.set_mark("4")
    await run_as_owner(world, "UPDATE alert SET kind = 'future', body = '{\"kind\": \"future\"}'")
    await world.set_mark("5")
    await deliver(worker)
    assert phone.texts() == ["Иван: новая оценка | Математика: 5"]
    assert await run_as_owner(world, "SELECT cardinality(pending) FROM tray") == 1, "it waits for a newer worker"


async def test_a_body_that_is_broken_ends(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await world.set_mark("4")
    await run_as_owner(world, 'UPDATE alert SET body = \'{"kind": "mark-set"}\'')
    await world.set_mark("5")
    await deliver(worker)
    assert phone.texts() == ["Иван: новая оценка | Математика: 5"]
    ended = "SELECT string_agg(outcome, ',' ORDER BY outcome) FROM delivery"
    assert await run_as_owner(world, ended) == "accepted,refused"


async def test_what_may_hang_is_cleared_also_after_it_was_given_up(
    world: World, standin: Standin, worker: Worker
) -> None:
    phone = await give_handset(world, standin, world.mother)
    standin.faults.waiting += [Fault(wire="reset", accept=True), Fault(code="UNAVAILABLE", times=0)]
    await absent(world)
    for _ in range(40):
        await deliver(worker)
        world.clock.move(minutes=2)
    assert len(phone.screen().texts()) == 1
    standin.faults.waiting.clear()
    await world.reissue()
    await absent(world, yes=False)
    await deliver(worker)
    world.clock.move(minutes=2)
    await deliver(worker)
    assert phone.screen().texts() == []


async def test_what_a_lost_answer_may_have_shown_is_corrected(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await world.set_mark("4")
    await deliver(worker)
    standin.faults.waiting.append(Fault(wire="reset", accept=True))
    await world.set_mark("2")
    await deliver(worker)
    assert phone.screen().texts() == ["Иван: новые оценки | Математика: 4, 2"]
    newest = (await world.mother.get("/v1/alerts")).json()["items"][0]["id"]
    await world.mother.post("/v1/alerts/read", {"alertIds": [newest]})
    world.clock.move(minutes=1)
    await deliver(worker)
    assert phone.screen().texts() == ["Иван: новая оценка | Математика: 4"]


async def test_an_alert_is_shown_by_the_revision_that_fans_it_out(
    world: World, standin: Standin, make_worker: MakeWorker
) -> None:
    """Else it would sound with the revision before, which does not know that it is new, and with its own."""
    phone = await give_handset(world, standin, world.mother)
    one, two = make_worker("one"), make_worker("two")
    await world.set_mark("4")
    await deliver(one)
    await world.set_mark("2")
    await world.set_mark("3")
    async with world.database.transaction() as session:
        # Another worker has the newest row, and has not committed yet.
        hers = text("SELECT id FROM fanout WHERE account_id = :id ORDER BY id DESC LIMIT 1 FOR UPDATE")
        await session.execute(hers, {"id": world.mother.id})
        await deliver(one)
    assert phone.texts()[-1] == "Иван: новые оценки | Математика: 4, 2"
    await deliver(two)
    assert phone.texts()[-1] == "Иван: новые оценки | Математика: 4, 2, 3"


async def test_a_summary_that_comes_late_waits_for_the_morning(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    rules = [{"mode": "summary"}]
    quiet = {"from": "21:00:00", "until": "07:00:00"}
    await world.mother.put("/v1/preferences", {"quietHours": quiet, "summaryAt": "18:00:00", "rules": rules})
    await world.set_mark("5")
    await deliver(worker)
    await at(world, NIGHT)
    await deliver(worker)
    assert phone.received == []
    await at(world, MORNING)
    await deliver(worker)
    assert len(phone.screen().texts()) == 1


async def test_a_summary_takes_down_what_it_tells_better(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    work = await world.give_work()
    await world.set_mark("2", work)
    await deliver(worker)
    await at(world, NIGHT)
    await world.set_mark("4", work)
    await deliver(worker)
    assert phone.screen().texts() == ["Иван: новая оценка | Математика: 2"]
    await at(world, MORNING)
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    (only,) = phone.screen().texts()
    assert only.endswith("исправлено, было 2, теперь 4)")


async def test_a_device_without_permission_is_not_sent_to(world: World, standin: Standin, worker: Worker) -> None:
    phone = await give_handset(world, standin, world.mother)
    await world.set_mark("5")
    await run_as_owner(world, "UPDATE installation SET permission = 'denied'")
    await deliver(worker)
    assert phone.received == []


async def test_an_ended_session_registers_nothing(world: World, standin: Standin) -> None:
    phone = await give_handset(world, standin, world.mother)
    async with world.database.transaction() as session:
        statement = text("UPDATE auth_session SET ended_at = now(), end_reason = 'logout' WHERE account_id = :account")
        await session.execute(statement, {"account": world.mother.id})
    answer = await world.mother.put(f"/v1/devices/{phone.installation_id}", registration(phone, world))
    assert answer.status_code == 401


async def test_preferences_that_were_given_out_are_taken_back(world: World) -> None:
    rules = [{"mode": "feed", "childId": str(world.ivan)}]
    await world.mother.put("/v1/preferences", {"quietHours": None, "summaryAt": "18:00:00", "rules": rules})
    await run_as_owner(world, f"UPDATE guardianship SET may_view = false WHERE account_id = '{world.mother.id}'")
    chosen = (await world.mother.get("/v1/preferences")).json()
    assert (await world.mother.put("/v1/preferences", chosen)).status_code == 200
