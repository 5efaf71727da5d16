"""Counts the SQL statements of each operation of tests/test_wrong_person.py, as its first rightful caller.

`python -m tests.count_statements` writes tests/statements.json by a run of the counting test.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.test_wrong_person import OPERATIONS, filled, set_scene
from tests.world import World

PATH = Path(__file__).parent / "statements.json"
COUNTING = "COUNT_STATEMENTS"


async def counted(world: World, operation: str) -> int:
    """How many statements the operation takes in the world as it is."""
    allowed, method, template, body = OPERATIONS[operation]
    made = await set_scene(world, operation)
    asked: list[str] = []
    engine = world.database.engine.sync_engine

    def note(*args: Any) -> None:
        asked.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        someone = getattr(world, allowed[0])
        answer = await someone.call(method, filled(template, world, made), filled(body, world, made))
        assert answer.status_code in (200, 201, 204), answer.text
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def main() -> None:
    """Runs the counting test once; it writes what it counts."""
    test = "tests/test_statements.py::test_an_operation_takes_as_many_statements_as_it_should"
    folder = PATH.with_suffix(".counted")
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", test]
    subprocess.run(command, env=os.environ | {COUNTING: str(folder)}, check=False)  # noqa: S603 - our own interpreter
    numbers = {file.name: int(file.read_text()) for file in sorted(folder.iterdir())}
    PATH.write_text(json.dumps(numbers, indent=2) + "\n")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


if __name__ == "__main__":
    main()
