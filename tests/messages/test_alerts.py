"""Who hears of a message, in which words, when, and with a sound or without."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from push.standin.server import Standin
from push.worker import Worker
from tests.messages.letters import page, reply, write
from tests.push.fixtures import Handset, deliver, give_handset, run_as_owner
from tests.world import Someone, World

MOSCOW = ZoneInfo("Europe/Moscow")


async def handsets(world: World, standin: Standin, *people: Someone) -> list[Handset]:
    return [await give_handset(world, standin, who) for who in people]


async def speak_english(world: World, someone: Someone) -> None:
    assert (await someone.patch("/v1/me", {"language": "en"})).status_code == 204


async def set_hours(world: World, *hours: tuple[int, str, str]) -> None:
    wish = [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in hours]
    answer = await world.teacher.put(f"/v1/schools/{world.school.id}/office-hours", {"hours": wish})
    assert answer.status_code == 200, answer.text


async def settle(world: World, worker: Worker) -> None:
    """What has to leave screens is gathered for some seconds."""
    await deliver(worker)
    world.clock.move(seconds=10)
    await deliver(worker)


def quiet(handset: Handset) -> list[bool]:
    return [bool(content.get("quiet")) for content in handset.opened()]


@pytest.mark.parametrize(
    ("author", "to", "shown"),
    [
        ("mother", "teacher", "Иван, 5А: новое сообщение | родитель"),
        ("student", "class_teacher", "Иван, 5А: новое сообщение | ученик"),
        ("teacher", "mother", "Иван, 5А: новое сообщение | учитель: Математика"),
        ("class_teacher", "student", "Иван, 5А: новое сообщение | классный руководитель"),
        ("deputy", "father", "Иван, 5А: новое сообщение | завуч"),
    ],
)
async def test_the_other_side_alone_hears_who_writes_and_not_what(
    world: World, standin: Standin, worker: Worker, author: str, to: str, shown: str
) -> None:
    everybody = [who for who in vars(world).values() if isinstance(who, Someone)]
    phones = dict(zip([who.id for who in everybody], await handsets(world, standin, *everybody), strict=True))
    sent = await write(world, getattr(world, author), getattr(world, to), "Тайна Петрова")
    await deliver(worker)
    told = {account: handset.texts() for account, handset in phones.items() if handset.received}
    assert told == {getattr(world, to).id: [shown]}
    (item,) = (await getattr(world, to).get("/v1/alerts")).json()["items"]
    assert (item["target"]["screen"], item["target"]["entityId"]) == ("messages", sent["threadId"])
    assert "Тайна" not in json.dumps(item, ensure_ascii=False)


async def test_in_english(world: World, standin: Standin, worker: Worker) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    await speak_english(world, world.mother)
    await write(world, world.teacher, world.mother)
    await write(world, world.class_teacher, world.mother, urgent=True)
    await deliver(worker)
    assert sorted(phone.texts()) == [
        "Иван, 5А: new message | teacher: Математика",
        "Иван, 5А: urgent message of the school | class teacher",
    ]


async def test_messages_of_a_thread_are_one_item_and_threads_are_apart(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.teacher)
    await write(world, world.mother, world.teacher)
    await write(world, world.mother, world.teacher)
    await write(world, world.father, world.teacher)
    await deliver(worker)
    assert sorted(phone.screen().texts()) == [
        "Иван, 5А: новое сообщение | родитель",
        "Иван, 5А: новые сообщения | родитель",
    ]


async def test_reading_a_thread_clears_the_other_devices(world: World, standin: Standin, worker: Worker) -> None:
    phone, tablet = await handsets(world, standin, world.mother, world.mother)
    sent = await write(world, world.teacher, world.mother)
    await deliver(worker)
    await world.mother.put(f"/v1/threads/{sent['threadId']}/read", {"number": 1})
    await settle(world, worker)
    assert [device.screen().texts() for device in (phone, tablet)] == [[], []]


async def test_what_is_taken_back_leaves_the_screen(world: World, standin: Standin, worker: Worker) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    sent = await write(world, world.teacher, world.mother)
    await deliver(worker)
    assert len(phone.screen().texts()) == 1
    await world.teacher.delete(f"/v1/messages/{sent['id']}")
    await settle(world, worker)
    assert phone.screen().texts() == []


async def test_at_night_only_an_urgent_message_of_the_school_comes(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    world.clock.now = datetime(2026, 11, 18, 19, 0, tzinfo=UTC)  # 22:00 in Moscow
    await world.reissue()
    await write(world, world.teacher, world.mother)
    await write(world, world.class_teacher, world.mother, urgent=True)
    await deliver(worker)
    assert phone.texts() == ["Иван, 5А: срочное сообщение школы | классный руководитель"]
    assert quiet(phone) == [False]
    world.clock.now = datetime(2026, 11, 19, 4, 1, tzinfo=UTC)
    await deliver(worker)
    assert "учитель: Математика" in phone.texts()[-1]


async def test_an_urgent_message_passes_also_where_another_of_its_thread_waits(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    world.clock.now = datetime(2026, 11, 18, 19, 0, tzinfo=UTC)
    await world.reissue()
    sent = await write(world, world.teacher, world.mother)
    await deliver(worker)
    assert phone.received == []
    await reply(world.teacher, sent["threadId"], urgent=True)
    await deliver(worker)
    assert phone.texts() == ["Иван, 5А: срочное сообщение школы | учитель: Математика"]


@pytest.mark.parametrize("read", [False, True])
async def test_outside_of_office_hours_the_sound_waits_and_the_message_does_not(
    world: World, standin: Standin, worker: Worker, read: bool
) -> None:
    await set_hours(world, (3, "14:00:00", "16:00:00"))
    (phone,) = await handsets(world, standin, world.teacher)
    sent = await write(world, world.mother, world.teacher)  # Wednesday, 12:00
    await deliver(worker)
    assert (phone.texts(), quiet(phone)) == (["Иван, 5А: новое сообщение | родитель"], [True])
    assert len((await page(world.teacher, sent["threadId"]))["items"]) == 1
    if read:
        await world.teacher.put(f"/v1/threads/{sent['threadId']}/read", {"number": 1})
    for minutes, rung in ((119, 0), (1, 0 if read else 1), (30, 0 if read else 1)):
        world.clock.move(minutes=minutes)
        await deliver(worker)
        assert phone.screen().rung == rung
    assert phone.screen().texts() == ([] if read else ["Иван, 5А: новое сообщение | родитель"])


async def test_what_comes_in_office_hours_sounds_once(world: World, standin: Standin, worker: Worker) -> None:
    await set_hours(world, (3, "14:00:00", "16:00:00"))
    (phone,) = await handsets(world, standin, world.teacher)
    sent = await write(world, world.mother, world.teacher)
    await deliver(worker)
    world.clock.move(hours=2)
    await world.reissue()
    await reply(world.mother, sent["threadId"])
    await deliver(worker)
    world.clock.move(minutes=5)
    await deliver(worker)
    assert quiet(phone) == [True, False]


async def test_a_student_in_lessons_is_not_disturbed(world: World, standin: Standin, worker: Worker) -> None:
    child, mother = await handsets(world, standin, world.student, world.mother)
    await write(world, world.teacher, world.student)
    await write(world, world.teacher, world.mother)
    await deliver(worker)
    assert (quiet(child), quiet(mother)) == ([True], [False])


async def test_whoever_is_muted_is_read_in_the_inbox_and_does_not_learn_it(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    thread = (await write(world, world.mother, world.teacher))["threadId"]
    before = await seen_by_teacher(world, thread)
    assert (await world.mother.put(f"/v1/threads/{thread}/muting", {"muted": True})).status_code == 204
    assert (await world.mother.put(f"/v1/threads/{thread}/muting", {"muted": True})).status_code == 204
    assert await seen_by_teacher(world, thread) == before
    await reply(world.teacher, thread, urgent=True)
    await write(world, world.class_teacher, world.mother)
    await deliver(worker)
    assert phone.texts() == ["Иван, 5А: новое сообщение | классный руководитель"]
    assert len((await world.mother.get("/v1/alerts")).json()["items"]) == 2
    mine = (await page(world.mother, thread))["thread"]
    assert (mine["muted"], mine["unread"]) == (True, 1)
    await world.mother.put(f"/v1/threads/{thread}/muting", {"muted": False})
    await reply(world.teacher, thread)
    await deliver(worker)
    assert phone.texts()[1:] == ["Иван, 5А: новое сообщение | учитель: Математика"]


async def seen_by_teacher(world: World, thread: str) -> Any:
    return (await page(world.teacher, thread))["thread"]


async def test_a_guardian_who_wants_no_pushes_finds_it_in_the_app(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    await run_as_owner(world, "UPDATE guardianship SET receives_push = false")
    sent = await write(world, world.teacher, world.mother)
    await deliver(worker)
    assert phone.received == []
    assert (await page(world.mother, sent["threadId"]))["thread"]["unread"] == 1


async def test_when_a_guardianship_ends_what_hangs_is_taken_down(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    await write(world, world.teacher, world.mother)
    await deliver(worker)
    yesterday = world.today - timedelta(days=1)
    await run_as_owner(world, f"UPDATE guardianship SET ends = '{yesterday}' WHERE account_id = '{world.mother.id}'")
    await settle(world, worker)
    assert phone.screen().texts() == []


async def test_an_urgent_message_rings_right_after_another_message(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.mother)
    sent = await write(world, world.teacher, world.mother)
    await deliver(worker)
    world.clock.move(seconds=5)
    await reply(world.teacher, sent["threadId"], urgent=True)
    await deliver(worker)
    assert quiet(phone) == [False, False]


@pytest.mark.parametrize(
    ("quiet_until", "rings_at"),
    [("07:00:00", (14, 0)), ("15:00:00", (15, 0))],
    ids=["in office hours", "after quiet hours"],
)
async def test_what_is_written_at_night_sounds_in_office_hours_and_not_in_quiet_ones(
    world: World, standin: Standin, worker: Worker, quiet_until: str, rings_at: tuple[int, int]
) -> None:
    await set_hours(world, (3, "10:00:00", "11:00:00"), (4, "14:00:00", "16:00:00"))
    night = {"quietHours": {"from": "21:00:00", "until": quiet_until}, "summaryAt": "18:00:00", "rules": []}
    assert (await world.teacher.put("/v1/preferences", night)).status_code == 200
    (phone,) = await handsets(world, standin, world.teacher)
    world.clock.move(hours=10)  # 22:00
    await world.reissue()
    await write(world, world.mother, world.teacher)
    rings = datetime(2026, 11, 19, *rings_at, tzinfo=MOSCOW)
    for moment, rung in ((rings - timedelta(minutes=1), 0), (rings, 1), (rings + timedelta(hours=1), 1)):
        world.clock.now = moment.astimezone(UTC)
        await deliver(worker)
        assert phone.screen().rung == rung, moment


async def test_an_urgent_message_to_a_student_in_lessons_sounds_after_them(
    world: World, standin: Standin, worker: Worker
) -> None:
    (phone,) = await handsets(world, standin, world.student)
    await write(world, world.deputy, world.student, urgent=True)
    await deliver(worker)
    assert phone.screen().rung == 0
    world.clock.move(hours=3)
    await deliver(worker)
    assert phone.screen().rung == 1
