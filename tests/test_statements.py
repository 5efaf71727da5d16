"""How many SQL statements an operation takes is meant: a changed number is read in the diff, and no read's number grows
with the class.

`python -m tests.count_statements` writes tests/statements.json anew. The diary's day and week are read on the driver,
by one statement (docs/decisions/0015-diary-read.md), and count as 0 here.
"""

import json
import os
from pathlib import Path

import pytest

from tests.count_statements import COUNTING, PATH, counted
from tests.test_wrong_person import OPERATIONS
from tests.world import World

KNOWN: dict[str, int] = json.loads(PATH.read_text())
READS = sorted(name for name, (_, method, _, _) in OPERATIONS.items() if method == "GET")


def test_every_operation_has_its_number() -> None:
    assert set(KNOWN) == set(OPERATIONS)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_an_operation_takes_as_many_statements_as_it_should(world: World, operation: str) -> None:
    number = await counted(world, operation)
    if folder := os.environ.get(COUNTING):
        (Path(folder) / operation).write_text(str(number))
    else:
        assert number == KNOWN[operation]


@pytest.mark.parametrize("operation", READS)
async def test_a_read_takes_no_more_statements_for_a_larger_class(world: World, operation: str) -> None:
    students = await world.classmates(12)
    work = await world.give_work()
    marks = [{"studentId": str(student), "value": "4"} for student in students]
    await world.teacher.put(f"/v1/works/{work}/marks", {"marks": marks})
    entries = [{"studentId": str(student), "code": "absent"} for student in students]
    await world.teacher.put(f"/v1/lessons/{world.lesson}/attendance", {"entries": entries})
    # Beside it, a fuller class may raise a question that an empty one does not; but not one for each child.
    assert await counted(world, operation) <= KNOWN[operation] + 2
