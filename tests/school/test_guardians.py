"""The adults behind a child, as the school edits them; and an end that takes effect at once."""

from datetime import timedelta
from uuid import UUID

import httpx

from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset, run_as_owner
from tests.school.september import scalar
from tests.school.test_year_setup import conflict
from tests.world import Someone, World, errors


def guardians(child: UUID) -> str:
    return f"/v1/students/{child}/guardians"


async def link(world: World, who: Someone, child: UUID | None = None) -> str:
    items = (await world.deputy.get(guardians(child or world.ivan))).json()["items"]
    (found,) = (item["id"] for item in items if item["accountId"] == str(who.id))
    return f"/v1/guardianships/{found}"


async def add(world: World, who: Someone, child: UUID | None = None, **more: object) -> httpx.Response:
    return await who.post(guardians(child or world.ivan), {"kind": "other", "contactOrder": 3, **more})


PERSON = {"familyName": "Щукина", "givenName": "Анна", "phone": "8 (912) 345-67-89", "email": "anna@example.org"}


async def test_a_new_guardian_gets_a_login_and_the_phone_is_stored_as_one(world: World) -> None:
    made = await add(world, world.class_teacher, person=PERSON)
    guardian = made.json()
    assert (made.status_code, guardian["login"], guardian["phone"]) == (201, "shchukina.anna", "+79123456789")
    assert await scalar(world, "SELECT password_state FROM account WHERE id = :id", id=guardian["accountId"]) == "none"
    items = (await world.class_teacher.get(guardians(world.ivan))).json()["items"]
    assert [item["login"] for item in items] == ["mother", "father", "shchukina.anna"]


async def test_no_guardian_sees_anothers_phone(world: World) -> None:
    await add(world, world.deputy, person=PERSON)
    for who in (world.mother, world.student):
        assert (await who.get(guardians(world.ivan))).status_code == 404
        for path in ("/v1/me", f"/v1/children/{world.ivan}/week"):
            assert "79123456789" not in (await who.get(path)).text


async def test_all_that_is_wrong_with_a_guardian_is_named(world: World) -> None:
    person = {"familyName": "", "givenName": " ", "phone": "12", "email": "nobody"}
    answer = await add(world, world.deputy, person=person | {"familyName": "\t"})
    assert errors(answer) == {
        "/person/familyName": "required", "/person/givenName": "required", "/person/phone": "bad-phone",
        "/person/email": "bad-email",
    }  # fmt: skip
    assert errors(await add(world, world.deputy)) == {"/accountId": "account-or-person"}
    both = await add(world, world.deputy, accountId=str(world.neighbour.id), person=PERSON)
    assert errors(both) == {"/accountId": "account-or-person"}


async def test_a_known_person_is_linked_once(world: World) -> None:
    linked = await add(world, world.deputy, accountId=str(world.neighbour.id))
    assert linked.status_code == 201
    assert (await world.neighbour.get(f"/v1/children/{world.ivan}/week")).status_code == 200
    assert conflict(await add(world, world.deputy, accountId=str(world.neighbour.id))) == "already-guardian"
    own = await add(world, world.deputy, accountId=str(world.student.id))
    stranger = await add(world, world.deputy, accountId=str(world.stranger.id))
    assert errors(own) == errors(stranger) == {"/accountId": "unknown-person"}


async def test_a_class_teacher_links_parents_of_the_own_class_only(world: World) -> None:
    """With the link comes the right to issue a password: nobody makes such a right for themselves."""
    for who in (world.deputy, world.former, world.stranger):
        assert errors(await add(world, world.class_teacher, accountId=str(who.id))) == {"/accountId": "unknown-person"}
    assert (await add(world, world.class_teacher, accountId=str(world.neighbour.id))).status_code == 201


async def test_a_court_restriction_ends_the_link_at_once_and_silently(
    world: World, standin: Standin, worker: Worker
) -> None:
    phone = await give_handset(world, standin, world.father)
    await world.set_mark("2")
    await deliver(worker)
    assert len(phone.texts()) == 1
    before = await alert_count(world)
    ended = await world.deputy.patch(await link(world, world.father), {"ends": str(world.today - timedelta(days=1))})
    assert ended.status_code == 200
    await deliver(worker)
    world.clock.move(seconds=5)
    await deliver(worker)
    assert await alert_count(world) == before
    assert phone.screen().texts() == []
    assert (await world.father.get("/v1/me")).json()["children"] == []
    assert (await world.father.get("/v1/alerts")).json()["items"] == []
    assert (await world.father.get(f"/v1/children/{world.ivan}/week")).status_code == 404
    await world.set_mark("5")
    await deliver(worker)
    assert phone.texts() == ["Иван: новая оценка | Математика: 2", " | "]


async def alert_count(world: World) -> int:
    return int(await run_as_owner(world, "SELECT count(*) FROM alert"))


async def test_a_link_made_by_mistake_today_ends_today(world: World) -> None:
    await add(world, world.deputy, accountId=str(world.neighbour.id))
    path = await link(world, world.neighbour)
    assert errors(await world.deputy.patch(path, {"ends": "2026-09-01"})) == {"/ends": "in-the-past"}
    yesterday = {"ends": str(world.today - timedelta(days=1))}
    assert (await world.deputy.patch(path, yesterday)).status_code == 200
    assert (await world.neighbour.get(f"/v1/children/{world.ivan}/week")).status_code == 404
    assert conflict(await world.deputy.patch(path, {"ends": None})) == "guardianship-ended"
    assert (await add(world, world.class_teacher, accountId=str(world.neighbour.id))).status_code == 403
    assert (await add(world, world.deputy, accountId=str(world.neighbour.id))).status_code == 201


async def test_a_class_teacher_changes_what_is_not_an_end(world: World) -> None:
    path = await link(world, world.father)
    changed = await world.class_teacher.patch(path, {"fileAbsence": False, "contactOrder": 5, "kind": "father"})
    assert (changed.json()["fileAbsence"], changed.json()["contactOrder"]) == (False, 5)
    day = str(world.today + timedelta(days=1))
    notice = {"firstDay": day, "lastDay": day, "reason": "illness"}
    assert (await world.father.post(f"/v1/children/{world.ivan}/absence-notices", notice)).status_code == 404
    for end in ({"ends": day}, {"view": False}):
        refused = await world.class_teacher.patch(path, end)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_guardian_who_may_not_view_sees_nothing(world: World) -> None:
    path = await link(world, world.father)
    assert (await world.deputy.patch(path, {"view": False})).status_code == 200
    assert (await world.father.get(f"/v1/children/{world.ivan}/week")).status_code == 404
    assert (await world.deputy.patch(path, {"view": True})).status_code == 200
    assert (await world.father.get(f"/v1/children/{world.ivan}/week")).status_code == 200
