"""What is on the board: who reads what, page by page; what publishers see; what is refused."""

from datetime import timedelta
from typing import Any

from backend.core.ids import new_id
from backend.school.models import SchoolRole
from tests.board.scenes import add_class, in_days, path, publish, published, titles
from tests.world import STARTS, World, errors


async def test_each_sees_what_concerns_them(world: World) -> None:
    other = await add_class(world, "Б")
    await published(world, title="Родителям 5А")
    await published(world, title="Ученикам 5А", to=["students"])
    await published(world, world.deputy, title="Учителям 5А", to=["staff"])
    await published(world, world.deputy, title="Родителям 5Б", classIds=[str(other.id)])
    await published(world, world.deputy, title="Двум классам", classIds=[str(other.id), str(world.school.class_id)])
    await published(world, world.administrator, title="Школе", to=["staff", "parents", "students"], classIds=[])
    seen = {name: await titles(getattr(world, name)) for name in ("mother", "student", "teacher", "director")}
    assert seen == {
        "mother": ["Школе", "Двум классам", "Родителям 5А"],
        "student": ["Школе", "Ученикам 5А"],
        "teacher": ["Школе", "Учителям 5А"],
        "director": ["Школе"],
    }
    for stranger in (world.stranger, world.foreign_teacher, world.former):
        assert await titles(stranger) == []


async def test_what_has_expired_is_gone_the_day_after(world: World) -> None:
    announcement = await published(world, expiresOn=str(in_days(world, 1)))
    world.clock.move(days=1)
    await world.reissue()
    assert await titles(world.mother) == ["Каток в субботу"]
    world.clock.move(hours=12)
    await world.reissue()
    assert await titles(world.mother) == []
    assert (await world.mother.get(f"/v1/announcements/{announcement}")).status_code == 404
    assert (await world.class_teacher.get(f"/v1/announcements/{announcement}")).status_code == 200


async def test_newest_first_page_by_page(world: World) -> None:
    for number in range(23):
        await published(world, kind="news", title=str(number))
        world.clock.move(seconds=1)
    first = (await world.mother.get("/v1/announcements")).json()
    second = (await world.mother.get(f"/v1/announcements?after={first['next']}")).json()
    shown = [item["title"] for page in (first, second) for item in page["items"]]
    assert (shown, second["next"]) == ([str(number) for number in reversed(range(23))], None)
    managed = (await world.deputy.get(f"{path(world)}?after={first['next']}")).json()
    assert [item["title"] for item in managed["items"]] == ["2", "1", "0"]


async def test_a_cursor_that_is_none_is_refused(world: World) -> None:
    for cursor in ("x", "1.2", f"99999999999999999999999.{new_id()}", f"-1.{new_id()}"):
        for address in ("/v1/announcements", path(world)):
            answer = await world.deputy.get(f"{address}?after={cursor}")
            assert errors(answer) == {"query:after": "bad-cursor"}, cursor


async def managed(world: World, who: Any) -> list[tuple[str, str, int, int]]:
    """(title, state, told, read by) of what somebody may change."""
    items = (await who.get(path(world))).json()["items"]
    return [(item["title"], item["state"], item["told"], item["readBy"]) for item in items]


async def test_publishers_see_planned_and_expired_ones_and_how_many_have_read(world: World) -> None:
    await published(world, title="Прошло", expiresOn=str(world.today))
    world.clock.move(days=1)
    await world.reissue()
    await published(world, title="Идёт")
    later = (world.clock.now + timedelta(days=1)).isoformat()
    await published(world, world.director, title="Будет", classIds=[], publishAt=later)
    newest = (await world.mother.get("/v1/alerts")).json()["items"][0]["id"]
    await world.mother.post("/v1/alerts/read", {"alertIds": [newest]})
    own = [("Идёт", "shown", 3, 1), ("Прошло", "expired", 3, 0)]
    assert await managed(world, world.class_teacher) == own
    assert await managed(world, world.administrator) == [("Будет", "planned", 0, 0), *own]
    assert (await world.mother.get(path(world))).status_code == 404


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_saved(world: World) -> None:
    answer = await publish(
        world,
        world.deputy,
        to=[],
        classIds=[str(world.school.class_id), str(world.elsewhere.class_id), str(world.school.class_id)],
        publishAt=(world.clock.now + timedelta(days=3)).isoformat(),
        expiresOn=str(in_days(world, 2)),
    )
    assert answer.status_code == 422
    assert errors(answer) == {
        "/to": "empty-audience",
        "/classIds/1": "unknown-class",
        "/classIds/2": "repeated",
        "/expiresOn": "expires-before-publication",
    }
    assert (await world.deputy.get(path(world))).json()["items"] == []


async def test_what_lies_behind_or_far_ahead_is_refused(world: World) -> None:
    for days, code in ((-1, "in-the-past"), (400, "too-far")):
        answer = await publish(world, publishAt=(world.clock.now + timedelta(days=days)).isoformat())
        assert errors(answer) == {"/publishAt": code}


async def test_a_class_teacher_speaks_for_the_own_class_only(world: World) -> None:
    other = await add_class(world, "Б")
    assert errors(await publish(world, classIds=[])) == {"/classIds": "not-your-class"}
    assert errors(await publish(world, classIds=[str(other.id)])) == {"/classIds/0": "not-your-class"}


async def test_a_class_teacher_who_is_gone_publishes_no_more(world: World) -> None:
    announcement = await published(world)
    async with world.database.transaction() as session:
        role = await session.get_one(SchoolRole, (world.class_teacher.id, world.school.id, "teacher"))
        role.ends = in_days(world, -1)
    assert (await publish(world)).status_code == 404
    assert (await world.class_teacher.delete(f"/v1/announcements/{announcement}")).status_code == 404


async def test_who_works_in_two_schools_hears_of_both(world: World) -> None:
    await world.add(
        SchoolRole(account_id=world.teacher.id, school_id=world.elsewhere.id, role="teacher", starts=STARTS)
    )
    await published(world, world.deputy, title="Здесь", to=["staff"], classIds=[])
    there = {"title": "Там", "text": "Текст", "to": ["staff"], "classIds": [str(world.elsewhere.class_id)]}
    await world.foreign_teacher.post(f"/v1/schools/{world.elsewhere.id}/announcements", there)
    assert await titles(world.teacher) == ["Здесь"], "teaches no class there"
    assert await titles(world.foreign_teacher) == ["Там"]
