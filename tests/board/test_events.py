"""The ribbon of events: who writes what, who sees what, what is refused."""

from typing import Any

from backend.school.models import SchoolRole
from tests.board.scenes import add_class, in_days, kinds, path
from tests.messages.letters import page, reply, send, write
from tests.push.fixtures import run_as_owner
from tests.world import Someone, World, errors


async def put_up(world: World, who: Someone | None = None, **wish: Any) -> Any:
    """Of the class teacher for 5А, unless said otherwise."""
    body = {
        "kind": "olympiad", "title": "Математика", "firstDay": str(in_days(world, 3)),
        "lastDay": str(in_days(world, 4)), "classIds": [str(world.school.class_id)],
    } | wish  # fmt: skip
    return await (who or world.class_teacher).post(path(world, "events"), body)


async def ribbon(world: World, who: Someone, query: str = "") -> list[str]:
    return [item["title"] for item in (await who.get(path(world, "events") + query)).json()["items"]]


async def test_an_event_is_shown_with_whom_to_write_to(world: World) -> None:
    wish: dict[str, Any] = {
        "text": "Два тура", "place": "каб. 12", "subjectId": str(world.school.mathematics),
        "contactId": str(world.teacher.id),
    }  # fmt: skip
    made = (await put_up(world, **wish)).json()
    assert made["contact"] == {"accountId": str(world.teacher.id), "name": "Петров Мария", "roles": ["teacher"]}
    shown = (await world.mother.get(path(world, "events"))).json()
    assert shown["items"] == [made]
    assert (made["subject"], made["place"], made["classes"][0]["name"]) == ("Математика", "каб. 12", "5А")
    assert await kinds(world.mother) == [], "the ribbon alerts nobody"
    async with world.database.transaction() as session:
        role = await session.get_one(SchoolRole, (world.teacher.id, world.school.id, "teacher"))
        role.ends = in_days(world, -1)
    assert (await world.mother.get(path(world, "events"))).json()["items"][0]["contact"] is None


async def test_who_is_named_can_be_written_to_until_the_event_is_over(world: World) -> None:
    """The director, whom families write to about nothing else; they answer and begin nothing."""
    assert (await send(world, world.mother, world.director)).status_code == 404
    await put_up(world, contactId=str(world.director.id))
    thread = (await write(world, world.mother, world.director))["threadId"]
    await reply(world.director, thread)
    assert (await page(world.mother, thread))["thread"]["other"]["role"] == "staff"
    assert (await send(world, world.director, world.father)).status_code == 404
    assert (await send(world, world.mother, world.director, child=world.sofia)).status_code == 404, "of another school"
    elsewhere = await add_class(world, "В")
    await put_up(world, world.deputy, classIds=[str(elsewhere.id)], contactId=str(world.administrator.id))
    assert (await send(world, world.mother, world.administrator)).status_code == 404, "of another class"
    world.clock.move(days=12)
    await world.reissue()
    late = await world.mother.post(f"/v1/threads/{thread}/messages", {"text": "Ещё вопрос"})
    assert late.status_code == 403


async def test_who_is_named_begins_nothing_in_an_old_thread(world: World) -> None:
    """A teacher who left the class, named for an event of the whole school."""
    thread = (await write(world, world.mother, world.teacher))["threadId"]
    await run_as_owner(world, f"UPDATE teaching_load SET ends = starts WHERE teacher_id = '{world.teacher.id}'")
    world.clock.move(minutes=1)
    await put_up(world, world.deputy, classIds=[], contactId=str(world.teacher.id))
    path = f"/v1/threads/{thread}/messages"
    assert (await world.teacher.post(path, {"text": "Приходите"})).status_code == 403
    await reply(world.mother, thread)
    assert (await world.teacher.post(path, {"text": "Приходите"})).status_code == 201


async def test_each_sees_the_schools_events_and_those_of_the_own_classes(world: World) -> None:
    other = await add_class(world, "Б")
    await put_up(world, title="5А")
    await put_up(world, world.deputy, title="5Б", classIds=[str(other.id)])
    await put_up(world, world.administrator, title="Школа", classIds=[])
    seen = {name: set(await ribbon(world, getattr(world, name))) for name in ("mother", "student", "director")}
    assert seen == {"mother": {"5А", "Школа"}, "student": {"5А", "Школа"}, "director": {"5А", "5Б", "Школа"}}
    assert (await world.stranger.get(path(world, "events"))).status_code == 404


async def test_the_ribbon_is_asked_for_by_days_and_kind(world: World) -> None:
    for first, last, kind in ((1, 1, "seminar"), (3, 6, "olympiad"), (40, 40, "seminar")):
        days: dict[str, Any] = {"firstDay": str(in_days(world, first)), "lastDay": str(in_days(world, last))}
        await put_up(world, title=f"{first}", kind=kind, **days)
    assert await ribbon(world, world.mother) == ["1", "3"]
    assert await ribbon(world, world.mother, "?kind=seminar") == ["1"]
    within = f"?first={in_days(world, 5)}&last={in_days(world, 50)}"
    assert await ribbon(world, world.mother, within) == ["3", "40"]
    wrong = await world.mother.get(path(world, "events") + f"?first={in_days(world, 5)}&last={in_days(world, 4)}")
    assert errors(wrong) == {"query:last": "ends-before-it-begins"}


async def test_an_event_is_changed_and_removed(world: World) -> None:
    event = (await put_up(world, text="Два тура", place="каб. 12")).json()
    wish = {"kind": "conference", "title": "Физика", "firstDay": event["firstDay"], "lastDay": event["lastDay"]}
    changed = await world.deputy.put(f"/v1/events/{event['id']}", wish)
    assert changed.json() | {"classes": event["classes"]} == event | {
        "kind": "conference", "title": "Физика", "text": None, "place": None,
    }  # fmt: skip
    assert (await world.class_teacher.put(f"/v1/events/{event['id']}", wish)).status_code == 404, "it is the school's"
    assert (await world.administrator.delete(f"/v1/events/{event['id']}")).status_code == 204
    assert await ribbon(world, world.mother) == []
    assert (await world.administrator.delete(f"/v1/events/{event['id']}")).status_code == 404


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_saved(world: World) -> None:
    answer = await put_up(
        world,
        firstDay=str(in_days(world, 4)),
        lastDay=str(in_days(world, 3)),
        classIds=[str(world.elsewhere.class_id)],
        subjectId=str(world.elsewhere.mathematics),
        contactId=str(world.foreign_teacher.id),
    )
    assert errors(answer) == {
        "/lastDay": "ends-before-it-begins",
        "/classIds/0": "unknown-class",
        "/subjectId": "unknown-subject",
        "/contactId": "unknown-teacher",
    }
    far = await put_up(world, classIds=[], firstDay=str(in_days(world, 400)), lastDay=str(in_days(world, 600)))
    assert errors(far) == {"/firstDay": "too-far", "/lastDay": "too-long", "/classIds": "not-your-class"}
    assert await ribbon(world, world.director) == []
