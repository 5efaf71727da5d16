"""Files go with a message: the two of its thread have them, and who decides on a report of it; nobody else."""

from uuid import UUID

from backend.messages.reports import may_read_file
from tests.files.test_attaching import uploaded
from tests.messages.letters import errors, page, send, texts, write
from tests.push.fixtures import run_as_owner
from tests.world import World


async def readers(world: World, message: str) -> set[str]:
    found = set()
    for name in ("mother", "teacher", "father", "student", "former", "class_teacher", "deputy", "director", "stranger"):
        someone = getattr(world, name)
        async with world.database.transaction(someone.id) as session:
            if await may_read_file(session, someone.id, UUID(message), world.clock.now):
                found.add(name)
    return found


async def test_files_go_with_a_message(world: World) -> None:
    plan, photo = await uploaded(world, world.mother), await uploaded(world, world.mother, "фото.jpg")
    sent = await write(world, world.mother, world.teacher, files=[str(photo), str(plan)])
    (item,) = (await page(world.teacher, sent["threadId"]))["items"]
    assert [file["name"] for file in item["files"]] == ["фото.jpg", "план.pdf"]
    assert await readers(world, sent["id"]) == {"mother", "teacher"}


async def test_files_of_others_are_refused_and_nothing_is_written(world: World) -> None:
    own, others = await uploaded(world, world.mother), await uploaded(world, world.father)
    answer = await send(world, world.mother, world.teacher, files=[str(own), str(others)])
    assert errors(answer) == {"/files/1": "unknown-file"}
    assert await run_as_owner(world, "SELECT count(*) FROM message_thread") == 0


async def test_with_the_message_its_files_are_taken_back(world: World) -> None:
    sent = await write(world, world.mother, world.teacher, files=[str(await uploaded(world, world.mother))])
    await world.mother.delete(f"/v1/messages/{sent['id']}")
    (item,) = (await page(world.teacher, sent["threadId"]))["items"]
    assert item["files"] == []
    assert await texts(world.mother, sent["threadId"]) == [None]


async def test_who_decides_on_a_report_may_have_the_files(world: World) -> None:
    sent = await write(world, world.mother, world.teacher, files=[str(await uploaded(world, world.mother))])
    await world.teacher.post(f"/v1/messages/{sent['id']}/reports", {"reason": "Оскорбляет"})
    (item,) = (await world.deputy.get(f"/v1/schools/{world.school.id}/message-reports")).json()["items"]
    assert [file["name"] for file in item["files"]] == ["план.pdf"]
    assert await readers(world, sent["id"]) == {"mother", "teacher", "deputy", "director"}
