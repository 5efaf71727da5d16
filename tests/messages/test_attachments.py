"""Files go with a message: the two of its thread have them, and who decides on a report of it; nobody else."""

from datetime import timedelta

from tests.files.samples import brought
from tests.messages.letters import page, send, texts, write
from tests.push.fixtures import run_as_owner
from tests.world import Someone, World, errors


async def readers(world: World, file: str) -> set[str]:
    """Who gets a link to a file."""
    people = {name: value for name, value in vars(world).items() if isinstance(value, Someone)}
    answers = {name: (await someone.get(f"/v1/files/{file}")).status_code for name, someone in people.items()}
    assert set(answers.values()) <= {200, 404}
    return {name for name, status in answers.items() if status == 200}


async def test_files_go_with_a_message(world: World) -> None:
    plan, list_of_books = await brought(world.mother), await brought(world.mother, "книги.pdf")
    sent = await write(world, world.mother, world.teacher, files=[list_of_books, plan])
    (item,) = (await page(world.teacher, sent["threadId"]))["items"]
    assert [file["name"] for file in item["files"]] == ["книги.pdf", "план.pdf"]
    assert await readers(world, plan) == {"mother", "teacher"}


async def test_when_a_right_ends_so_does_that_to_the_files(world: World) -> None:
    plan = await brought(world.mother)
    await write(world, world.mother, world.teacher, files=[plan])
    yesterday = world.today - timedelta(days=1)
    await run_as_owner(world, f"UPDATE guardianship SET ends = '{yesterday}' WHERE account_id = '{world.mother.id}'")
    assert await readers(world, plan) == {"teacher"}


async def test_files_of_others_are_refused_and_nothing_is_written(world: World) -> None:
    own, others = await brought(world.mother), await brought(world.father)
    answer = await send(world, world.mother, world.teacher, files=[own, others])
    assert errors(answer) == {"/files/1": "unknown-file"}
    assert await run_as_owner(world, "SELECT count(*) FROM message_thread") == 0


async def test_with_the_message_its_files_are_taken_back(world: World) -> None:
    plan = await brought(world.mother)
    sent = await write(world, world.mother, world.teacher, files=[plan])
    await world.mother.delete(f"/v1/messages/{sent['id']}")
    (item,) = (await page(world.teacher, sent["threadId"]))["items"]
    assert item["files"] == []
    assert await texts(world.mother, sent["threadId"]) == [None]
    assert await readers(world, plan) == set()


async def test_who_decides_on_a_report_may_have_the_files(world: World) -> None:
    plan = await brought(world.mother)
    sent = await write(world, world.mother, world.teacher, files=[plan])
    await world.teacher.post(f"/v1/messages/{sent['id']}/reports", {"reason": "Оскорбляет"})
    (item,) = (await world.deputy.get(f"/v1/schools/{world.school.id}/message-reports")).json()["items"]
    assert [file["name"] for file in item["files"]] == ["план.pdf"]
    assert await readers(world, plan) == {"mother", "teacher", "deputy", "director"}
