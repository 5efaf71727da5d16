"""Class lists, and attaching a child by code."""

from sqlalchemy import text

from tests.world import World


async def code_for(world: World, child: object) -> str:
    path = f"/v1/classes/{world.school.class_id}/students/{child}/attach-code"
    return str((await world.class_teacher.post(path)).json()["code"])


async def test_a_further_child_is_attached_by_code_once(world: World) -> None:
    code = await code_for(world, world.pyotr)
    attached = await world.mother.post("/v1/me/children", {"code": f" {code.upper()} "})
    assert (attached.status_code, attached.json()["givenName"]) == (201, "Пётр")
    assert (await world.mother.get(f"/v1/children/{world.pyotr}/day")).status_code == 200
    again = await world.father.post("/v1/me/children", {"code": code})
    assert (again.status_code, again.json()["code"]) == (409, "wrong-code")


async def test_a_code_expires_and_a_new_one_replaces_it(world: World) -> None:
    first = await code_for(world, world.pyotr)
    second = await code_for(world, world.pyotr)
    assert (await world.father.post("/v1/me/children", {"code": first})).status_code == 409
    world.clock.move(days=31)
    await world.reissue()
    assert (await world.father.post("/v1/me/children", {"code": second})).status_code == 409


async def test_a_child_that_one_has_is_not_attached_again(world: World) -> None:
    code = await code_for(world, world.ivan)
    answer = await world.mother.post("/v1/me/children", {"code": code})
    assert (answer.status_code, answer.json()["code"]) == (409, "child-already-attached")


async def test_a_code_of_another_class_is_not_issued(world: World) -> None:
    path = f"/v1/classes/{world.school.class_id}/students/{world.oleg}/attach-code"
    assert (await world.class_teacher.post(path)).status_code == 404


async def test_the_class_list_is_in_russian_order(world: World) -> None:
    async with world.database.transaction() as session:
        rename = text("UPDATE student SET family_name = :name WHERE id = :id")
        await session.execute(rename, {"name": "Ёлкин", "id": world.pyotr})
        await session.execute(rename, {"name": "Жуков", "id": world.ivan})
    students = (await world.class_teacher.get(f"/v1/classes/{world.school.class_id}/students")).json()["students"]
    assert [student["familyName"] for student in students] == ["Ёлкин", "Жуков"]
    assert [guardian["login"] for guardian in students[1]["guardians"]] == ["mother", "father"]


async def test_an_ended_guardianship_ends_at_once(world: World) -> None:
    async with world.database.transaction() as session:
        ends = text("UPDATE guardianship SET ends = :day WHERE account_id = :account")
        await session.execute(ends, {"day": world.today.replace(day=1), "account": world.father.id})
    assert (await world.father.get(f"/v1/children/{world.ivan}/day")).status_code == 404
    assert (await world.father.get("/v1/me")).json()["children"] == []
