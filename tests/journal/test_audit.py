"""What was recorded can be neither rewritten nor taken out, and if somebody who can do so does, it shows."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.journal.audit import Finding, verify
from tests.push.fixtures import run_as_owner
from tests.world import World


async def verified(world: World) -> Finding:
    async with world.database.transaction() as session:
        findings = {finding.school_id: finding async for finding in verify(session)}
    return findings[world.school.id]


async def write(world: World) -> None:
    """Three links: two marks, a correction of one."""
    work = await world.give_work()
    await world.set_mark("2", work)
    await world.set_mark("4", work)
    await world.set_mark("5")


async def test_every_statement_adds_a_link_and_the_chain_holds(world: World) -> None:
    await write(world)
    finding = await verified(world)
    assert (finding.holds, finding.links, finding.marks) == (True, 3, 3)


async def test_a_batch_is_one_link(world: World) -> None:
    students = await world.classmates(30)
    marks = [{"studentId": str(student), "value": "4"} for student in students]
    answer = await world.teacher.put(f"/v1/works/{await world.give_work()}/marks", {"marks": marks})
    assert answer.json()["changed"] == 30
    finding = await verified(world)
    assert (finding.holds, finding.links, finding.marks) == (True, 1, 30)


@pytest.mark.parametrize("statement", ["UPDATE mark_version SET value = '5'", "DELETE FROM mark_version",
                                       "TRUNCATE mark_version", "DELETE FROM attendance_version",
                                       "UPDATE final_version SET value = '5'"])  # fmt: skip
async def test_not_even_who_owns_the_table_rewrites_it(world: World, statement: str) -> None:
    await write(world)
    if "final" in statement:
        await run_as_owner(
            world,
            f"INSERT INTO final_version SELECT '{world.ivan}', '{world.school.mathematics}', gen_random_uuid(),"
            f" 'period', 1, '{world.school.id}', '4', NULL, NULL, '{world.teacher.id}', now()",
        )
    elif "attendance" in statement:
        entries = {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
        await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", entries)
    with pytest.raises(DBAPIError, match="append-only"):
        await run_as_owner(world, statement)


async def test_who_switches_the_guard_off_is_found_out(world: World) -> None:
    await write(world)
    off, on = (f"ALTER TABLE mark_version {way} TRIGGER USER" for way in ("DISABLE", "ENABLE"))
    await run_as_owner(world, off, "UPDATE mark_version SET value = '5' WHERE value = '2'", on)
    assert (await verified(world)).rewritten == 1
    await run_as_owner(world, off, "DELETE FROM mark_version WHERE version = 2", on)
    finding = await verified(world)
    assert (finding.missing, finding.holds) == (1, False)


async def test_a_chain_that_was_shortened_or_mended_does_not_hold(world: World) -> None:
    await write(world)
    await run_as_owner(world, f"DELETE FROM journal_link WHERE school_id = '{world.school.id}' AND link = 3")
    assert (await verified(world)).broken_at == 3
    await run_as_owner(world, f"UPDATE journal_head SET link = 2 WHERE school_id = '{world.school.id}'")
    assert (await verified(world)).broken_at == 3, "the head's hash is another"


async def test_the_chain_holds_when_a_row_and_its_salt_have_been_destroyed(world: World) -> None:
    await write(world)
    await run_as_owner(world, "SET ROLE diary_eraser", f"DELETE FROM mark_version WHERE student_id = '{world.ivan}'")
    finding = await verified(world)
    assert (finding.holds, finding.marks, finding.destroyed) == (True, 0, 3)
    await write(world)
    assert (await verified(world)).holds


async def test_the_application_is_no_eraser(world: World) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with world.database.transaction() as session:
            await session.execute(text("SET ROLE diary_eraser"))
