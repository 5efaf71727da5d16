"""What a feed may call people and things: by the ids of the import that brought them, or by ours."""

from typing import Any

from sqlalchemy import text

from backend.core.ids import new_id
from backend.exchange.oneroster import import_oneroster
from backend.school.models import SchoolRole
from tests.exchange.feeding import give_journal, work
from tests.exchange.files import one, packed, small_school
from tests.world import STARTS, World


async def import_school(world: World, source: str = "oneroster") -> None:
    """The small school of the import tests; the world's administrator works there, and its journal is `school`'s."""
    await import_oneroster(world.database, packed(small_school()), now=world.clock.now, source=source)
    school_id = await one(world.database, "SELECT id FROM school WHERE short_name = 'Школа № 1'")
    role = SchoolRole(account_id=world.administrator.id, school_id=school_id, role="administrator", starts=STARTS)
    await world.add(role)
    world.school.id = school_id


async def test_the_ids_of_the_roster_that_was_imported(world: World) -> None:
    await import_school(world)
    journal = await give_journal(world)
    imported: dict[str, Any] = {"group": "alg1", "subject": "alg", "teacher": "t1"}
    rows = {
        "lessons": [journal.lesson(**imported), journal.lesson("L2", **imported | {"group": "5a"})],
        "works": [work(teacher="t1"), work("W2", "L2", teacher="m1")],
        "marks": [journal.mark() | {"student": "u1"}, journal.mark("M2") | {"student": "u2"}],
    }
    # A whole class may be named, too; a mother teaches nothing; Сидорова is not in the group of algebra.
    assert await journal.outcomes(**rows) == {
        "lessons": ["created", "created"],
        "works": ["created", "unknown"],
        "marks": ["created", "not-in-group"],
    }
    names = "SELECT g.name, s.name, a.login FROM lesson l JOIN study_group g ON g.id = group_id"
    names += " JOIN subject s ON s.id = subject_id JOIN account a ON a.id = teacher_id WHERE l.school_id = :school"
    async with world.database.transaction() as session:
        found = (await session.execute(text(names), {"school": world.school.id})).all()
    assert sorted(map(tuple, found)) == [("5А", "Алгебра", "petrova"), ("Алгебра 1", "Алгебра", "petrova")]


async def test_the_ids_of_another_import_mean_nothing_unless_the_credential_says_so(world: World) -> None:
    await import_school(world, source="region")
    imported: dict[str, Any] = {"group": "5a", "subject": "alg", "teacher": "t1"}
    journal = await give_journal(world)
    assert await journal.outcomes(lessons=[journal.lesson(**imported)]) == {"lessons": ["unknown unknown unknown"]}
    journal = await give_journal(world, rosterSource="region")
    assert await journal.outcomes(lessons=[journal.lesson(**imported)]) == {"lessons": ["created"]}


async def test_a_lesson_of_our_timetable_is_named_by_our_id(world: World) -> None:
    journal = await give_journal(world)
    rows = {
        "works": [work(lesson=str(world.lesson))],
        "marks": [journal.mark()],
        "absences": [journal.absence(lesson=str(world.russian_lesson))],
        "homework": [journal.homework(lesson=str(world.lesson))],
    }
    assert set(map(tuple, (await journal.outcomes(**rows)).values())) == {("created",)}
    assert await journal.outcomes(works=[work("W2", str(new_id()))]) == {"works": ["unknown"]}
