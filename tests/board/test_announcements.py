"""Announcements: whom they reach, what phones show, when; and what takes them back."""

import asyncio
from datetime import timedelta

import pytest

from backend.board.jobs import tell_due_announcements
from push.standin.server import Standin
from push.worker import Worker
from tests.board.scenes import deliver_bulk, in_days, kinds, publish, published, tell_due, texts, titles
from tests.push.fixtures import give_handset, run_as_owner
from tests.world import World


async def test_parents_of_a_class_are_told_in_their_language(world: World, standin: Standin, worker: Worker) -> None:
    told = [await give_handset(world, standin, who) for who in (world.mother, world.father, world.neighbour)]
    others = [await give_handset(world, standin, who) for who in (world.student, world.teacher, world.stranger)]
    await world.father.patch("/v1/me", {"language": "en"})
    announcement = await published(world)
    await deliver_bulk(world, worker)
    assert [handset.texts() for handset in told] == [
        ["Объявление, 5А | Каток в субботу"],
        ["Announcement, 5А | Каток в субботу"],
        ["Объявление, 5А | Каток в субботу"],
    ]
    assert all(handset.received == [] for handset in others)
    (content,) = told[0].opened()
    assert (content["channel"], content["childId"]) == ("announcements", str(world.ivan))
    target = {"screen": "announcement", "childId": str(world.ivan), "date": None, "entityId": announcement}
    assert content["target"] == target
    assert (await world.mother.get(f"/v1/announcements/{announcement}")).json()["text"] == "В десять у школы"


async def test_whoever_has_many_children_there_hears_of_it_once(world: World, standin: Standin, worker: Worker) -> None:
    await world.classmates(3)
    neighbour = await give_handset(world, standin, world.neighbour)
    await published(world, world.director, classIds=[])
    await deliver_bulk(world, worker)
    assert neighbour.texts() == ["Объявление | Каток в субботу"]
    assert "childId" not in neighbour.opened()[0], "of all of them, so of none"
    assert await kinds(world.neighbour) == ["announcement-published"]


async def test_the_staff_of_a_class_is_who_teaches_it(world: World) -> None:
    await published(world, world.deputy, to=["staff"])
    told = {name for name in ("teacher", "other_teacher", "class_teacher", "deputy", "director", "administrator")
            if await kinds(getattr(world, name))}  # fmt: skip
    assert told == {"teacher", "other_teacher", "class_teacher"}
    await published(world, world.deputy, to=["staff"], classIds=[])
    assert await kinds(world.director) == ["announcement-published"]
    assert await kinds(world.deputy) == [], "not who wrote it"
    assert await kinds(world.mother) == await kinds(world.foreign_teacher) == []


async def test_a_student_in_lessons_hears_no_sound(world: World, standin: Standin, worker: Worker) -> None:
    student = await give_handset(world, standin, world.student)
    mother = await give_handset(world, standin, world.mother)
    await published(world, to=["students", "parents"])
    await deliver_bulk(world, worker)
    assert [handset.opened()[0].get("quiet", False) for handset in (student, mother)] == [True, False]


async def test_news_is_read_and_rings_nowhere(world: World) -> None:
    await published(world, kind="news")
    assert await titles(world.mother, "?kind=news") == ["Каток в субботу"]
    assert (await titles(world.mother, "?kind=announcement"), await kinds(world.mother)) == ([], [])


async def test_a_planned_one_comes_out_in_its_time_and_once(world: World, standin: Standin, worker: Worker) -> None:
    mother = await give_handset(world, standin, world.mother)
    announcement = await published(world, publishAt=(world.clock.now + timedelta(hours=2)).isoformat())
    world.clock.move(minutes=119)
    await world.reissue()
    assert (await tell_due(world), await titles(world.mother)) == (0, [])
    assert (await world.mother.get(f"/v1/announcements/{announcement}")).status_code == 404
    world.clock.move(minutes=1)
    await world.reissue()
    assert [await tell_due(world), await tell_due(world)] == [1, 0]
    await deliver_bulk(world, worker)
    assert mother.texts() == ["Объявление, 5А | Каток в субботу"]
    assert await titles(world.mother) == ["Каток в субботу"]


async def test_after_an_outage_what_has_expired_is_not_told_and_what_is_old_rings_no_phone(
    world: World, standin: Standin, worker: Worker
) -> None:
    mother = await give_handset(world, standin, world.mother)
    soon = (world.clock.now + timedelta(hours=1)).isoformat()
    await published(world, title="Сегодня", publishAt=soon, expiresOn=str(world.today))
    await published(world, title="Весь месяц", publishAt=soon)
    world.clock.move(days=5)
    await world.reissue()
    assert await tell_due(world) == 2
    await deliver_bulk(world, worker)
    assert await texts(world.mother) == ["Весь месяц"]
    assert mother.received == []


async def test_taken_back_it_leaves_the_screens_and_nobody_sees_it(
    world: World, standin: Standin, worker: Worker
) -> None:
    mother = await give_handset(world, standin, world.mother)
    announcement = await published(world)
    await deliver_bulk(world, worker)
    assert (await world.deputy.delete(f"/v1/announcements/{announcement}")).status_code == 204
    assert (await world.deputy.delete(f"/v1/announcements/{announcement}")).status_code == 404
    await deliver_bulk(world, worker)
    world.clock.move(seconds=5)  # what has to go is gathered for so long
    await deliver_bulk(world, worker)
    assert mother.screen().items == {}
    assert (await world.mother.get("/v1/alerts")).json()["items"][0]["withdrawn"] is True
    assert await titles(world.mother) == []
    assert await run_as_owner(world, "SELECT taken_back_by FROM announcement") == world.deputy.id


