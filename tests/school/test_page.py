"""A school's own page."""

from typing import Any

import pytest

from tests.world import World

PAGE: dict[str, Any] = {
    "address": "ул. Примерная, 5",
    "phones": ["8 (495) 000-00-00", "+7 495 000 00 01"],
    "email": "school@school.example",
    "site": "https://school.example/5",
    "hours": "пн–пт 8:00–19:00",
    "contacts": [
        {"name": "Ирина Петрова", "role": "завуч", "phone": "8 495 000-00-02"},
        {"name": "Охрана", "role": "пост", "phone": None},
    ],
}


def path(world: World) -> str:
    return f"/v1/schools/{world.school.id}/page"


async def test_whoever_belongs_to_the_school_reads_it(world: World) -> None:
    assert (await world.director.put(path(world), PAGE)).status_code == 200
    for reader in (world.mother, world.student, world.teacher, world.neighbour):
        page = (await reader.get(path(world))).json()
        assert page == PAGE | {
            "schoolId": str(world.school.id),
            "shortName": "Школа № 5",
            "fullName": "Школа № 5",
            "phones": ["+74950000000", "+74950000001"],
            "contacts": [PAGE["contacts"][0] | {"phone": "+74950000002"}, PAGE["contacts"][1]],
        }
    assert (await world.stranger.get(path(world))).status_code == 404


async def test_what_is_left_out_is_removed(world: World) -> None:
    await world.director.put(path(world), PAGE)
    await world.administrator.put(path(world), {"phones": PAGE["phones"][1:]})
    page = (await world.mother.get(path(world))).json()
    assert (page["phones"], page["contacts"], page["site"]) == (["+74950000001"], [], None)


async def test_phones_and_links_that_are_none_are_named_at_once(world: World) -> None:
    contacts = [{"name": "Охрана", "role": "пост", "phone": "пост 1"}]
    wish = {"phones": ["+74950000000", "12"], "site": "javascript:alert(1)", "email": "школа", "contacts": contacts}
    answer = await world.deputy.put(path(world), wish)
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "/phones/1": "bad-phone", "/contacts/0/phone": "bad-phone", "/site": "bad-link", "/email": "bad-email",
    }  # fmt: skip
    assert (await world.mother.get(path(world))).json()["phones"] == []


@pytest.mark.parametrize(
    "site", ["school.example", "ftp://school.example", "https://", "https://school", "https://a.b:99999",
             "https://name@school.example", "https://school.example/a b", "https://[::1"],
)  # fmt: skip
async def test_what_is_no_link(world: World, site: str) -> None:
    answer = await world.deputy.put(path(world), {"site": site})
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/site", "bad-link")]
