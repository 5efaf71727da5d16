"""Registering devices, and trying to register somebody else's."""

import base64
import os
from datetime import timedelta
from uuid import uuid4

import pytest

from push.standin.phones import new_token
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset, registration
from tests.world import World

KEY = base64.b64encode(os.urandom(32)).decode()


async def test_an_installation_cannot_be_taken_by_its_id(world: World, standin: Standin, worker: Worker) -> None:
    """Whoever knows the id only is refused, and the owner goes on receiving."""
    handset = await give_handset(world, standin, world.mother)
    theirs = registration(handset, world)
    theirs["target"] = {"kind": "token", "value": new_token()}
    theirs["key"]["value"] = base64.b64encode(os.urandom(32)).decode()
    answer = await world.stranger.put(f"/v1/devices/{handset.installation_id}", theirs)
    assert (answer.status_code, answer.json()["code"]) == (409, "installation-taken")
    await world.set_mark("5")
    await deliver(worker)
    assert handset.texts() == ["Иван: новая оценка | Математика: 5"]


async def test_a_family_shares_a_tablet(world: World, standin: Standin) -> None:
    tablet = await give_handset(world, standin, world.mother)
    same = registration(tablet, world)
    assert (await world.father.put(f"/v1/devices/{tablet.installation_id}", same)).status_code == 204


async def test_a_target_moves_with_its_last_registration(world: World, standin: Standin, worker: Worker) -> None:
    """The app was installed anew: another installation, the same token."""
    old = await give_handset(world, standin, world.mother)
    fresh = uuid4()
    await world.mother.put(f"/v1/devices/{fresh}", registration(old, world))
    await world.set_mark("5")
    await deliver(worker)
    assert len(old.received) == 1
    reachable = {
        item["installationId"]: item["reachable"] for item in (await world.mother.get("/v1/devices")).json()["items"]
    }
    assert reachable == {str(old.installation_id): False, str(fresh): True}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"target": {"kind": "token", "value": "with a space in it"}}, "/target/value"),
        ({"target": {"kind": "token", "value": "x" * 10_000}}, "/target/value"),
        ({"target": {"kind": "token", "value": "short"}}, "/target/value"),
        ({"platform": "windows"}, "/platform"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"key": {"id": "k", "value": KEY, "expiresAt": "2020-01-01T00:00:00Z"}}, "/key/expiresAt"),
        ({"key": {"id": "k", "value": "!" * 43, "expiresAt": "2027-01-01T00:00:00Z"}}, "/key/value"),
        ({"key": {"id": "k|1", "value": KEY, "expiresAt": "2027-01-01T00:00:00Z"}}, "/key/id"),
        ({"key": {"id": "k", "value": KEY[:40], "expiresAt": "2027-01-01T00:00:00Z"}}, "/key/value"),
        ({"key": {"id": "k", "value": "A" * 43, "expiresAt": "2027-01-01T00:00:00Z"}}, "/key/value"),
    ],
)
async def test_bad_registrations_are_refused_at_the_door(
    world: World, standin: Standin, change: dict[str, object], pointer: str
) -> None:
    handset = await give_handset(world, standin, world.mother)
    answer = await world.mother.put(f"/v1/devices/{uuid4()}", registration(handset, world) | change)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_an_expired_key_falls_back_to_neutral_texts(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    world.clock.move(days=91)
    await world.reissue()
    starts = world.clock.now + timedelta(days=3)
    body = {"title": "Итоги", "place": "12", "startsAt": starts.isoformat(),
            "endsAt": (starts + timedelta(hours=1)).isoformat()}  # fmt: skip
    await world.class_teacher.post(f"/v1/classes/{world.school.class_id}/meetings", body)
    await deliver(worker)
    assert [received.message["data"]["body"] for received in handset.received] == ["Новая запись в дневнике"]


async def test_a_key_opens_one_device_only(world: World, standin: Standin) -> None:
    handset = await give_handset(world, standin, world.mother)
    copied = registration(handset, world) | {"target": {"kind": "token", "value": new_token()}}
    answer = await world.stranger.put(f"/v1/devices/{uuid4()}", copied)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/key/value", "key-repeated")]


async def test_a_new_key_comes_under_a_new_id(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    path, body = f"/v1/devices/{handset.installation_id}", registration(handset, world)
    fresh = os.urandom(32)
    body["key"] |= {"value": base64.b64encode(fresh).decode()}
    answer = await world.mother.put(path, body)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/key/id", "key-id-taken")]
    body["key"] |= {"id": "k2"}
    assert (await world.mother.put(path, body)).status_code == 204
    handset.key = fresh
    await world.set_mark("5")
    await deliver(worker)
    assert handset.texts() == ["Иван: новая оценка | Математика: 5"]


async def test_a_fid_retires_the_token(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    fid = handset.token.partition(":")[0]
    body = registration(handset, world) | {"target": {"kind": "fid", "value": fid}}
    assert (await world.mother.put(f"/v1/devices/{handset.installation_id}", body)).status_code == 204
    await world.set_mark("5")
    await deliver(worker)
    (message,) = [received.message for received in handset.received]
    assert (message.get("fid"), message.get("token")) == (fid, None)


async def test_nobody_carries_more_than_twenty_devices(world: World, standin: Standin) -> None:
    for _ in range(21):
        world.clock.move(seconds=1)
        await give_handset(world, standin, world.mother)
    devices = (await world.mother.get("/v1/devices")).json()["items"]
    assert len(devices) == 20


async def test_a_target_unheard_of_for_270_days_is_switched_off(world: World, standin: Standin) -> None:
    from push.housekeeping import sweep

    await give_handset(world, standin, world.mother)
    for days, reachable in ((269, True), (2, False)):
        world.clock.move(days=days)
        await world.reissue()
        async with world.database.transaction() as session:
            await sweep(session, world.clock.now)
        (device,) = (await world.mother.get("/v1/devices")).json()["items"]
        assert (device["reachable"], device["lost"]) == (reachable, None if reachable else "stale")


async def test_the_class_teacher_sees_whom_pushes_reach(world: World, standin: Standin) -> None:
    await give_handset(world, standin, world.mother)
    silent = await give_handset(world, standin, world.father)
    body = registration(silent, world) | {"permission": "denied"}
    await world.father.put(f"/v1/devices/{silent.installation_id}", body)
    students = (await world.class_teacher.get(f"/v1/classes/{world.school.class_id}/students")).json()["students"]
    guardians = next(student for student in students if student["id"] == str(world.ivan))["guardians"]
    reached = {guardian["accountId"]: guardian["reached"] for guardian in guardians}
    assert reached[str(world.mother.id)] is True
    assert reached[str(world.father.id)] is False