async def test_a_planned_one_that_was_taken_back_is_never_told(world: World) -> None:
    announcement = await published(world, publishAt=(world.clock.now + timedelta(hours=2)).isoformat())
    await world.class_teacher.delete(f"/v1/announcements/{announcement}")
    world.clock.move(hours=3)
    await world.reissue()
    assert (await tell_due(world), await kinds(world.mother)) == (0, [])


async def test_taking_back_and_telling_at_once_leaves_nobody_told(world: World) -> None:
    """The job holds the queue's row; who takes back waits for it, and withdraws what it has told."""
    announcement = await published(world, publishAt=(world.clock.now + timedelta(minutes=1)).isoformat())
    world.clock.move(minutes=2)
    async with world.database.transaction() as session:
        assert await tell_due_announcements(session, world.clock.now) == 1
        taking_back = asyncio.create_task(world.deputy.delete(f"/v1/announcements/{announcement}"))
        async with asyncio.timeout(10):
            while not await run_as_owner(world, "SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0)
    assert (await taking_back).status_code == 204
    items = (await world.mother.get("/v1/alerts")).json()["items"]
    assert [item["withdrawn"] for item in items] == [True]


async def test_one_that_cannot_be_told_holds_up_no_other_and_is_tried_again(world: World) -> None:
    planned = (world.clock.now + timedelta(hours=2)).isoformat()
    broken = await published(world, title="Субботник", publishAt=planned)
    await published(world, publishAt=planned)
    # What no request can bring about, and no clock can read.
    await run_as_owner(world, f"UPDATE announcement SET publish_at = '-infinity' WHERE id = '{broken}'")
    world.clock.move(hours=3)
    await world.reissue()
    assert (await tell_due(world), await texts(world.mother)) == (2, ["Каток в субботу"])
    await run_as_owner(world, f"UPDATE announcement SET publish_at = '{planned}' WHERE id = '{broken}'")
    assert await tell_due(world) == 0
    world.clock.move(minutes=15)
    await world.reissue()
    assert (await tell_due(world), await texts(world.mother)) == (1, ["Субботник", "Каток в субботу"])


@pytest.mark.parametrize(("notify", "told"), [(False, 1), (True, 2)])
async def test_a_changed_text_is_told_only_if_asked(
    world: World, standin: Standin, worker: Worker, notify: bool, told: int
) -> None:
    mother = await give_handset(world, standin, world.mother)
    announcement = await published(world)
    await deliver_bulk(world, worker)
    path = f"/v1/announcements/{announcement}"
    changed = await world.class_teacher.patch(path, {"title": "Каток в воскресенье", "notify": notify})
    assert changed.json()["changedAt"] is not None
    await world.class_teacher.patch(path, {"title": "Каток в воскресенье", "notify": True})
    await deliver_bulk(world, worker)
    assert len(await kinds(world.mother)) == told, "the same once more is no news"
    assert mother.texts()[-1] == "Объявление, 5А | " + ("Каток в воскресенье" if notify else "Каток в субботу")
    assert await titles(world.mother) == ["Каток в воскресенье"]


async def test_what_is_changed_before_it_is_told_is_told_once_as_it_is_then(world: World) -> None:
    announcement = await published(world, publishAt=(world.clock.now + timedelta(minutes=1)).isoformat())
    world.clock.move(minutes=2)
    await world.class_teacher.patch(f"/v1/announcements/{announcement}", {"title": "Лыжи", "notify": True})
    assert await kinds(world.mother) == []
    await tell_due(world)
    assert await texts(world.mother) == ["Лыжи"]


async def test_a_change_cannot_let_it_expire_before_it_comes_out(world: World) -> None:
    announcement = await published(world, publishAt=(world.clock.now + timedelta(days=2)).isoformat())
    answer = await world.class_teacher.patch(
        f"/v1/announcements/{announcement}", {"title": "Лыжи", "expiresOn": str(in_days(world, 1))}
    )
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/expiresOn", "expires-before-publication")
    ]
    assert (await world.class_teacher.get(f"/v1/announcements/{announcement}")).json()["title"] == "Каток в субботу"


async def test_sent_twice_it_is_published_once(world: World) -> None:
    wish = {"title": "Каток", "text": "В субботу", "to": ["parents"], "classIds": [str(world.school.class_id)]}
    path = f"/v1/schools/{world.school.id}/announcements"
    made = [await world.class_teacher.post(path, wish, **{"Idempotency-Key": "one"}) for _ in range(2)]
    assert made[0].json() == made[1].json()
    assert len(await kinds(world.mother)) == 1


async def test_a_class_teacher_changes_only_what_is_for_the_own_classes(world: World) -> None:
    announcement = await published(world, world.director, classIds=[])
    answer = await world.class_teacher.patch(f"/v1/announcements/{announcement}", {"title": "Другое"})
    assert answer.status_code == 404
    assert (await publish(world, world.teacher)).status_code == 404
