"""Files of an announcement: whoever may read it has them, and nobody else."""

from typing import Any

from sqlalchemy import text

from tests.board.scenes import publish, published
from tests.files.samples import brought
from tests.world import Someone, World, errors


async def names(who: Someone, announcement: str) -> list[Any]:
    return [file["name"] for file in (await who.get(f"/v1/announcements/{announcement}")).json()["files"]]


async def test_files_are_for_whom_the_announcement_is_for(world: World) -> None:
    file = await brought(world.class_teacher, "plan.pdf")
    announcement = await published(world, files=[file])
    assert await names(world.mother, announcement) == ["plan.pdf"]
    for who, status in ((world.mother, 200), (world.director, 200), (world.student, 404), (world.stranger, 404)):
        assert (await who.get(f"/v1/files/{file}")).status_code == status
    await world.class_teacher.delete(f"/v1/announcements/{announcement}")
    assert (await world.mother.get(f"/v1/files/{file}")).status_code == 404


async def test_files_are_changed(world: World) -> None:
    first, second = [await brought(world.class_teacher, name) for name in ("one.pdf", "two.pdf")]
    announcement = await published(world, files=[first])
    changed = await world.class_teacher.patch(f"/v1/announcements/{announcement}", {"files": [second]})
    assert changed.json()["changedAt"] is not None
    assert await names(world.mother, announcement) == ["two.pdf"]
    assert (await world.class_teacher.get(f"/v1/files/{first}")).status_code == 404


async def test_anothers_file_is_refused_with_all_the_rest_and_stays_unattached(world: World) -> None:
    own, foreign = await brought(world.deputy, "own.pdf"), await brought(world.class_teacher, "foreign.pdf")
    answer = await publish(world, world.deputy, to=[], files=[own, foreign])
    assert errors(answer) == {"/to": "empty-audience", "/files/1": "unknown-file"}
    async with world.database.transaction() as session:
        attached = await session.execute(text("SELECT count(*) FROM stored_file WHERE owner_id IS NOT NULL"))
        assert attached.scalar() == 0
